"""The automatic score of a submission: every point has a reason that cites the text.

Pure: the same submission, circumstances and rubric give the same score and the same hash for ever. Filling a field
never lowers the score, and the order of list items does not matter. It measures completeness and evidence in
the way of CDP's disclosure scoring; whether a practice is good is for the reviewers to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from services.core.practices import criteria, hashing
from services.core.practices.citing import Cite, cites
from services.core.practices.criteria import Found
from services.core.practices.findings import Finding
from services.core.practices.rubric import BandCode, Check, Criterion, Rubric
from services.core.practices.submission import Circumstances, Submission

CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CheckScore:
    """What one check earned: `points` of `max`, what it asks for (`says`), what the points stand on, and all of it in a sentence."""

    code: str
    points: Decimal
    max: Decimal
    says: str
    cites: tuple[Cite, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """What one criterion earned: `points` of `max`, its `weight` in the total (percent), and a reason per check.

    `checks` are empty under rubrics whose reasons do not cite. `capped_at` is what a gate left of the points that the checks
    gave together; None when none held anything back. The last of the `reasons` says so.
    """

    code: str
    weight: Decimal
    points: Decimal
    max: Decimal
    reasons: tuple[str, ...]
    checks: tuple[CheckScore, ...] = ()
    capped_at: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The score of one version: `total` 0..100 = sum of `weight * points / max`, two decimals, half to even."""

    rubric_version: str
    inputs_hash: str
    findings: tuple[Finding, ...]
    band: BandCode
    total: Decimal
    criteria: tuple[CriterionScore, ...]


def score(submission: Submission, circumstances: Circumstances, rubric: Rubric, findings: Sequence[Finding]) -> Assessment:
    """Score a submission. `findings` are `validate`'s; they stand beside the score and do not enter it."""
    what = criteria.asked(submission, circumstances.year, rubric.counting)
    found = {check: criteria.look(check, what) for criterion in rubric.criteria for check in criterion.checks}
    scored = tuple(_criterion(criterion, found, cites_text=rubric.cites) for criterion in rubric.criteria)
    shares = (criterion.weight * criterion.points / criterion.max for criterion in scored)
    total = _cents(sum(shares, Decimal(0)))
    earned = {check.code for check, each in found.items() if each.count >= check.at_least}
    return Assessment(
        rubric_version=rubric.version,
        inputs_hash=_hash(submission, circumstances, rubric, findings),
        findings=tuple(findings),
        band=_band(rubric, total, scored, earned),
        total=total,
        criteria=scored,
    )


def _hash(submission: Submission, circumstances: Circumstances, rubric: Rubric, findings: Sequence[Finding]) -> str:
    if rubric.hashing == 1:
        return hashing.first_inputs_hash(submission, rubric.version, findings)
    return hashing.inputs_hash(submission, circumstances, rubric.version)


def _band(rubric: Rubric, total: Decimal, scored: Sequence[CriterionScore], earned: set[str]) -> BandCode:
    """The last band reached; bands are consecutive, so the first one missed closes those above it. `earned`: checks, in full."""
    points = {criterion.code: criterion.points for criterion in scored}
    reached = rubric.bands[0].code
    for band in rubric.bands:
        suffices = all(points[code] >= least for code, least in band.criteria_at_least.items())
        if total < band.total_at_least or not suffices or not earned.issuperset(band.essentials):
            break
        reached = band.code
    return reached


def _criterion(criterion: Criterion, found: dict[Check, Found], *, cites_text: bool) -> CriterionScore:
    tell = _citing if cites_text else _counting
    checks = tuple(tell(check, found[check], _earned(check, found[check].count)) for check in criterion.checks)
    points, reasons = sum((check.points for check in checks), Decimal(0)), [check.reason for check in checks]
    gate, capped_at = criterion.gate, None
    if gate and points > gate.at_most:
        closed = next(check for check in criterion.checks if check.code == gate.check)
        if found[closed].count < closed.at_least:
            capped_at = gate.at_most
            reasons.append(
                f"Only {_plain(capped_at)} of these {_plain(points)} points count until there is {closed.says} ({found[closed].missing})."
            )
    return CriterionScore(
        code=criterion.code,
        weight=criterion.weight,
        points=points if capped_at is None else capped_at,
        max=criterion.max,
        reasons=tuple(reasons),
        checks=checks if cites_text else (),
        capped_at=capped_at,
    )


def _earned(check: Check, count: int) -> Decimal:
    return _cents(check.points * min(count, check.at_least) / check.at_least)


def _counting(check: Check, found: Found, points: Decimal) -> CheckScore:
    """The reason of rubrics that do not cite."""
    given = "given" if found.count else "not given"
    fact = f"{found.count} of {check.at_least} {check.says}" if check.at_least > 1 else f"{check.says}: {given}"
    reason = f"{_plain(points)} of {check.points} points: {fact} ({check.field})"
    return CheckScore(check.code, points, check.points, check.says, (), reason)


def _citing(check: Check, found: Found, points: Decimal) -> CheckScore:
    """The reason that quotes what the points stand on, and says where to fill in what is missing."""
    cited = cites(found.places)
    if check.at_least == 1:
        fact = check.says if found.count else f"{check.says}: not given"
    else:
        fact = f"{found.count} {check.says}" if found.count >= check.at_least else f"{found.count} of {check.at_least} {check.says}"
    if cited:
        more = len(found.places) - len(cited)
        quotes = [f"{cite.pointer}: “{cite.text}”" for cite in cited] + [f"and {more} more"] * bool(more)
        fact += f" ({'; '.join(quotes)})"
    if found.count < check.at_least:
        fact += f"; for the rest, add to {found.missing}" if found.count else f"; fill in {found.missing}"
    return CheckScore(check.code, points, check.points, check.says, cited, f"{_plain(points)} of {_plain(check.points)} points: {fact}")


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_EVEN)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
