"""Questions to the ledger: the tasks that people must look at."""

from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.types import DateTime, Text, Uuid

from services.core.kit.statements import Statement, json_view, utc
from services.core.ledger.models import TaskRow

_VIEW = json_view(
    {
        "id": TaskRow.id,
        "queue": TaskRow.queue,
        "handler": TaskRow.handler,
        "payload": TaskRow.payload,
        "state": TaskRow.state,
        "attempts": TaskRow.attempts,
        "max_attempts": TaskRow.max_attempts,
        "due_at": utc(TaskRow.due_at),
        "last_error": TaskRow.last_error,
        "created_at": utc(TaskRow.created_at),
        "done_at": utc(TaskRow.done_at),
        "dead_at": utc(TaskRow.dead_at),
    }
)
_AFTER = tuple_(TaskRow.created_at, TaskRow.id) > tuple_(
    bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)
)
TASKS = Statement(
    select(_VIEW.label("body"), TaskRow.created_at, TaskRow.id)
    .where(TaskRow.state == bindparam("state", type_=Text), _AFTER)
    .order_by(TaskRow.created_at, TaskRow.id)
    .limit(bindparam("limit"))
)
TASK = Statement(select(_VIEW.label("body")).where(TaskRow.id == bindparam("id", type_=Uuid)))


async def task(connection: "asyncpg.Connection[asyncpg.Record]", task_id: UUID) -> str | None:
    """One task as JSON text."""
    body: Any = await TASK.value(connection, id=task_id)
    return None if body is None else str(body)
