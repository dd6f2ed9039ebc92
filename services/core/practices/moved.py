"""What moves when a practice is scored under another rubric: two assessments of the same submission, side by side.

A criterion is compared by its share of the total (weight x points / max), since another rubric may give it other points. The
differences of all criteria sum to the difference of the totals, up to rounding.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from services.core.practices.content import plain
from services.core.practices.rubric import BANDS

Json = dict[str, Any]

_CENT: Final = Decimal("0.01")
COUNTS: Final = ("practices", "assessed", "kept", "moved", "up", "down", "returned_would_be")
"""What a report counts; `assessed` are new, `kept` were there before, and both make `practices`."""


@dataclass(frozen=True, slots=True)
class Score:
    """One assessment, as far as it is compared; `shares`: points of the total (0..100), by the criterion's code."""

    total: Decimal
    band: str
    shares: Mapping[str, Decimal]
    findings: Sequence[Mapping[str, Any]]

    @property
    def is_returned(self) -> bool:
        """Whether its findings give a draft back to its author."""
        return any(finding["severity"] == "blocking" for finding in self.findings)


def score_of(total: Decimal, band: str, criteria: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> Score:
    """The score out of the members of an assessment as they are stored."""
    shares = {each["code"]: _exact(each["weight"]) * _exact(each["points"]) / _exact(each["max"]) for each in criteria}
    return Score(total, band, {code: share.quantize(_CENT, ROUND_HALF_EVEN) for code, share in shares.items()}, findings)


def compared(practice: Mapping[str, Any], before: Score, after: Score) -> Json:
    """What is told of one practice: `practice` names it; criteria and findings are those that differ."""
    codes = dict.fromkeys([*before.shares, *after.shares])
    shares = [(code, before.shares.get(code), after.shares.get(code)) for code in codes]
    told: Json = plain(
        {
            **practice,
            "before": _standing(before),
            "after": _standing(after),
            "delta": after.total - before.total,
            "criteria": [{"code": code, "before": one, "after": other} for code, one, other in shares if one != other],
            "findings": {"added": _without(after.findings, before.findings), "gone": _without(before.findings, after.findings)},
        }
    )
    return told


def has_moved(entry: Mapping[str, Any]) -> bool:
    """Whether anything differs: the total, the band, a criterion's share, or a finding."""
    findings = entry["findings"]
    return bool(entry["before"] != entry["after"] or entry["criteria"] or findings["added"] or findings["gone"])


def counts(entries: Sequence[Mapping[str, Any]], *, kept: int) -> dict[str, int]:
    """How many of ``entries`` (`compared`) came to what; ``kept`` of them had been assessed under the rubric before."""
    deltas = [entry["delta"] for entry in entries]
    numbers = (
        len(entries),
        len(entries) - kept,
        kept,
        sum(has_moved(entry) for entry in entries),
        sum(delta > 0 for delta in deltas),
        sum(delta < 0 for delta in deltas),
        sum(entry["after"]["is_returned"] for entry in entries),
    )
    return dict(zip(COUNTS, numbers, strict=True))


def added(so_far: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """The counts of two parts together; what is missing is 0."""
    return {name: so_far.get(name, 0) + more.get(name, 0) for name in COUNTS}


def bands(entries: Sequence[Mapping[str, Any]]) -> list[Json]:
    """How many practices came from which band into which, all pairs in the order of the bands."""
    pairs = Counter((entry["before"]["band"], entry["after"]["band"]) for entry in entries)
    return [{"from": before, "to": after, "practices": pairs[before, after]} for before in BANDS for after in BANDS]


def moved(entries: Sequence[Json]) -> list[Json]:
    """Those that moved, the farthest first; equals in the order of their ids."""
    return sorted((entry for entry in entries if has_moved(entry)), key=lambda entry: (-abs(entry["delta"]), entry["practice_id"]))


def _standing(score: Score) -> Json:
    return {"total": score.total, "band": score.band, "is_returned": score.is_returned}


def _without(findings: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of ``findings`` that ``others`` do not have; the same remark with another severity is another finding."""
    known = {_remark(finding) for finding in others}
    return [finding for finding in findings if _remark(finding) not in known]


def _remark(finding: Mapping[str, Any]) -> tuple[str, str, str]:
    return finding["code"], finding["severity"], finding["pointer"]


def _exact(number: object) -> Decimal:
    """A JSON number as the decimal that it was written as."""
    return Decimal(str(number))
