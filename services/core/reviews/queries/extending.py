"""Giving requests the time of an extended call."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.practices.models import Call, Practice
from services.core.reviews.models import Decision, ReviewRequest
from services.core.reviews.queries.assigning import OPEN

FOLLOWS = (*OPEN, "declined")
"""Requests that follow their call's extension: they wait for an answer or a review, or the answer may still be changed."""

_reviewed = (
    Practice.status == "in_review",
    Practice.needs_decision.is_(False),
    ~select(Decision.round).where(Decision.practice_id == Practice.id, Decision.round == Practice.submission).exists(),
)


@dataclass(frozen=True, slots=True)
class InReview:
    """A practice whose reviews still count, in its present round, and when its call wants them."""

    practice_id: UUID
    round: int
    review_due_at: datetime


@dataclass(frozen=True, slots=True)
class Behind:
    """A request, locked, whose dates lie before its call's."""

    id: UUID
    practice_id: UUID
    status: str
    answer_due_at: datetime
    review_due_at: datetime
    later_answer_due_at: datetime
    later_review_due_at: datetime


async def in_review(session: AsyncSession, call_id: UUID) -> list[InReview]:
    """The practices of a call that are under review and not decided."""
    query = select(Practice.id, Practice.submission, Call.review_due_at).join(Call, Call.id == Practice.call_id)
    return [InReview(*row) for row in await session.execute(query.where(Practice.call_id == call_id, *_reviewed).order_by(Practice.id))]


async def behind(session: AsyncSession, call_id: UUID) -> list[Behind]:
    """The requests of a call's present rounds that follow it and have less time than it gives; the caller holds the practices' locks."""
    query = (
        select(
            *(ReviewRequest.id, ReviewRequest.practice_id, ReviewRequest.status, ReviewRequest.answer_due_at, ReviewRequest.review_due_at),
            func.greatest(ReviewRequest.answer_due_at, Call.answer_due_at),
            func.greatest(ReviewRequest.review_due_at, Call.review_due_at),
        )
        .join(Practice, Practice.id == ReviewRequest.practice_id)
        .join(Call, Call.id == ReviewRequest.call_id)
        .where(
            *(ReviewRequest.call_id == call_id, ReviewRequest.status.in_(FOLLOWS), ReviewRequest.round == Practice.submission),
            *_reviewed,
            or_(ReviewRequest.answer_due_at < Call.answer_due_at, ReviewRequest.review_due_at < Call.review_due_at),
        )
        .order_by(ReviewRequest.id)
        .with_for_update(of=ReviewRequest, key_share=True)
    )
    return [Behind(*row) for row in await session.execute(query)]


async def move_dates(session: AsyncSession, requests: list[Behind]) -> None:
    """Write the later dates, as one statement; each request has a new version."""
    values = {
        "version": ReviewRequest.version + 1,
        "answer_due_at": func.greatest(ReviewRequest.answer_due_at, Call.answer_due_at),
        "review_due_at": func.greatest(ReviewRequest.review_due_at, Call.review_due_at),
    }
    ids = [each.id for each in requests]
    query = update(ReviewRequest).where(ReviewRequest.id.in_(ids), Call.id == ReviewRequest.call_id).values(values)
    await session.execute(query, execution_options={"synchronize_session": False})
