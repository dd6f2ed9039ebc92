"""What the reviews room tells a practice. Nothing here moves what its author sees but the two steps of its status."""

from uuid import UUID

from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.ledger.record import record
from services.core.practices import queries
from services.core.practices.events import PracticeDecided, PracticeReviewBegun
from services.core.practices.rules import OUTCOMES
from services.core.practices.states import PRACTICE


async def begin_review(session: Session, actor: Actor, practice_id: UUID) -> None:
    """The assignment of reviewers to an assessed practice has started."""
    row = await queries.load(session, practice_id, lock=True)
    call = await queries.load_call(session, row.call_id)
    before, row.status = row.status, PRACTICE.next(row.status, "begin_review")
    event = PracticeReviewBegun(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=call.community_id,
        call_id=row.call_id,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, actor, event)


async def flag_needs_decision(session: Session, practice_id: UUID, value: bool) -> None:  # noqa: FBT001  the flag is the subject
    """Say that the reviews do not decide (or that people have). Its author sees no change, not even of version or time."""
    await queries.set_needs_decision(session, practice_id, needed=value)


async def release(session: Session, actor: Actor, practice_id: UUID, *, outcome: str, reason: str | None) -> None:
    """Publish a decision: recognised, commended, declined or revise. 409 ``invalid-transition`` unless it is in review."""
    row = await queries.load(session, practice_id, lock=True)
    call = await queries.load_call(session, row.call_id)
    before, row.status = row.status, PRACTICE.next(row.status, OUTCOMES[outcome])
    row.needs_decision = False
    event = PracticeDecided(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=call.community_id,
        call_id=row.call_id,
        number=row.submission,
        outcome=outcome,
        reason=reason,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, actor, event)
