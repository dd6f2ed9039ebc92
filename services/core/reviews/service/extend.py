"""Following a call that was extended: whoever was asked has the time that the call gives now."""

from datetime import datetime
from uuid import UUID

from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.ledger.record import record
from services.core.reviews import queries
from services.core.reviews.deadlines import in_force
from services.core.reviews.events import ReviewExtended
from services.core.reviews.models import ReviewRequest
from services.core.reviews.queries import Behind, Standing
from services.core.reviews.service.asking import expire_later, wait_for_reviews


async def follow_extension(session: Session, call_id: UUID) -> None:
    """Move the dates of a call's requests that still wait to the call's, where those are later, and look at them again then.

    What has ended stays ended: a request that lapsed before the extension is not asked again. A date that somebody was told
    never comes nearer, so that who was asked late keeps the days to think.
    """
    await queries.lock_practices(session, call_id)
    for practice in await queries.in_review(session, call_id):
        wait_for_reviews(session, practice.practice_id, practice.round, practice.review_due_at)
    requests = await queries.behind(session, call_id)
    if not requests:
        return
    await queries.move_dates(session, requests)
    for each in requests:
        record(session, SYSTEM, _extended(each, call_id))
        if each.status in ("pending", "invited"):
            expire_later(session, each.id, each.later_answer_due_at)


def answer_by(standing: Standing, row: ReviewRequest) -> datetime:
    """Until when a request may be answered, and the answer changed."""
    return in_force(row.answer_due_at, standing.answer_due_at, is_waiting=_is_waiting(standing, row))


def review_by(standing: Standing, row: ReviewRequest) -> datetime:
    """Until when the review may be written."""
    return in_force(row.review_due_at, standing.review_due_at, is_waiting=_is_waiting(standing, row))


def _is_waiting(standing: Standing, row: ReviewRequest) -> bool:
    return row.status in queries.FOLLOWS and row.round == standing.round


def _extended(each: Behind, call_id: UUID) -> ReviewExtended:
    return ReviewExtended(
        subject_id=each.id,
        practice_id=each.practice_id,
        call_id=call_id,
        before={"answer_due_at": each.answer_due_at, "review_due_at": each.review_due_at},
        after={"answer_due_at": each.later_answer_due_at, "review_due_at": each.later_review_due_at},
    )
