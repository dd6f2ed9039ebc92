"""The machine's assessment of a submission: a pure function of what was handed in, the circumstances, and the rubric."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

from services.core.practices import scoring, validation
from services.core.practices.content import plain
from services.core.practices.rubric import Rubric
from services.core.practices.scoring import Assessment
from services.core.practices.submission import Submission

Relation = Literal["same-call", "own", "other"]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An earlier practice with nearly the same text: `share` (0..1) of the text is common.

    `relation`: the same jurisdiction's in the same call, the same jurisdiction's in another call, or another jurisdiction's.
    `practice_id` and `title` are None where the author may not know them.
    """

    relation: Relation
    share: Decimal
    practice_id: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an assessment depends on besides submission and rubric: the year of handing in, the call's themes, what it resembles."""

    year: int
    themes: tuple[str, ...]
    resembling: tuple[Resemblance, ...] = ()


def assess(submission: Submission, circumstances: Circumstances, rubric: Rubric) -> Assessment:
    """Validate and score a submission. Same inputs, same assessment, same hash, for ever."""
    findings = validation.validate(submission, circumstances.themes, circumstances.year)
    return scoring.score(submission, rubric, findings)


def told(assessment: Assessment, circumstances: Circumstances) -> dict[str, Any]:
    """The members of an assessment as JSON values, as they are stored and shown."""
    return {
        "rubric_version": assessment.rubric_version,
        "inputs_hash": assessment.inputs_hash,
        "findings": [asdict(finding) for finding in assessment.findings],
        "band": assessment.band,
        "total": assessment.total,
        "criteria": [plain(asdict(criterion)) for criterion in assessment.criteria],
        "inputs": plain(asdict(circumstances)),
    }


def blocks(assessment: Assessment) -> bool:
    """Whether the draft goes back to its author."""
    return validation.blocks(assessment.findings)


def circumstances_of(inputs: Mapping[str, Any]) -> Circumstances:
    """The circumstances that were stored with an assessment."""
    resembling = tuple(Resemblance(**{**entry, "share": Decimal(str(entry["share"]))}) for entry in inputs["resembling"])
    return Circumstances(inputs["year"], tuple(inputs["themes"]), resembling)
