"""Public shapes of assignments, requests, review links, reviews and decisions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.core.kit.schema import Code, Flag, Input, MaybeText, Output, ShortText, Whole, absent_when_unknown, open_enum
from services.core.reviews.states import REQUEST

RequestStatus = Annotated[str, open_enum(*REQUEST.statuses)]
RECOMMENDATIONS = ("recognise", "commend", "revise", "decline")
OUTCOMES = ("recognised", "commended", "declined", "revise")
Recommendation = Annotated[str, open_enum(*RECOMMENDATIONS)]
Outcome = Annotated[str, open_enum(*OUTCOMES)]


class RequestTransition(Input):
    """What a reviewer answers to a request; `reason` is told with a refusal."""

    action: Literal["accept", "decline"]
    reason: ShortText | None = None


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


class Parts(Output):
    """What a pair's score is made of, each 0..1."""

    topic: float
    context_similarity: float
    complementarity: float
    language: float
    fairness: float
    load: float


class Reviewer(Output):
    """Who reviews; shown to the secretariat only."""

    person_id: UUID
    representative_id: UUID
    name: str
    jurisdiction_id: UUID
    jurisdiction: str


class Pair(Output):
    """A reviewer for a practice: how good the match is and why."""

    request_id: UUID
    status: RequestStatus
    practice_id: UUID
    reviewer: Reviewer
    score: float
    parts: Parts
    reasons: list[str]
    constraints: list[str]


class AlternatePair(Output):
    """Who would be asked next for a practice; `rank` 1 is the first."""

    practice_id: UUID
    rank: int
    reviewer: Reviewer
    score: float
    parts: Parts
    reasons: list[str]
    constraints: list[str]


class UnfilledPlace(Output):
    """A practice for which not enough reviewers were found."""

    practice_id: UUID
    why: str


class AssignmentRun(Output):
    """The last run of the assignment."""

    id: UUID
    inputs_hash: str
    seed: int
    objective: float
    solver: str
    unfilled: list[UnfilledPlace]
    run_at: datetime


class Assignment(Output):
    """Who reviews what in a call; `run` is the last run, absent before the first."""

    call_id: UUID
    run: AssignmentRun = absent_when_unknown()
    pairs: list[Pair]
    alternates: list[AlternatePair]


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
