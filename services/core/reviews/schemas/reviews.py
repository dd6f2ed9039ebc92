"""Public shapes of reviews and decisions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.core.kit.schema import Code, Flag, Input, MaybeText, Output, ShortText, Whole, absent_when_unknown, open_enum
from services.core.reviews.schemas.assignments import Reviewer

RECOMMENDATIONS = ("recognise", "commend", "revise", "decline")
OUTCOMES = ("recognised", "commended", "declined", "revise")
Recommendation = Annotated[str, open_enum(*RECOMMENDATIONS)]
Outcome = Annotated[str, open_enum(*OUTCOMES)]


class ScoreIn(Input):
    """A score for one criterion of the call's rubric."""

    criterion: Code
    value: Annotated[Whole, Field(ge=0, le=10)]


class ReviewPut(Input):
    """A review. A draft may be partial; a final one scores every criterion, recommends, and is never changed."""

    scores: list[ScoreIn] = Field(default_factory=list, max_length=50)
    comments_to_author: MaybeText = ""
    comments_to_secretariat: MaybeText = ""
    recommendation: Literal["recognise", "commend", "revise", "decline"] | None = None
    confidence: Annotated[Whole, Field(ge=1, le=5)] | None = None
    final: Flag = False


class DecisionCreate(Input):
    """What secretariat or chair decide where the reviews do not."""

    outcome: Literal["recognised", "commended", "declined", "revise"]
    reason: ShortText


class Score(Output):
    """A score for one criterion."""

    criterion: str
    value: int


class Review(Output):
    """A reviewer's own review."""

    id: UUID
    practice_id: UUID
    scores: list[Score]
    comments_to_author: str
    comments_to_secretariat: str
    recommendation: Recommendation | None
    confidence: int | None
    final: bool
    total: float | None
    submitted_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class PracticeReview(Output):
    """A review as the practice's side sees it.

    Authors see what was released, under a label; the secretariat sees every review with its reviewer.
    """

    id: UUID
    practice_id: UUID
    round: int
    scores: list[Score]
    total: float | None
    comments_to_author: str
    recommendation: Recommendation | None
    reviewer_alias: str = absent_when_unknown()
    released_at: datetime = absent_when_unknown()
    reviewer: Reviewer = absent_when_unknown()
    request_id: UUID = absent_when_unknown()
    comments_to_secretariat: str = absent_when_unknown()
    final: bool = absent_when_unknown()
    updated_at: datetime = absent_when_unknown()


class PracticeReviewPage(Output):
    """A page of reviews of one practice."""

    items: list[PracticeReview]
    next_cursor: str | None


class Decision(Output):
    """What was decided about a practice; its author learns of it at the release."""

    practice_id: UUID
    round: int
    outcome: Outcome
    reason: str
    score: float | None
    decided_at: datetime
    released_at: datetime | None
