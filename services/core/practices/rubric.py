"""A rubric: versioned data that says what earns points, how points become a band, and what reviewers are asked.

Rubrics are files in `rubrics/`. A published version is never edited: a change is a new file, so that an old score
can be computed again for ever. `parse` refuses a rubric whose sums or names are wrong.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from services.core.practices.findings import CODES, Limits, Severity, Validation
from services.core.practices.submission import Finance, Indicator, Submission
from services.core.practices.words import COUNTINGS

CheckKind = Literal[
    "filled", "count_at_least", "matching_at_least", "words_at_least", "measured_result",
    "above_zero", "complete", "other_themes", "targets_at_least", "goals_at_least", "method_words", "result_years",
    "translated", "evidence_at_least",
]  # fmt: skip
"""What stands after the first line is asked by the newer rubrics only."""
BandCode = Literal["disclosure", "awareness", "management", "leadership"]

TOTAL: Final = 100
BANDS: Final[tuple[BandCode, ...]] = get_args(BandCode)
HASHINGS: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class Check:
    """One small question to a submission. `points` are earned in full at `at_least`, below it in proportion.

    `field` is an RFC 6901 pointer into the practice; `part` the attribute of a list item that is counted; `needs` what
    a measured result must carry besides, or the parts that are counted; `says` the thing asked for, as it stands in the
    reason; `code` its name, which gates and essentials use ("" in rubrics that have none).
    """

    kind: CheckKind
    field: str
    points: Decimal
    says: str
    at_least: int = 1
    pattern: str = ""
    part: str = ""
    needs: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """The criterion earns no more than `at_most` points while the check `check` is not earned in full."""

    check: str
    at_most: Decimal


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its share of the total (percent), its checks, and what holds its points back."""

    code: str
    weight: Decimal
    checks: tuple[Check, ...]
    gate: Gate | None = None

    @property
    def max(self) -> Decimal:
        """The most points that the checks can give."""
        return sum((check.points for check in self.checks), Decimal(0))


@dataclass(frozen=True, slots=True)
class Band:
    """One band: reached when the band before is, the total (0..100) and each named criterion's points suffice.

    Each check that is essential must be earned in full besides.
    """

    code: BandCode
    total_at_least: Decimal
    criteria_at_least: Mapping[str, Decimal]
    essentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCriterion:
    """What a reviewer scores from 0 to 10; the weights of all sum to 1."""

    code: str
    weight: Decimal
    title: str
    guidance: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """One version of the rubric. `cites`: reasons quote the text.

    `hashing` says how inputs are hashed, `counting` how words are counted and which items of a list are the same.
    """

    version: str
    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]
    review: tuple[ReviewCriterion, ...]
    validation: Validation = field(default_factory=Validation)
    hashing: int = 1
    counting: int = 1
    cites: bool = False

    @property
    def review_weights(self) -> dict[str, Decimal]:
        """Weight of each review criterion, by code; they sum to 1."""
        return {criterion.code: criterion.weight for criterion in self.review}


def versions() -> list[str]:
    """The rubric versions that are published here, oldest first."""
    folder = files(__package__) / "rubrics"
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


@cache
def load(version: str) -> Rubric:
    """The rubric of that version. LookupError when there is none."""
    if version not in versions():
        raise LookupError(f"There is no rubric {version}.")
    text = (files(__package__) / "rubrics" / f"{version}.json").read_text(encoding="utf-8")
    return parse(json.loads(text))


def parse(data: Mapping[str, Any]) -> Rubric:
    """Read a rubric from its JSON form. ValueError says what is wrong with it. What newer rubrics brought may be absent."""
    rubric = Rubric(
        version=data["version"],
        criteria=tuple(_criterion(entry) for entry in data["criteria"]),
        bands=tuple(_band(entry) for entry in data["bands"]),
        review=tuple(
            ReviewCriterion(entry["code"], Decimal(entry["weight"]), entry["title"], entry["guidance"]) for entry in data["review"]
        ),
        validation=_validation(data["validation"]) if "validation" in data else Validation(),
        hashing=data.get("hashing", 1),
        counting=data.get("counting", 1),
        cites=data.get("cites", False),
    )
    for wrong, message in (*_faults(rubric), *_newer_faults(rubric)):
        if wrong:
            raise ValueError(f"Rubric {rubric.version}: {message}.")
    return rubric


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    checks = tuple(
        Check(**{**check, "points": Decimal(check["points"]), "needs": tuple(check.get("needs", ()))}) for check in entry["checks"]
    )
    gate = Gate(entry["gate"]["check"], Decimal(entry["gate"]["at_most"])) if "gate" in entry else None
    return Criterion(entry["code"], Decimal(entry["weight"]), checks, gate)


def _band(entry: Mapping[str, Any]) -> Band:
    floors = {code: Decimal(points) for code, points in entry.get("criteria_at_least", {}).items()}
    return Band(entry["code"], Decimal(entry["total_at_least"]), floors, tuple(entry.get("essentials", ())))


def _validation(entry: Mapping[str, Any]) -> Validation:
    limits: dict[str, Any] = {name: Decimal(value) if isinstance(value, str) else value for name, value in entry["limits"].items()}
    return Validation(dict(entry["severities"]), Limits(**limits))


def _faults(rubric: Rubric) -> Sequence[tuple[bool, str]]:
    codes = [criterion.code for criterion in rubric.criteria]
    checks = [check for criterion in rubric.criteria for check in criterion.checks]
    floors = [band.total_at_least for band in rubric.bands]
    return [
        (sum(criterion.weight for criterion in rubric.criteria) != TOTAL, "the weights of the criteria do not sum to 100"),
        (sum(criterion.weight for criterion in rubric.review) != 1, "the weights of the review do not sum to 1"),
        (len(set(codes)) != len(codes), "a criterion stands twice"),
        ([criterion.code for criterion in rubric.review] != codes, "review and score do not have the same criteria"),
        (any(check.kind not in get_args(CheckKind) for check in checks), "a check is of an unknown kind"),
        (any(check.points <= 0 or check.at_least < 1 for check in checks), "a check gives no points or asks nothing"),
        (not all(criterion.checks for criterion in rubric.criteria), "a criterion has no checks"),
        (any(not _exists(check.field) for check in checks), "a field does not exist in a practice"),
        (any(not _compiles(check.pattern) for check in checks), "a pattern is malformed"),
        (tuple(band.code for band in rubric.bands) != BANDS, "the bands are not the four in their order"),
        (floors != sorted(floors) or floors[0] != 0, "the bands do not rise from 0"),
        (any(gate not in codes for band in rubric.bands for gate in band.criteria_at_least), "a gate is unknown"),
    ]


def _newer_faults(rubric: Rubric) -> Sequence[tuple[bool, str]]:
    """What can be wrong with the parts that the first rubric did not have."""
    names = [check.code for criterion in rubric.criteria for check in criterion.checks if check.code]
    checks = [check for criterion in rubric.criteria for check in criterion.checks]
    gates = [(criterion, criterion.gate) for criterion in rubric.criteria if criterion.gate]
    severities = rubric.validation.severities
    return [
        (len(set(names)) != len(names), "a check's code stands twice"),
        (rubric.cites and len(names) != len(checks), "a check has no code"),
        (any(gate.check not in [c.code for c in criterion.checks] for criterion, gate in gates), "a gate names no check of its criterion"),
        (any(not 0 <= gate.at_most < criterion.max for criterion, gate in gates), "a gate holds nothing back"),
        (any(code not in names for band in rubric.bands for code in band.essentials), "an essential names no check"),
        (any(need not in _NEEDS[check.kind] for check in checks for need in check.needs), "a check needs what there is not"),
        (any(check.kind in _WHOLES and check.at_least != len(check.needs) for check in checks), "a check's parts are not all asked for"),
        (any(code not in CODES for code in severities), "a finding is unknown"),
        (any(severity not in get_args(Severity) for severity in severities.values()), "a severity is unknown"),
        (rubric.hashing not in HASHINGS, "its hashing is unknown"),
        (rubric.counting not in COUNTINGS, "its counting is unknown"),
    ]


_WHOLES: Final = ("complete", "translated")
_NEEDS: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(get_args(CheckKind), ()),
    "measured_result": ("evidence", *(each.name for each in fields(Indicator))),
    "complete": tuple(each.name for each in fields(Finance)),
    "translated": ("title", "summary", "problem", "actions", "lessons", "transfer_conditions"),
}


def _exists(pointer: str) -> bool:
    """Whether `pointer` leads to a field of a submission, or to one of its finance record."""
    known = {f"/{each.name}" for each in fields(Submission)} | {f"/finance/{each.name}" for each in fields(Finance)}
    return pointer in known


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
