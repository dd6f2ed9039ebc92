"""Writing a review: drafts as often as one likes, one final review, and what follows from it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from uuid import UUID

from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import FieldError, Problem
from services.core.kit.ids import new_id
from services.core.kit.versions import check_version
from services.core.ledger.record import record
from services.core.practices import rubric
from services.core.reviews import queries, rules
from services.core.reviews.events import ReviewDrafted, ReviewSubmitted
from services.core.reviews.models import Review, ReviewRequest
from services.core.reviews.queries import Standing
from services.core.reviews.schemas import ReviewPut
from services.core.reviews.service.answer import reviewer
from services.core.reviews.service.consider import consider
from services.core.reviews.service.extend import review_by
from services.core.reviews.states import REQUEST

SESSION_NEEDED = "Reading and writing a review needs the session that accepting the request opened."
Version = Callable[[], int | None]
"""Answers the version that the caller has read; raises 428 where the caller did not say."""


async def request_in_session(session: Session, token: str, secret: str | None) -> UUID:
    """The request whose review the holder of a link and a review session may read; 404 for the link, 403 for the session."""
    link = await queries.linked(session, token)
    ends = await queries.session_end(session, link.request_id, secret) if secret else None
    if ends is None or await clock.now(session) >= ends:
        raise Problem("review-session-needed", SESSION_NEEDED)
    return link.request_id


async def write_by_link(session: Session, token: str, secret: str | None, given: ReviewPut, version: Version) -> UUID:
    """Store the draft or the final review of whoever holds a link and its review session; the id of the request.

    409: ``review-final`` (a final review is never changed), ``deadline-passed``, ``conflict-of-interest``, or the state.
    The first version needs no ``version``; 422 names each score that does not fit the call's rubric.
    """
    link = await queries.linked(session, token)
    if not secret or await queries.session_end(session, link.request_id, secret) is None:
        raise Problem("review-session-needed", SESSION_NEEDED)
    standing = await queries.lock_standing(session, link.practice_id)
    row = await queries.lock_request(session, link.request_id)
    known = await queries.review_of(session, row.id)
    if known is not None and known.final:
        raise Problem("review-final", "You have handed in this review; it cannot be changed.")
    if standing.now >= review_by(standing, row):
        raise Problem("deadline-passed", "The time to review this practice is over.")
    after = REQUEST.next(row.status, "submit")
    if known is not None:
        check_version(known.version, version())
    await _must_have_no_conflict(session, standing, row)
    weights = rubric.load(standing.rubric_version).review_weights
    _must_fit(given, weights)
    review = known if known is not None else Review(id=new_id(), request_id=row.id, practice_id=row.practice_id)
    if _fill(review, given, list(weights)):
        session.add(review)
        if given.final:
            review.total = rules.total({each.criterion: each.value for each in given.scores}, weights)
            review.submitted_at = standing.now
            row.status = after
        await session.flush()
        await _tell(session, reviewer(row), row, is_final=given.final)
    return row.id


async def _tell(session: Session, actor: Actor, row: ReviewRequest, *, is_final: bool) -> None:
    if not is_final:
        record(session, actor, ReviewDrafted(subject_id=row.id, practice_id=row.practice_id, call_id=row.call_id))
        return
    before, after = {"status": "accepted"}, {"status": row.status}
    handed_in = ReviewSubmitted(subject_id=row.id, practice_id=row.practice_id, call_id=row.call_id, before=before, after=after)
    record(session, actor, handed_in)
    await consider(session, row.practice_id)


async def _must_have_no_conflict(session: Session, standing: Standing, row: ReviewRequest) -> None:
    desk = await queries.lock_desk(session, standing, row.person_id)
    if desk.is_conflicted or row.jurisdiction_id == standing.jurisdiction_id:
        raise Problem("conflict-of-interest", "You speak for the jurisdiction whose practice this is.")


def _fill(review: Review, given: ReviewPut, order: list[str]) -> bool:
    """Write what was given into the row, scores in the rubric's order (the writer's own would be a signature); whether it changes."""
    values = given.model_dump()
    values["scores"].sort(key=lambda score: order.index(score["criterion"]))
    before = {name: getattr(review, name) for name in values}
    for name, value in values.items():
        setattr(review, name, value)
    return before != values


def _must_fit(given: ReviewPut, weights: Mapping[str, Decimal]) -> None:
    """422 for scores that the rubric does not know, and for a final review that lacks something."""
    codes = [each.criterion for each in given.scores]
    errors = [
        FieldError(f"/scores/{place}/criterion", "unknown-criterion", f"The rubric has no criterion “{code}”.")
        for place, code in enumerate(codes)
        if code not in weights
    ]
    errors += [
        FieldError(f"/scores/{place}/criterion", "scored-twice", f"“{code}” is scored twice.")
        for place, code in enumerate(codes)
        if code in codes[:place]
    ]
    if given.final:
        errors += [FieldError("/scores", "score-missing", f"“{code}” has no score.") for code in weights if code not in codes]
        if given.recommendation is None:
            errors.append(FieldError("/recommendation", "missing", "A final review recommends something."))
        if given.confidence is None:
            errors.append(FieldError("/confidence", "missing", "A final review says how sure you are (1 to 5)."))
    if errors:
        raise Problem("invalid-body", " ".join(error.detail for error in errors[:3]), errors=errors)
