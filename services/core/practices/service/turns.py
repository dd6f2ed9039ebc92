"""A call goes from one status to the next, by hand or by the clock, through one gate."""

from datetime import datetime
from uuid import UUID

from services.core.kit import clock
from services.core.kit.actor import SYSTEM, Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.versions import check_version
from services.core.ledger.record import record
from services.core.practices import queries
from services.core.practices.events import CallStatusChanged
from services.core.practices.models import Call
from services.core.practices.schemas import CallTransition
from services.core.practices.service.calls import must_run
from services.core.practices.states import CALL


async def take_call_step(session: Session, actor: Actor, call_id: UUID, given: CallTransition, version: int | None = None) -> None:
    """Take a step by hand.

    Opening before `opens_at` moves `opens_at` to now, so that practices are accepted from now on; opening after
    `closes_at` is refused (409 ``deadline-passed``).
    """
    row = await queries.load_call(session, call_id, lock=True)
    must_run(actor, row.community_id, hidden=row.status == "draft")
    check_version(row.version, version)
    CALL.next(row.status, given.action)
    if given.action == "open":
        now = await clock.now(session)
        if row.closes_at <= now:
            raise Problem("deadline-passed", "closes_at has passed: set a later one before you open the call.")
        row.opens_at = min(row.opens_at, now)
    _go(session, actor, row, given.action, given.reason)


async def open_when_due(session: Session, call_id: UUID, at: datetime) -> None:
    """The clock opens a draft whose `opens_at` is still ``at``; else it was opened already, or its date was changed."""
    row = await queries.load_call(session, call_id, lock=True)
    if row.status == "draft" and row.opens_at == at:
        _go(session, SYSTEM, row, "open", "opens_at was reached")


async def close_when_due(session: Session, call_id: UUID, at: datetime) -> None:
    """The clock closes an open call whose `closes_at` is still ``at``."""
    row = await queries.load_call(session, call_id, lock=True)
    if row.status == "open" and row.closes_at == at:
        _go(session, SYSTEM, row, "close", "closes_at was reached")


def _go(session: Session, actor: Actor, row: Call, action: str, reason: str | None) -> None:
    before, row.status = row.status, CALL.next(row.status, action)
    event = CallStatusChanged(
        subject_id=row.id,
        community_id=row.community_id,
        action=action,
        reason=reason,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, actor, event)
