"""Public shape of an assessment."""

from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from services.core.kit.schema import Output, absent_when_unknown, open_enum
from services.core.practices.assessment import Relation
from services.core.practices.findings import Severity
from services.core.practices.rubric import BANDS


class PracticeFinding(Output):
    """One remark on a practice; ``pointer`` (RFC 6901) leads to the member that it is about."""

    code: str
    severity: Annotated[str, open_enum(*get_args(Severity))]
    pointer: str
    message: str


class PracticeCite(Output):
    """What a point stands on: where it is in the practice (RFC 6901), and what it says there, shortened."""

    pointer: str
    text: str


class AssessedCheck(Output):
    """What one check earned: ``points`` of ``max``, what it asks for (``says``), the quotes it stands on, and all of it in a sentence."""

    code: str
    points: float
    max: float
    says: str
    cites: list[PracticeCite]
    reason: str


class AssessedCriterion(Output):
    """What one criterion earned: ``points`` of ``max``, its ``weight`` in the total (percent), and a reason per check.

    ``points`` are the sum of the checks' points, or ``capped_at`` when a gate held them back (the last reason says why). ``checks`` are
    absent under rubric 2026-1, whose reasons do not quote.
    """

    code: str
    weight: float
    points: float
    max: float
    reasons: list[str]
    checks: list[AssessedCheck] = absent_when_unknown()
    capped_at: float = absent_when_unknown()


class PracticeResemblance(Output):
    """An earlier practice with nearly the same text: ``share`` (0 to 1) of this text also stands there.

    ``relation``: the same jurisdiction's in the same call, the same jurisdiction's in another call, or another jurisdiction's.
    ``practice_id`` and ``title`` are null where you may not know them.
    """

    relation: Annotated[str, open_enum(*get_args(Relation))]
    share: float
    practice_id: UUID | None
    title: str | None


class AssessmentInputs(Output):
    """What an assessment depends on besides the submission and the rubric: the year, the call's themes, what it resembles."""

    year: int
    themes: list[str]
    resembling: list[PracticeResemblance]


class Assessment(Output):
    """The machine's findings and score of the submission ``number``, under one version of the rubric.

    ``total`` is 0 to 100. It measures completeness and evidence; whether a practice is good is for its reviewers to say.
    ``inputs`` is absent in assessments that are older than it.
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
    inputs: AssessmentInputs = absent_when_unknown()
    assessed_at: datetime


class AssessmentSummary(Output):
    """One assessment in the list of a practice's; ``job_id``: the rescoring that made it, null when it follows from a submission."""

    number: int
    rubric_version: str
    band: Annotated[str, open_enum(*BANDS)]
    total: float
    inputs_hash: str
    assessed_at: datetime
    job_id: UUID | None


class AssessmentPage(Output):
    """A page of assessments."""

    items: list[AssessmentSummary]
    next_cursor: str | None


class Readiness(Output):
    """What would be found and scored if the working copy were handed in now; nothing of it is stored.

    ``ready``: nothing blocks it. Practices with nearly the same text are not looked for here: they are found when it is handed in.
    Whether the call takes it at this moment is another question.
    """

    practice_id: UUID
    rubric_version: str
    ready: bool
    findings: list[PracticeFinding]
    band: Annotated[str, open_enum(*BANDS)]
    total: float
    criteria: list[AssessedCriterion]
