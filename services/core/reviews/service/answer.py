"""Answering a request: accepting, declining, changing one's mind; by the link in the letter, or by the secretariat."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.tokens import digest, new_token
from services.core.kit.versions import check_version
from services.core.ledger.record import record
from services.core.reviews import queries
from services.core.reviews.events import ReviewAccepted, ReviewDeclined, ReviewOpened
from services.core.reviews.models import ReviewRequest, ReviewSession
from services.core.reviews.queries import Standing
from services.core.reviews.schemas import RequestTransition
from services.core.reviews.service.asking import assign_later
from services.core.reviews.service.consider import consider
from services.core.reviews.service.extend import answer_by, review_by
from services.core.reviews.states import REQUEST

GONE = 410
SAME = {"accept": "accepted", "decline": "declined"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A review session: its secret exists nowhere else."""

    request_id: UUID
    secret: str
    expires_at: datetime


async def answer_by_link(session: Session, token: str, given: RequestTransition, version: int | None = None) -> Opened | None:
    """What the holder of a link answers. Accepting opens a review session.

    The same answer again changes nothing. A repeated acceptance opens another session only while no word of the review is
    stored: a forwarded link must not lead to what somebody else wrote. After the deadline: 410 ``deadline-passed``.
    """
    link = await queries.linked(session, token)
    if given.action == "accept" and link.comes_too_late:
        raise _place_taken()
    standing = await queries.lock_standing(session, link.practice_id)
    row = await queries.lock_request(session, link.request_id)
    _must_be_in_time(standing, row, given.action, status=GONE)
    check_version(row.version, version)
    actor = reviewer(row)
    if row.status == SAME[given.action]:
        if given.action == "decline" or await queries.review_of(session, row.id) is not None:
            return None
        record(session, actor, ReviewOpened(subject_id=row.id, practice_id=row.practice_id, call_id=row.call_id))
        return _open(session, row, review_by(standing, row))
    await _answer(session, actor, standing, row, given)
    return _open(session, row, review_by(standing, row)) if given.action == "accept" else None


async def answer_for(session: Session, actor: Actor, request_id: UUID, given: RequestTransition, version: int | None = None) -> None:
    """What the secretariat enters for a reviewer who wrote or called; the reason is kept with it."""
    practice_id = await queries.practice_of(session, request_id)
    standing = await queries.lock_standing(session, practice_id)
    row = await queries.lock_request(session, request_id)
    check_version(row.version, version)
    _must_be_in_time(standing, row, given.action)
    if row.status != SAME[given.action]:
        await _answer(session, actor, standing, row, given)


def reviewer(row: ReviewRequest) -> Actor:
    """Who acts by a link, named by the request: who that is, only the request's own row knows."""
    return Actor(kind="reviewer", id=str(row.id), via="link")


async def _answer(session: Session, actor: Actor, standing: Standing, row: ReviewRequest, given: RequestTransition) -> None:
    before = row.status
    if row.status == "pending":  # the letter has reached its reader before we know that it was sent
        row.status = REQUEST.next(row.status, "send")
    after = REQUEST.next(row.status, given.action)
    if given.action == "accept":
        await _must_have_room(session, standing, row)
    row.status = after
    row.answers += 1
    row.answered_at = standing.now
    row.decline_reason = given.reason if given.action == "decline" else None
    kind = ReviewAccepted if given.action == "accept" else ReviewDeclined
    said = kind(
        subject_id=row.id,
        practice_id=row.practice_id,
        call_id=row.call_id,
        answer=row.answers,
        reason=given.reason,
        before={"status": before},
        after={"status": after},
    )
    record(session, actor, said)
    await session.flush()
    if given.action == "decline":
        await _leave(session, row)
        await consider(session, row.practice_id)
    elif standing.is_held_back:
        assign_later(session, row.call_id, f"{row.id}:{row.answers}")


async def _leave(session: Session, row: ReviewRequest) -> None:
    """Who declines takes the draft along: no session stays open, and nobody who accepts by the same link later reads it."""
    await queries.close_sessions(session, row.id)
    draft = await queries.review_of(session, row.id)
    if draft is not None:
        await session.delete(draft)
        await session.flush()


def _must_be_in_time(standing: Standing, row: ReviewRequest, action: str, *, status: int | None = None) -> None:
    """An answer is due by `answer_due_at`; whoever has accepted may still decline until `review_due_at`."""
    is_late_refusal = action == "decline" and row.status == "accepted"
    if standing.now >= (review_by(standing, row) if is_late_refusal else answer_by(standing, row)):
        raise Problem("deadline-passed", "The time to answer this request is over.", status=status)


async def _must_have_room(session: Session, standing: Standing, row: ReviewRequest) -> None:
    """The guards of an acceptance, checked while nobody else can pass them."""
    if not standing.is_reviewed or standing.taken >= standing.reviewers_per_practice:
        raise _place_taken()
    desk = await queries.lock_desk(session, standing, row.person_id)
    if desk.is_conflicted or row.jurisdiction_id == standing.jurisdiction_id:
        raise Problem("conflict-of-interest", "You speak for the jurisdiction whose practice this is.")
    if desk.in_call >= standing.max_load or desk.accepted >= desk.own_cap:
        raise Problem("load-cap", "You have accepted as many reviews as one person may have at once.")


def _place_taken() -> Problem:
    return Problem("place-taken", "Enough reviewers have accepted this practice. Thank you for your willingness.")


def _open(session: Session, row: ReviewRequest, expires_at: datetime) -> Opened:
    opened = Opened(row.id, new_token(), expires_at)
    session.add(ReviewSession(session_hash=digest(opened.secret), request_id=row.id, expires_at=opened.expires_at))
    return opened
