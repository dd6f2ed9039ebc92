"""Requests that end without an answer: called off, or past their deadline."""

from uuid import UUID

from services.core.kit.actor import SYSTEM, Actor
from services.core.kit.db import Session
from services.core.ledger.record import record
from services.core.reviews import queries
from services.core.reviews.events import ReviewCancelled, ReviewExpired
from services.core.reviews.models import ReviewRequest
from services.core.reviews.service.asking import expire_later
from services.core.reviews.service.extend import answer_by
from services.core.reviews.states import REQUEST


async def call_off_open(session: Session, actor: Actor, practice_id: UUID, reason: str) -> None:
    """Call off every request of a practice that waits for an answer or a review; the caller holds the practice's lock."""
    for row in await queries.lock_open_requests(session, practice_id):
        end(session, actor, row, "cancel", reason)
    await session.flush()


async def call_off(session: Session, practice_id: UUID) -> None:
    """Call off all requests of a practice that its author took back."""
    standing = await queries.lock_standing(session, practice_id)
    if standing.status == "withdrawn":
        await call_off_open(session, SYSTEM, practice_id, "The practice was withdrawn.")


async def expire_request(session: Session, request_id: UUID) -> None:
    """End a request that nobody answered by its deadline; an alternate is asked then. In an extended call it lapses later."""
    standing = await queries.lock_standing(session, await queries.practice_of(session, request_id))
    row = await queries.lock_request(session, request_id)
    if row.status not in ("pending", "invited"):
        return
    due_at = answer_by(standing, row)
    if standing.now < due_at:
        expire_later(session, row.id, due_at)
    else:
        end(session, SYSTEM, row, "expire", "no answer by the deadline")


async def expire_open(session: Session, practice_id: UUID) -> None:
    """End every request of a practice whose reviews are due; the caller holds the practice's lock."""
    for row in await queries.lock_open_requests(session, practice_id):
        why = "no review by the deadline" if row.status == "accepted" else "no answer by the deadline"
        end(session, SYSTEM, row, "expire", why)
    await session.flush()


def end(session: Session, actor: Actor, row: ReviewRequest, action: str, reason: str) -> None:
    """One request ends; whoever held its review session cannot use it any more, since the state forbids it."""
    before, row.status = row.status, REQUEST.next(row.status, action)
    kind = ReviewCancelled if action == "cancel" else ReviewExpired
    ended = kind(
        subject_id=row.id,
        practice_id=row.practice_id,
        call_id=row.call_id,
        reason=reason,
        before={"status": before},
        after={"status": row.status},
    )
    record(session, actor, ended)
