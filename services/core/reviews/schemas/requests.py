"""Public shapes of requests and of the links by which reviewers come."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from services.core.kit.schema import Input, Output, ShortText, absent_when_unknown, open_enum
from services.core.reviews.schemas.assignments import RequestStatus, Reviewer


class RequestTransition(Input):
    """What a reviewer answers to a request; `reason` is told with a refusal."""

    action: Literal["accept", "decline"]
    reason: ShortText | None = None


class ReviewRequest(Output):
    """One person asked to review one practice."""

    id: UUID
    practice_id: UUID
    call_id: UUID
    round: int
    reviewer: Reviewer
    status: RequestStatus
    allowed_actions: list[str]
    reasons: list[str]
    decline_reason: str | None
    answer_due_at: datetime
    review_due_at: datetime
    time_zone: str
    answered_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class ReviewRequestPage(Output):
    """A page of review requests."""

    items: list[ReviewRequest]
    next_cursor: str | None


class CallInBrief(Output):
    """The call that a practice was handed in to."""

    id: UUID
    title: str
    blind: Annotated[str, open_enum("single", "double")]


class Criterion(Output):
    """What a reviewer scores from 0 to 10; the weights of all sum to 1."""

    code: str
    title: str
    guidance: str
    weight: float


class ReviewBrief(Output):
    """All that a review link shows: the request, why you, the deadlines, and the practice; never a review.

    `practice` is the practice as it was handed in, without its assessment; in a double-blind call without its author.
    Each file of its evidence has a `content_url`: where this link reads it.
    """

    id: UUID
    practice_id: UUID
    call_id: UUID
    call: CallInBrief
    addressed_to: str
    status: RequestStatus
    allowed_actions: list[str]
    reasons: list[str]
    answer_due_at: datetime
    review_due_at: datetime
    time_zone: str
    criteria: list[Criterion]
    practice: dict[str, Any]
    version: int


class ReviewAnswered(ReviewBrief):
    """The brief after an answer. Accepting adds the review session: it is shown this once."""

    review_session: str = absent_when_unknown()
    review_session_expires_at: datetime = absent_when_unknown()
