"""Public shapes of a rescoring: another rubric over a whole call, and what moved."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.core.kit.schema import Code, Input, Output, ShortText, open_enum
from services.core.practices.rubric import BANDS
from services.core.practices.schemas.assessment import PracticeFinding
from services.core.practices.schemas.rubric import published


class RescoringCreate(Input):
    """Under which rubric the practices of a call are assessed besides, and why."""

    rubric_version: Annotated[Code, AfterValidator(published)] = Field(description="another one than the call's own")
    reason: ShortText | None = None


class RescoringCounts(Output):
    """How many practices came to what.

    ``assessed`` are new, ``kept`` had been assessed under this rubric before. ``moved``: the total, the band, a criterion or a finding
    differs; ``up`` and ``down``: the total does. ``returned_would_be``: this rubric has a blocking finding.
    """

    practices: int
    assessed: int
    kept: int
    moved: int
    up: int
    down: int
    returned_would_be: int


class BandMove(Output):
    """How many practices came from one band into another, or stayed in it."""

    before: Annotated[str, open_enum(*BANDS)] = Field(alias="from")
    after: Annotated[str, open_enum(*BANDS)] = Field(alias="to")
    practices: int


class RescoringStanding(Output):
    """Where a practice stands under one rubric; ``is_returned``: a blocking finding gives it back to its author."""

    total: float
    band: Annotated[str, open_enum(*BANDS)]
    is_returned: bool


class MovedCriterion(Output):
    """A criterion's share of the total (points of 100) under both rubrics; null where a rubric does not have it."""

    code: str
    before: float | None
    after: float | None


class MovedFindings(Output):
    """Findings that only the other rubric has, and those that only the call's own has."""

    added: list[PracticeFinding]
    gone: list[PracticeFinding]


class MovedPractice(Output):
    """What moved of one practice: ``before`` under the call's own rubric, ``after`` under the other one; criteria that differ."""

    practice_id: UUID
    number: int
    title: str
    jurisdiction_id: UUID
    before: RescoringStanding
    after: RescoringStanding
    delta: float
    criteria: list[MovedCriterion]
    findings: MovedFindings


class Rescoring(Output):
    """What came of assessing a call's practices under another rubric; ``moved`` begins with the one that moved farthest.

    It changes nothing: what stands is the assessment under ``against``, the call's own rubric.
    """

    call_id: UUID
    rubric_version: str
    against: str
    reason: str | None
    counts: RescoringCounts
    bands: list[BandMove]
    moved: list[MovedPractice]
