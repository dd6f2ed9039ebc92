"""A rubric: versioned data that says what earns points, how points become a band, and what reviewers are asked.

Rubrics are files in `rubrics/`. A published version is never edited: a change is a new file, so that an old score
can be computed again for ever. `parse` refuses a rubric whose sums or names are wrong.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from services.core.practices.submission import Finance, Submission

CheckKind = Literal["filled", "count_at_least", "matching_at_least", "words_at_least", "measured_result"]
BandCode = Literal["disclosure", "awareness", "management", "leadership"]

TOTAL: Final = 100
BANDS: Final[tuple[BandCode, ...]] = get_args(BandCode)


@dataclass(frozen=True, slots=True)
class Check:
    """One small question to a submission. `points` are earned in full at `at_least`, below it in proportion.

    `field` is an RFC 6901 pointer into the practice; `part` the attribute of a list item that is counted; `needs` what
    a measured result must carry besides; `says` the thing asked for, as it stands in the reason.
    """

    kind: CheckKind
    field: str
    points: Decimal
    says: str
    at_least: int = 1
    pattern: str = ""
    part: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its share of the total (percent) and its checks."""

    code: str
    weight: Decimal
    checks: tuple[Check, ...]

    @property
    def max(self) -> Decimal:
        """The most points that the checks can give."""
        return sum((check.points for check in self.checks), Decimal(0))


@dataclass(frozen=True, slots=True)
class Band:
    """One band: reached when the band before is reached, the total (0..100) and each named criterion's points suffice."""

    code: BandCode
    total_at_least: Decimal
    criteria_at_least: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ReviewCriterion:
    """What a reviewer scores from 0 to 10; the weights of all sum to 1."""

    code: str
    weight: Decimal
    title: str
    guidance: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """One version of the rubric."""

    version: str
    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]
    review: tuple[ReviewCriterion, ...]

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
    """Read a rubric from its JSON form. ValueError says what is wrong with it."""
    rubric = Rubric(
        version=data["version"],
        criteria=tuple(_criterion(entry) for entry in data["criteria"]),
        bands=tuple(_band(entry) for entry in data["bands"]),
        review=tuple(
            ReviewCriterion(entry["code"], Decimal(entry["weight"]), entry["title"], entry["guidance"]) for entry in data["review"]
        ),
    )
    for wrong, message in _faults(rubric):
        if wrong:
            raise ValueError(f"Rubric {rubric.version}: {message}.")
    return rubric


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    checks = tuple(
        Check(**{**check, "points": Decimal(check["points"]), "needs": tuple(check.get("needs", ()))}) for check in entry["checks"]
    )
    return Criterion(entry["code"], Decimal(entry["weight"]), checks)


def _band(entry: Mapping[str, Any]) -> Band:
    gates = {code: Decimal(points) for code, points in entry.get("criteria_at_least", {}).items()}
    return Band(entry["code"], Decimal(entry["total_at_least"]), gates)


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


def _exists(pointer: str) -> bool:
    """Whether `pointer` leads to a field of a submission, or to one of its finance record."""
    known = {f"/{field.name}" for field in fields(Submission)} | {f"/finance/{field.name}" for field in fields(Finance)}
    return pointer in known


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
