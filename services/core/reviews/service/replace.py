"""Asking the next alternate in the place of someone who declined or stayed silent."""

from uuid import UUID

from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.ledger.record import record
from services.core.reviews import queries
from services.core.reviews.deadlines import answer_due
from services.core.reviews.events import ReviewReplaced
from services.core.reviews.models import Alternate, ReviewRequest
from services.core.reviews.queries import Standing
from services.core.reviews.service.asking import ask, assign_later


async def replace(session: Session, request_id: UUID) -> UUID | None:
    """Ask the best alternate in the place of a request; the new request's id, or None when nobody is to be asked now.

    The one who declined may still accept again while a place is free. When the alternates of the last run are used up,
    the call is assigned anew.
    """
    standing = await queries.lock_standing(session, await queries.practice_of(session, request_id))
    old = await queries.lock_request(session, request_id)
    if not standing.is_short or standing.now >= standing.review_due_at or old.round != standing.round:
        return None
    alternate = await queries.next_alternate(session, standing)
    if alternate is None:
        assign_later(session, standing.call_id, f"{old.id}:{old.answers}:{old.status}")
        return None
    record(session, SYSTEM, ReviewReplaced(subject_id=old.id, practice_id=old.practice_id, call_id=old.call_id, reason=old.decline_reason))
    row = await _request(session, standing, alternate)
    ask(session, SYSTEM, row)
    await session.delete(alternate)
    return row.id


async def _request(session: Session, standing: Standing, alternate: Alternate) -> ReviewRequest:
    who = await queries.speaker(session, alternate.representative_id)
    return ReviewRequest(
        id=new_id(),
        practice_id=standing.practice_id,
        call_id=standing.call_id,
        run_id=alternate.run_id,
        round=standing.round,
        person_id=who.person_id,
        representative_id=alternate.representative_id,
        jurisdiction_id=who.jurisdiction_id,
        status="pending",
        score=alternate.score,
        parts=alternate.parts,
        reasons=alternate.reasons,
        constraints=alternate.constraints,
        answer_due_at=answer_due(standing.answer_due_at, standing.review_due_at, standing.now),
        review_due_at=standing.review_due_at,
        time_zone=who.time_zone,
    )
