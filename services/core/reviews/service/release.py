"""Publishing decisions: reviews are copied to rows of their own, without identities, and the practice's author learns all at once."""

import secrets
from uuid import UUID

from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.practices import service as practices
from services.core.reviews import queries, rules
from services.core.reviews.deadlines import day_of
from services.core.reviews.models import ReleasedReview
from services.core.reviews.queries import Standing
from services.core.reviews.service.asking import wait_for_reviews
from services.core.reviews.service.closing import expire_open
from services.core.reviews.service.consider import consider
from services.core.reviews.service.extend import review_by

FEWEST_TO_SPLIT = 3
"""With fewer reviews an author sees totals only: the scores by criterion would tell one reviewer from the other."""


async def release(session: Session, practice_id: UUID, round_: int) -> None:
    """Publish the decision of a round, once. A practice that was withdrawn meanwhile keeps its silence."""
    standing = await queries.lock_standing(session, practice_id)
    if standing.round == round_ and (standing.release == "each" or standing.call_status == "decided"):
        await _publish(session, standing)


async def release_call(session: Session, call_id: UUID) -> None:
    """Publish every decision of a call that is not published yet, together."""
    for practice_id in await queries.unreleased(session, call_id):
        await _publish(session, await queries.lock_standing(session, practice_id))


async def _publish(session: Session, standing: Standing) -> None:
    decision = await queries.decision_of(session, standing.practice_id, standing.round)
    if decision is None or decision.released_at is not None or standing.status != "in_review":
        return
    decision.released_at = standing.now
    await _copy_reviews(session, standing)
    await session.flush()
    await practices.release(session, SYSTEM, standing.practice_id, outcome=decision.outcome, reason=decision.reason)


async def _copy_reviews(session: Session, standing: Standing) -> None:
    """The author's copies: new ids in the order of their labels, which no order of ours shines through, and only the day."""
    counted = {str(each.request_id): each.review for each in await queries.counted(session, standing)}
    labels = rules.aliases(counted, secrets.SystemRandom())
    released_at = day_of(standing.now)
    for request_id, label in sorted(labels.items(), key=lambda entry: (len(entry[1]), entry[1])):
        review = counted[request_id]
        session.add(
            ReleasedReview(
                id=new_id(),
                practice_id=standing.practice_id,
                round=standing.round,
                reviewer_alias=f"Reviewer {label}",
                scores=review.scores if len(counted) >= FEWEST_TO_SPLIT else [],
                total=review.total,
                comments_to_author=review.comments_to_author,
                recommendation=review.recommendation,
                released_at=released_at,
            )
        )


async def reviews_due(session: Session, practice_id: UUID, round_: int) -> None:
    """The reviews of a round are due: what is open lapses, and what was handed in decides."""
    standing = await queries.lock_standing(session, practice_id)
    if standing.round != round_ or not standing.is_reviewed:
        return
    promised = [review_by(standing, row) for row in await queries.lock_open_requests(session, practice_id)]
    due_at = max([standing.review_due_at, *promised])
    if standing.now < due_at:  # the call was extended
        wait_for_reviews(session, practice_id, round_, due_at)
        return
    await expire_open(session, practice_id)
    await consider(session, practice_id, past_review_due=True)
