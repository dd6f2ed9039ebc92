"""Asking someone to review: what every request begins with, and what it becomes when its letter is made."""

from datetime import datetime
from uuid import UUID

from services.core.kit.actor import SYSTEM, Actor
from services.core.kit.db import Session
from services.core.kit.tokens import digest, new_token
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task
from services.core.reviews import queries
from services.core.reviews.events import ReviewInvited, ReviewRequested
from services.core.reviews.models import ReviewLink, ReviewRequest
from services.core.reviews.states import REQUEST


def ask(session: Session, actor: Actor, row: ReviewRequest) -> None:
    """Store a new request, say that it was made (its letter follows), and remember when it lapses."""
    session.add(row)
    asked = ReviewRequested(subject_id=row.id, practice_id=row.practice_id, call_id=row.call_id, round=row.round)
    record(session, actor, asked)
    expire_later(session, row.id, row.answer_due_at)


def expire_later(session: Session, request_id: UUID, answer_due_at: datetime) -> None:
    """Look at a request when its answer is due: silence ends it then."""
    key = f"expire:{request_id}:{answer_due_at.isoformat()}"
    schedule(
        session,
        Task(queue="reviews", handler="reviews.expire_request", dedupe_key=key, payload={"id": request_id}, due_at=answer_due_at),
    )


def wait_for_reviews(session: Session, practice_id: UUID, round_: int, review_due_at: datetime) -> None:
    """Look at a practice again when its reviews are due: what is there by then decides."""
    key = f"due:{practice_id}:{round_}:{review_due_at.isoformat()}"
    payload = {"practice_id": practice_id, "round": round_}
    schedule(session, Task(queue="reviews", handler="reviews.due", dedupe_key=key, payload=payload, due_at=review_due_at))


def assign_later(session: Session, call_id: UUID, why: str) -> None:
    """Queue one assignment of a call; ``why`` makes it this one and no other."""
    schedule(session, Task(queue="reviews", handler="reviews.assign", dedupe_key=f"assign:{call_id}:{why}", payload={"call_id": call_id}))


async def mint_link(session: Session, request_id: UUID) -> str:
    """A fresh secret for the link in a reviewer's letter; it is stored as SHA-256 only, so it exists nowhere else."""
    token = new_token()
    session.add(ReviewLink(token_hash=digest(token), request_id=request_id))
    await session.flush()
    return token


async def mark_invited(session: Session, request_id: UUID) -> None:
    """The letter with the request is on its way. Nothing happens when the request was answered or called off meanwhile."""
    row = await queries.lock_request(session, request_id)
    if row.status != "pending":
        return
    row.status = REQUEST.next(row.status, "send")
    before, after = {"status": "pending"}, {"status": row.status}
    invited = ReviewInvited(subject_id=row.id, practice_id=row.practice_id, call_id=row.call_id, before=before, after=after)
    record(session, SYSTEM, invited)
