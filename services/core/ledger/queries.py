"""Questions to the ledger: the tasks that people must look at."""

from uuid import UUID

from sqlalchemy import Text, Uuid, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.listing import Listing
from services.core.kit.statements import Statement, json_view, param, utc
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
TASKS = Listing(
    "tasks",
    TaskRow,
    _VIEW,
    filters={"state": TaskRow.state == param("state", Text), "queue": TaskRow.queue == param("queue", Text)},
)
TASK = Statement(select(_VIEW.label("body"), func.coalesce(TaskRow.attempts, 0).label("version")).where(TaskRow.id == param("id", Uuid)))


async def requeue(session: AsyncSession, task_id: UUID) -> str | None:
    """Make a dead task due again, with its attempts counted anew; the queue, or None when there is no such dead task."""
    again = (
        update(TaskRow)
        .where(TaskRow.id == task_id, TaskRow.state == "dead")
        .values(state="pending", attempts=0, due_at=DOMAIN_NOW, dead_at=None, lease_token=None, lease_until=None)
        .returning(TaskRow.queue)
    )
    return (await session.execute(again)).scalar_one_or_none()
