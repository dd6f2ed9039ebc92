"""Public shapes of assignments: who reviews what, and why."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from services.core.kit.schema import Output, absent_when_unknown, open_enum
from services.core.reviews.states import REQUEST

RequestStatus = Annotated[str, open_enum(*REQUEST.statuses)]


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
