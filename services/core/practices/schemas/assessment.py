"""Public shape of an assessment."""

from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from services.core.kit.schema import Output, open_enum
from services.core.practices.rubric import BANDS
from services.core.practices.validation import Severity


class PracticeFinding(Output):
    """One remark on a practice; ``pointer`` (RFC 6901) leads to the member that it is about."""

    code: str
    severity: Annotated[str, open_enum(*get_args(Severity))]
    pointer: str
    message: str


class AssessedCriterion(Output):
    """What one criterion earned: ``points`` of ``max``, its ``weight`` in the total (percent), and a reason per check."""

    code: str
    weight: float
    points: float
    max: float
    reasons: list[str]


class Assessment(Output):
    """The machine's findings and score of the submission ``number``, under one version of the rubric.

    ``total`` is 0 to 100. It measures completeness and evidence; whether a practice is good is for its reviewers to say.
    """

    id: UUID
    practice_id: UUID
    number: int
    rubric_version: str
    inputs_hash: str
    findings: list[PracticeFinding]
    band: Annotated[str, open_enum(*BANDS)]
    total: float
    criteria: list[AssessedCriterion]
    assessed_at: datetime
