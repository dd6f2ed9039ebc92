"""What a target allows, the path to it, and where a city stands on that path.

Emissions are t CO2e, percentages 0..100. Figures to be shown (`Progress`, `PathYear`) are rounded by `formulas.shown`;
the status is decided before rounding. What is not defined or not reported is None, never zero.
Source: target types of the GHG Protocol Mitigation Goal Standard as in the CDP-ICLEI form; status: ComP Hub.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Final, Literal

from services.core.commitments.formulas import (
    PRECISION,
    achieved_percent,
    expected_percent,
    reduction_percent,
    required_level,
    shown,
)
from services.core.commitments.rules import WHOLE, Finding, Target, finding

Status = Literal["ahead", "on_track", "behind", "achieved", "no_data"]

TOLERANCE: Final = Decimal(5)
TYPED_TOLERANCE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Inventory:
    """One year's total, t CO2e (None under a notation key); `denominator` is population or GDP of that year."""

    year: int
    emissions_t: Decimal | None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a target stands. `reason` says why there is no figure, when there is none."""

    latest_year: int | None
    reduction_percent: Decimal | None
    achieved_percent: Decimal | None
    expected_percent: Decimal | None
    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PathYear:
    """One year of the path. `gap_t` = reported - required: above zero is too much."""

    year: int
    required_t: Decimal
    reported_t: Decimal | None
    gap_t: Decimal | None


def target_year_emissions(target: Target) -> Decimal | None:
    """Emissions allowed in the target year, t CO2e; computed, never asked. None when a field is missing.

    Absolute `B*(1-p/100)`; fixed level `F`; intensity `i0*(1-p/100)*d_T`; baseline scenario `U*(1-p/100)`.
    Source: GHG Protocol Mitigation Goal Standard types, mayors.oceania.iclei.org page 271.
    """
    if target.target_type == "fixed_level":
        return target.target_emissions_t
    start: Decimal | None = None
    with localcontext(Context(prec=PRECISION)):
        if target.target_type == "base_year_absolute":
            start = target.base_year_emissions_t
        elif target.target_type == "baseline_scenario" and target.baseline_scenario is not None:
            start = target.baseline_scenario.target_year_emissions_t
        elif target.target_type == "base_year_intensity" and target.intensity is not None:
            unit, size = target.intensity.base_value, target.intensity.projected_denominator
            start = None if unit is None or size is None else unit * size
        if start is None or target.reduction_percent is None:
            return None
        return start * (100 - target.reduction_percent) / 100


def baseline_level(target: Target, year: int) -> Decimal | None:
    """U_y, t CO2e: business as usual in `year`, straight lines between B, the series and U; U after the target year."""
    scenario, last = target.baseline_scenario, target.target_year
    if scenario is None or last is None:
        return None
    ends = {target.base_year: target.base_year_emissions_t, last: scenario.target_year_emissions_t}
    points = dict(scenario.series) | {y: e for y, e in ends.items() if y is not None and e is not None}
    return _between(points, min(year, last))


def _between(points: Mapping[int, Decimal], year: int) -> Decimal | None:
    before = max((y for y in points if y <= year), default=None)
    after = min((y for y in points if y >= year), default=None)
    if before is None or after is None:
        return None
    if before == after:
        return points[before]
    with localcontext(Context(prec=PRECISION)):
        return points[before] + (points[after] - points[before]) * (year - before) / (after - before)


def frame(target: Target, year: int, denominator: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """What `year` is measured against, t CO2e: (0 percent achieved, 100 percent achieved). None when not known.

    Absolute and fixed level: (B, E_T); baseline scenario: (U_y, U_y*(1-p/100)); intensity: (i0*d_y, i0*d_y*(1-p/100)).
    """
    kind, percent = target.target_type, target.reduction_percent
    with localcontext(Context(prec=PRECISION)):
        if kind in {"base_year_absolute", "fixed_level"}:
            start, goal = target.base_year_emissions_t, target_year_emissions(target)
            return None if start is None or goal is None else (start, goal)
        if kind == "baseline_scenario":
            start = baseline_level(target, year)
        else:
            unit = target.intensity.base_value if target.intensity else None
            start = None if unit is None or denominator is None else unit * denominator
        return None if start is None or percent is None else (start, start * (100 - percent) / 100)


def progress(target: Target, inventories: Iterable[Inventory], tolerance: Decimal | int = TOLERANCE) -> Progress:
    """Where the target stands by its latest usable inventory (one with a total, not from before the base year).

    `achieved` at 100 or more; `ahead` from expected+tolerance; `behind` under expected-tolerance, or under 100 once the
    target year is over (overdue); else `on_track`. `reduction_percent` is F1 against the base year (for intensity: of
    the intensity). `no_data` with a reason when a figure that the formula needs is missing.
    """
    usable = [i for i in inventories if i.emissions_t is not None]
    latest = max((i for i in usable if i.year >= (target.base_year or i.year)), key=lambda i: i.year, default=None)
    if latest is None or latest.emissions_t is None:
        why = "The inventories are older than the base year." if usable else "No inventory total is reported."
        return Progress(None, None, None, None, "no_data", why)
    levels = frame(target, latest.year, latest.denominator)
    achieved = achieved_percent(levels[0], latest.emissions_t, levels[1]) if levels else None
    base = target.base_year_emissions_t
    if target.target_type == "base_year_intensity":
        base = levels[0] if levels else None
    reduced = None if base is None else reduction_percent(base, latest.emissions_t)
    expected, overdue = None, False
    if target.base_year is not None and target.target_year is not None:
        expected = expected_percent(target.base_year, target.target_year, latest.year)
        overdue = latest.year > target.target_year
    status = _status(achieved, expected, Decimal(0) if overdue else Decimal(tolerance))
    figures = (_shown(reduced), _shown(achieved), _shown(expected))
    return Progress(latest.year, *figures, status, _reason(status, achieved))


def _status(achieved: Decimal | None, expected: Decimal | None, tolerance: Decimal) -> Status:
    if achieved is not None and achieved >= WHOLE:
        return "achieved"
    if achieved is None or expected is None:
        return "no_data"
    if achieved < expected - tolerance:
        return "behind"
    return "ahead" if achieved >= expected + tolerance else "on_track"


def _reason(status: Status, achieved: Decimal | None) -> str | None:
    if status != "no_data":
        return None
    if achieved is None:
        return "Not assessed, because a figure that the formula needs is missing, zero, or allows no reduction."
    return "Not assessed, because base year and target year do not span a path."


def path(target: Target, inventories: Iterable[Inventory]) -> list[PathYear]:
    """The required path year by year, with what was reported and the gap, t CO2e rounded by `shown`.

    From the base year to the target year, then the reported years after it (the goal stays). A year whose level is
    not known (an intensity target without its denominator) is left out; without base year or goal the path is empty.
    """
    first, last = target.base_year, target.target_year
    if first is None or last is None or last <= first:
        return []
    counted = {i.year: i for i in inventories if i.emissions_t is not None and i.year >= first}
    sizes = _denominators(target, first, last) | {i.year: i.denominator for i in counted.values() if i.denominator is not None}
    rows: list[PathYear] = []
    for year in sorted({*range(first, last + 1), *counted}):
        levels = frame(target, year, _between(sizes, year))
        required = required_level(*levels, first, last, year) if levels else None
        if required is not None:
            rows.append(_row(year, required, counted[year].emissions_t if year in counted else None))
    return rows


def _shown(value: Decimal | None) -> Decimal | None:
    return None if value is None else shown(value)


def _row(year: int, required: Decimal, reported: Decimal | None) -> PathYear:
    with localcontext(Context(prec=PRECISION)):
        gap = None if reported is None else reported - required
    return PathYear(year, shown(required), _shown(reported), _shown(gap))


def _denominators(target: Target, first: int, last: int) -> dict[int, Decimal]:
    """Population or GDP at both ends: `B/i0` in the base year, as projected in the target year."""
    known: dict[int, Decimal] = {}
    unit = target.intensity.base_value if target.intensity else None
    if target.base_year_emissions_t is not None and unit:
        with localcontext(Context(prec=PRECISION)):
            known[first] = target.base_year_emissions_t / unit
    if target.intensity and target.intensity.projected_denominator is not None:
        known[last] = target.intensity.projected_denominator
    return known


def typed_difference(typed: Decimal, achieved: Decimal, reduced: Decimal | None) -> Finding | None:
    """F4: flag a typed "percent achieved" that lies more than 1 point from F2; say so when it is F1 instead."""
    if abs(typed - achieved) <= TYPED_TOLERANCE:
        return None
    text = f"{typed} percent achieved was typed; the reported figures give {shown(achieved)}."
    if reduced is not None and abs(typed - reduced) <= TYPED_TOLERANCE:
        text += " The typed number is the reduction against the base year, not the share of the target."
    return finding("F4.typed", "/reported_percent_achieved", text)
