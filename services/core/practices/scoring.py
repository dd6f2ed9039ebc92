"""The automatic score of a submission: every point has a reason that cites its field.

Pure: the same submission, rubric and findings give the same score and the same hash for ever. Filling a field
never lowers the score, and the order of list items does not matter. It measures completeness and evidence in
the way of CDP's disclosure scoring; whether a practice is good is for the reviewers to say.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from services.core.practices.rubric import BandCode, Check, CheckKind, Criterion, Rubric
from services.core.practices.submission import Indicator, Submission
from services.core.practices.validation import Finding
from services.core.practices.words import word_count

CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """What one criterion earned: `points` of `max`, its `weight` in the total (percent), and a reason per check."""

    code: str
    weight: Decimal
    points: Decimal
    max: Decimal
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The score of one version: `total` 0..100 = sum of `weight * points / max`, two decimals, half to even."""

    rubric_version: str
    inputs_hash: str
    findings: tuple[Finding, ...]
    band: BandCode
    total: Decimal
    criteria: tuple[CriterionScore, ...]


def score(submission: Submission, rubric: Rubric, findings: Sequence[Finding]) -> Assessment:
    """Score a submission. `findings` are `validate`'s: a result dated in the future does not count as measured."""
    projected = {f.pointer.split("/")[2] for f in findings if f.code == "result-year-in-future"}
    measured = [i for n, i in enumerate(submission.indicators) if i.measured and str(n) not in projected]
    criteria = tuple(_criterion(criterion, submission, measured) for criterion in rubric.criteria)
    shares = (criterion.weight * criterion.points / criterion.max for criterion in criteria)
    total = sum(shares, Decimal(0)).quantize(CENT, rounding=ROUND_HALF_EVEN)
    return Assessment(
        rubric_version=rubric.version,
        inputs_hash=inputs_hash(submission, rubric.version, findings),
        findings=tuple(findings),
        band=_band(rubric, total, criteria),
        total=total,
        criteria=criteria,
    )


def inputs_hash(submission: Submission, rubric_version: str, findings: Sequence[Finding]) -> str:
    """SHA-256 (hex) over canonical JSON of every input: sorted keys, sorted lists, numbers in shortest form.

    A finding's list index is replaced by the item's place in the sorted list, so that order leaves no trace.
    """
    remarks = [(f.code, f.severity, _ranked(f.pointer, submission)) for f in findings]
    inputs = {"submission": submission, "rubric_version": rubric_version, "findings": [_json(r) for r in remarks]}
    return hashlib.sha256(_json(inputs).encode()).hexdigest()


def _json(value: object) -> str:
    return json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"))


def _canonical(value: object) -> object:
    match value:
        case Decimal():
            return format(value.normalize(), "f") if value else "0"
        case Mapping():
            return {str(key): _canonical(entry) for key, entry in value.items()}
        case list() | tuple():
            return sorted((_canonical(item) for item in value), key=_json)
        case _ if is_dataclass(value):
            members = {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
            # Older submissions could hold none: without any, the hash is what it was then.
            return members if members.get("evidence", True) else {name: member for name, member in members.items() if name != "evidence"}
        case _:
            return value


def _ranked(pointer: str, submission: Submission) -> str:
    """The pointer with its list index, if any, replaced by the item's place in canonical order."""
    head, *rest = pointer.strip("/").split("/")
    if rest and rest[0].isdigit():
        items = [_json(item) for item in getattr(submission, head)]
        rest[0] = str(sorted(items).index(items[int(rest[0])]))
    return "/".join((head, *rest))


def _band(rubric: Rubric, total: Decimal, criteria: Sequence[CriterionScore]) -> BandCode:
    """The last band reached; bands are consecutive, so the first one missed closes those above it."""
    points = {criterion.code: criterion.points for criterion in criteria}
    reached = rubric.bands[0].code
    for band in rubric.bands:
        gates = all(points[code] >= least for code, least in band.criteria_at_least.items())
        if total < band.total_at_least or not gates:
            break
        reached = band.code
    return reached


def _criterion(criterion: Criterion, submission: Submission, measured: Sequence[Indicator]) -> CriterionScore:
    points, reasons = Decimal(0), []
    for check in criterion.checks:
        found = _COUNTS[check.kind](check, submission, measured)
        earned = (check.points * min(found, check.at_least) / check.at_least).quantize(CENT, rounding=ROUND_HALF_EVEN)
        points += earned
        reasons.append(_reason(check, found, earned))
    return CriterionScore(criterion.code, criterion.weight, points, criterion.max, tuple(reasons))


def _reason(check: Check, found: int, earned: Decimal) -> str:
    given = "given" if found else "not given"
    fact = f"{found} of {check.at_least} {check.says}" if check.at_least > 1 else f"{check.says}: {given}"
    return f"{earned.normalize():f} of {check.points} points: {fact} ({check.field})"


def _value(pointer: str, submission: Submission) -> object:
    value: object = submission
    for part in pointer.split("/")[1:]:
        value = None if value is None else getattr(value, part)
    return value


def _filled(check: Check, submission: Submission, _: Sequence[Indicator]) -> int:
    value = _value(check.field, submission)
    return int(bool(value.strip()) if isinstance(value, str) else value is not None)


def _items(check: Check, submission: Submission) -> set[str]:
    """The different items of a list, by what they say: blanks and repetitions do not count."""
    value = _value(check.field, submission) or ()
    texts = (getattr(item, check.part) if check.part else item for item in value)  # type: ignore[attr-defined]
    return {str(text).strip().casefold() for text in texts} - {""}


def _counted(check: Check, submission: Submission, _: Sequence[Indicator]) -> int:
    return len(_items(check, submission))


def _matching(check: Check, submission: Submission, _: Sequence[Indicator]) -> int:
    return sum(re.fullmatch(check.pattern, item) is not None for item in _items(check, submission))


def _words(check: Check, submission: Submission, _: Sequence[Indicator]) -> int:
    return word_count(str(_value(check.field, submission) or ""))


def _measured(check: Check, _: Submission, measured: Sequence[Indicator]) -> int:
    return sum(all(_carries(indicator, need) for need in check.needs) for indicator in measured)


def _carries(indicator: Indicator, need: str) -> bool:
    if need == "baseline":
        return indicator.baseline is not None and indicator.baseline != indicator.result
    return bool(str(getattr(indicator, need) or "").strip())


_COUNTS: Final[Mapping[CheckKind, Callable[[Check, Submission, Sequence[Indicator]], int]]] = {
    "filled": _filled,
    "count_at_least": _counted,
    "matching_at_least": _matching,
    "words_at_least": _words,
    "measured_result": _measured,
}
