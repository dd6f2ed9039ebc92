"""What a target allows, and the path to it.

Emissions are t CO2e, percentages 0..100. Figures to be shown (`Standing`, `PathYear`) are rounded by `formulas.shown`.
What is not defined or not reported is None, never zero.
Source: target types of the GHG Protocol Mitigation Goal Standard as in the CDP-ICLEI form; status: ComP Hub.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Literal

from services.core.commitments import frames
from services.core.commitments.formulas import PRECISION, required_level, shown
from services.core.commitments.inventories import Inventory
from services.core.commitments.rules import Target

Status = Literal["ahead", "on_track", "behind", "achieved", "no_data"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a target stands by the inventory that counts. `reason` says why there is no figure, when there is none.

    ``base_year_emissions_t``: what it is measured against (recalculated where `why` says so). ``inventory``: the one that counts, its
    ``emissions_t`` being what is compared (of a sector target the sector's). ``why``: why it counts, or none does; ``passed_over``: the
    years that do not count, each with its reason, the latest first; ``comparable``: all that could count, by year;
    ``tolerance``: points around what is expected, still on track.
    """

    latest_year: int | None
    reduction_percent: Decimal | None
    achieved_percent: Decimal | None
    expected_percent: Decimal | None
    status: Status
    reason: str | None = None
    base_year_emissions_t: Decimal | None = None
    inventory: Inventory | None = None
    why: str = ""
    passed_over: tuple[tuple[int, str], ...] = ()
    comparable: tuple[Inventory, ...] = ()
    tolerance: Decimal | None = None


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


def baseline_points(target: Target) -> dict[int, Decimal]:
    """Business as usual where it is known, t CO2e by year: B, the series, and U."""
    scenario = target.baseline_scenario
    if scenario is None:
        return {}
    ends = {target.base_year: target.base_year_emissions_t, target.target_year: scenario.target_year_emissions_t}
    return dict(scenario.series) | {year: level for year, level in ends.items() if year is not None and level is not None}


def baseline_level(target: Target, year: int) -> Decimal | None:
    """U_y, t CO2e: business as usual in `year`, straight lines between B, the series and U; U after the target year."""
    return None if target.target_year is None else between(baseline_points(target), min(year, target.target_year))


def neighbours(points: Mapping[int, Decimal], year: int) -> tuple[int, int] | None:
    """The known years around ``year`` (twice the same when it is known itself); None outside of what is known."""
    before = max((known for known in points if known <= year), default=None)
    after = min((known for known in points if known >= year), default=None)
    return None if before is None or after is None else (before, after)


def between(points: Mapping[int, Decimal], year: int) -> Decimal | None:
    """The level of ``year`` on straight lines between the known years; None outside of them."""
    around = neighbours(points, year)
    if around is None:
        return None
    before, after = around
    if before == after:
        return points[before]
    with localcontext(Context(prec=PRECISION)):
        return points[before] + (points[after] - points[before]) * (year - before) / (after - before)


def levels(target: Target, year: int, denominator: Decimal | None) -> tuple[Decimal, Decimal] | None:
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


def path(target: Target, inventories: Iterable[Inventory], this_year: int | None = None) -> list[PathYear]:
    """The required path year by year, with what was reported and the gap, t CO2e rounded by `shown`.

    From the base year to the target year, then the reported years after it (the goal stays). Only comparable inventories are shown
    (`frames.sift`; none of a year after ``this_year``); from one that recalculates the base year on, the path starts from that. A year
    whose level is not known (an intensity target without its denominator) is left out; without base year or goal the path is empty.
    """
    first, last = target.base_year, target.target_year
    if first is None or last is None or last <= first:
        return []
    counted, _ = frames.sift(target, inventories, this_year)
    reported = {inventory.year: inventory.emissions_t for inventory in counted}
    sizes = denominators(target, counted)
    rows: list[PathYear] = []
    for year in sorted({*range(first, last + 1), *reported}):
        against, _ = frames.rebased(target, counted, year)
        ends = levels(against, year, between(sizes, year))
        required = required_level(*ends, first, last, year) if ends else None
        if required is not None:
            rows.append(_row(year, required, reported.get(year)))
    return rows


def _row(year: int, required: Decimal, reported: Decimal | None) -> PathYear:
    with localcontext(Context(prec=PRECISION)):
        gap = None if reported is None else reported - required
    return PathYear(year, shown(required), None if reported is None else shown(reported), None if gap is None else shown(gap))


def denominators(target: Target, counted: Sequence[Inventory]) -> dict[int, Decimal]:
    """Population or GDP by year: `B/i0` (or the population) in the base year, as projected in the target year, else as reported."""
    known: dict[int, Decimal] = {}
    intensity = target.intensity
    if intensity is None:
        return known
    if target.base_year is not None:
        if target.base_year_emissions_t is not None and intensity.base_value:
            with localcontext(Context(prec=PRECISION)):
                known[target.base_year] = target.base_year_emissions_t / intensity.base_value
        elif target.base_year_population is not None and intensity.unit == "per_capita":
            known[target.base_year] = Decimal(target.base_year_population)
    if target.target_year is not None and intensity.projected_denominator is not None:
        known[target.target_year] = intensity.projected_denominator
    return known | {inventory.year: inventory.denominator for inventory in counted if inventory.denominator is not None}
