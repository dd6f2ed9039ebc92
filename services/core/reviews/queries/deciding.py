"""What a decision is made of: final reviews, the decision itself, and what of them is shown to whom."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Uuid

from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, json_view, number, param, utc
from services.core.practices import queries as practices
from services.core.practices.models import Practice
from services.core.practices.queries.seeing import IS_OWN
from services.core.reviews.models import Decision, ReleasedReview, Review, ReviewRequest
from services.core.reviews.queries.guards import speaks_for
from services.core.reviews.queries.requests import reviewer_view
from services.core.reviews.queries.standing import Standing
from services.core.reviews.rules import FinalReview, Recommendation


@dataclass(frozen=True, slots=True)
class Counted:
    """A final review and who wrote it."""

    review: Review
    request_id: UUID

    @property
    def final(self) -> FinalReview:
        """What the decision looks at."""
        return FinalReview(self.review.total or Decimal(0), cast("Recommendation", self.review.recommendation))


async def counted(session: AsyncSession, standing: Standing) -> list[Counted]:
    """The final reviews of this round, without those whose reviewer speaks for the author's jurisdiction by now."""
    query = (
        select(Review, ReviewRequest.id)
        .join(ReviewRequest, ReviewRequest.id == Review.request_id)
        .where(
            ReviewRequest.practice_id == standing.practice_id,
            ReviewRequest.round == standing.round,
            ReviewRequest.status == "submitted",
            Review.final,
            ~speaks_for(ReviewRequest.person_id, standing.jurisdiction_id),
        )
        .order_by(Review.id)
    )
    return [Counted(review, request_id) for review, request_id in await session.execute(query)]


async def review_of(session: AsyncSession, request_id: UUID) -> Review | None:
    """The review of a request, whose practice the caller has locked."""
    return await session.scalar(select(Review).where(Review.request_id == request_id).execution_options(populate_existing=True))


async def decision_of(session: AsyncSession, practice_id: UUID, round_: int) -> Decision | None:
    """The decision about a practice in one round, whose practice the caller has locked."""
    query = select(Decision).where(Decision.practice_id == practice_id, Decision.round == round_)
    return await session.scalar(query.execution_options(populate_existing=True))


DECISION = Statement(
    select(
        json_view(
            {
                "practice_id": Decision.practice_id,
                "round": Decision.round,
                "outcome": Decision.outcome,
                "reason": Decision.reason,
                "score": number(Decision.score),
                "decided_at": utc(Decision.decided_at),
                "released_at": utc(Decision.released_at),
            }
        ).label("body"),
        literal(1).label("version"),
    ).where(Decision.practice_id == param("id", Uuid), Decision.round == param("round", Integer))
)

REVIEW_VIEW = json_view(
    {
        "id": Review.id,
        "practice_id": Review.practice_id,
        "scores": Review.scores,
        "comments_to_author": Review.comments_to_author,
        "comments_to_secretariat": Review.comments_to_secretariat,
        "recommendation": Review.recommendation,
        "confidence": Review.confidence,
        "final": Review.final,
        "total": number(Review.total),
        "submitted_at": utc(Review.submitted_at),
        "version": Review.version,
        "created_at": utc(Review.created_at),
        "updated_at": utc(Review.updated_at),
    }
)
REVIEW = Statement(select(Review.version, REVIEW_VIEW.label("body")).where(Review.request_id == param("id", Uuid)))
"""A review, by the id of its request."""

_ALL = Listing(
    "practice-reviews-all",
    Review,
    json_view(
        {
            "id": Review.id,
            "practice_id": Review.practice_id,
            "round": ReviewRequest.round,
            "scores": Review.scores,
            "total": number(Review.total),
            "comments_to_author": Review.comments_to_author,
            "recommendation": Review.recommendation,
            "reviewer": reviewer_view(ReviewRequest.representative_id),
            "request_id": Review.request_id,
            "comments_to_secretariat": Review.comments_to_secretariat,
            "final": Review.final,
            "updated_at": utc(Review.updated_at),
        }
    ),
    Review.practice_id == param("practice_id", Uuid),
    joins=((ReviewRequest, ReviewRequest.id == Review.request_id),),
)
_RELEASED = Listing(
    "practice-reviews",
    ReleasedReview,
    json_view(
        {
            "id": ReleasedReview.id,
            "practice_id": ReleasedReview.practice_id,
            "round": ReleasedReview.round,
            "scores": ReleasedReview.scores,
            "total": number(ReleasedReview.total),
            "comments_to_author": ReleasedReview.comments_to_author,
            "recommendation": ReleasedReview.recommendation,
            "reviewer_alias": ReleasedReview.reviewer_alias,
            "released_at": utc(ReleasedReview.released_at),
        }
    ),
    ReleasedReview.practice_id == param("practice_id", Uuid),
    IS_OWN,
    joins=((Practice, Practice.id == ReleasedReview.practice_id),),
)
_IS_SEEN = Statement(select(Practice.id).where(Practice.id == param("practice_id", Uuid), IS_OWN))


async def practice_reviews(connection: Connection, actor: Actor, practice_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """The reviews of a practice: for who assigns them all, with who wrote them; for others those released, without.

    404 for a practice of somebody else. The author's statement reads no table of requests or reviewers.
    """
    given: dict[str, Any] = {"practice_id": practice_id}
    paging: dict[str, Any] = {"limit": limit, "cursor": cursor, "total": total}
    if actor.everywhere("assignments:write"):
        page = await _ALL.page(connection, actor, **paging, **given)
    else:
        page = await _RELEASED.page(connection, actor, **paging, **given, **practices.seen_by(actor))
    if page.items == b"[]" and await _IS_SEEN.value(connection, practice_id=practice_id, **practices.seen_by(actor)) is None:
        raise not_found()
    return page
