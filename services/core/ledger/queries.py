"""Questions to the ledger: the tasks that people must look at, and the jobs that they wait for."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, and_, case, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import CODES
from services.core.kit.listing import Listing
from services.core.kit.statements import Statement, json_text, json_view, param, utc
from services.core.ledger.models import JobRow, TaskRow

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


_died_at = select(TaskRow.dead_at).where(TaskRow.dedupe_key == JobRow.task_key, TaskRow.state == "dead").correlate(JobRow).scalar_subquery()
_has_died = and_(JobRow.status.in_(("queued", "running")), _died_at.is_not(None))
_has_failed = or_(JobRow.problem.is_not(None), _has_died)
_has_ended = or_(JobRow.finished_at.is_not(None), _has_died)
_died = {
    "code": "internal-error", "title": CODES["internal-error"].title, "status": 500, "errors": [],
    "detail": "A part of this job failed again and again. What the parts before it did stays; the operators see it, and may set it going.",
}  # fmt: skip
JOB = Statement(
    select(
        json_view(
            {
                "id": JobRow.id,
                "kind": JobRow.kind,
                "status": case((_has_died, "failed"), else_=JobRow.status),
                "progress": func.jsonb_build_object("done", JobRow.done, "total", JobRow.total),
                "result_url": case((_has_ended, JobRow.result_url)),
                "created_at": utc(JobRow.created_at),
                "started_at": utc(JobRow.started_at),
                "finished_at": utc(case((JobRow.finished_at.is_(None) & _has_died, _died_at), else_=JobRow.finished_at)),
            },
            optional={"problem": (_has_failed, func.coalesce(JobRow.problem, json_text(_died)))},
        ).label("body"),
        _has_ended.label("has_ended"),
        cast(JobRow.params, Text).label("params"),
        cast(JobRow.outcome, Text).label("outcome"),
        JobRow.kind,
    ).where(
        JobRow.id == param("id", Uuid),
        or_(JobRow.principal == param("principal", Text), param("sees_all", Boolean)),
    )
)


def jobs_seen_by(actor: Actor) -> dict[str, Any]:
    """Whose jobs ``actor`` sees: their own, and everybody's where they are an operator."""
    return {"principal": actor.principal, "sees_all": actor.everywhere("operations")}
