"""What operators may do with the ledger of work."""

from uuid import UUID

from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.ledger import queries, ring
from services.core.ledger.events import TaskRequeued
from services.core.ledger.record import record


async def requeue(session: Session, actor: Actor, task_id: UUID) -> None:
    """Make a dead task due again; 409 when it is not dead, so that no running work is disturbed."""
    queue = await queries.requeue(session, task_id)
    if queue is None:
        raise Problem("conflict", "Only a dead task is requeued.")
    record(session, actor, TaskRequeued(subject_id=task_id))
    ring.after_commit(session, queue)
