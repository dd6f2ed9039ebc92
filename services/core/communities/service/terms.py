"""The end of a community's term: a task for its day, which ends what is in force then.

After it nobody joins any more (409 ``term-over``); extending the term opens the community again, and revives nobody.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.core.communities import queries
from services.core.communities.service.steps import advance
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.ledger.record import schedule
from services.core.ledger.task import Task

REASON = "the term is over"
GROUP = 500
"""Memberships that one transaction ends; the rest is the next task's, so a worker that dies loses one group at most."""


def ends_at(ends_on: date) -> datetime:
    """The instant at which a term is over: its last day has ended in UTC."""
    return datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=UTC) + timedelta(days=1)


def schedule_end(session: Session, community_id: UUID, ends_on: date, key: UUID, due_at: datetime | None = None) -> None:
    """Write the task that ends the term; ``key`` is what it follows from. Once the term ends on another day, it does nothing."""
    handler = "memberships.end_term"
    payload = {"id": community_id, "ends_on": ends_on}
    schedule(session, Task(queue="memberships", handler=handler, dedupe_key=f"{handler}:{key}", payload=payload, due_at=due_at))


async def end_term(session: Session, community_id: UUID, ends_on: date) -> None:
    """Expire what is active or suspended in the community, a group at a time; nothing when its term ends on another day now."""
    community = await queries.load_community(session, community_id, lock="write")
    if community.ends_on != ends_on:
        return
    rows = await queries.in_force(session, community_id, GROUP)
    for row in rows:
        await advance(session, SYSTEM, row, "expire", REASON)
    if len(rows) == GROUP:
        schedule_end(session, community_id, ends_on, rows[-1].id)
