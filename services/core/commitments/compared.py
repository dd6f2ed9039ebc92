"""Two versions of a target compared year by year: what each year is measured against, and what the path to the target allows.

The years are those from the earlier base year to the earlier target year of the two. Everything is compared in t CO2e, but an intensity
that keeps its unit per unit; and its path in t CO2e besides, where the target year is the same. A year for which one of the two says
nothing is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.core.commitments.formulas import required_level
from services.core.commitments.rules import Target
from services.core.commitments.trajectory import between, denominators, levels
from services.core.commitments.weakening import Weakening, exceeds, number

_BASES: Final = ("base_year", "base_year_emissions_t", "baseline_scenario", "intensity", "target_type")
"""Members that can lift a path which ends no higher, in the order in which they are looked at."""
_TONNES: Final = "t CO2e"
_PER_UNIT: Final = "t CO2e per unit"


@dataclass(frozen=True, slots=True)
class Level:
    """A year of a target: what it is measured against (``start``), and what its path allows. None: not known."""

    start: Decimal | None
    allowed: Decimal | None


@dataclass(frozen=True, slots=True)
class Rise:
    """The year in which ``now`` is furthest above ``was``."""

    year: int
    was: Decimal
    now: Decimal
    unit: str


def same_unit(before: Target, after: Target) -> bool:
    """Whether both are intensities in the same unit."""
    return before.intensity is not None and after.intensity is not None and before.intensity.unit == after.intensity.unit


def lifted(before: Target, after: Target) -> Iterator[Weakening]:
    """More is allowed on the way, or the reduction is measured from more, so that the same emissions count as more progress."""
    if before.target_year is None or after.target_year is None:
        return
    last = min(before.target_year, after.target_year)
    years = range(min((year for year in (before.base_year, after.base_year) if year is not None), default=last), last + 1)
    start, path = None, None
    for unit, sizes in _scales(before, after, years):
        was = {year: _level(before, year, before.target_year, between(sizes[0], year)) for year in years}
        now = {year: _level(after, year, last, between(sizes[1], year)) for year in years}
        path = path or _furthest(((year, was[year].allowed, now[year].allowed) for year in years), unit)
        if not (unit == _TONNES and same_unit(before, after)):  # more people are no higher intensity
            start = _furthest(((year, was[year].start, now[year].start) for year in years), unit)
    against = f"For {start.year} it is measured against {_told(start)}, so the same emissions look like more progress." if start else ""
    on_the_way = f"On the way, in {path.year}, it allows {_told(path)}." if path else ""
    if worst := start or path:
        yield Weakening("path", _pointer(before, after), worst.was, worst.now, f"{against} {on_the_way}".strip())


def _scales(before: Target, after: Target, years: range) -> Iterator[tuple[str, tuple[Mapping[int, Decimal], Mapping[int, Decimal]]]]:
    """What intensities are multiplied with by year, before and after: 1 to compare them per unit, else population or GDP."""
    if same_unit(before, after):
        ones = dict.fromkeys(years, Decimal(1))
        yield _PER_UNIT, (ones, ones)
    if not same_unit(before, after) or before.target_year == after.target_year:
        yield _TONNES, (denominators(before, ()), denominators(after, ()))


def _level(target: Target, year: int, last: int, size: Decimal | None) -> Level:
    """``year`` of ``target``, as if its path ended in ``last``: that it ends later is told by itself. Before the base year, the base."""
    ends = levels(target, year, size)
    if ends is None:
        return Level(None, None)
    start, goal = ends
    if target.base_year is None:
        return Level(start, None)
    return Level(start, start if year <= target.base_year else required_level(start, goal, target.base_year, last, year))


def _furthest(pairs: Iterable[tuple[int, Decimal | None, Decimal | None]], unit: str) -> Rise | None:
    """The year that rose most, beyond rounding; of several the first."""
    rises = [Rise(year, was, now, unit) for year, was, now in pairs if was is not None and now is not None and exceeds(now, was)]
    return max(rises, key=lambda rise: rise.now - rise.was, default=None)


def _told(rise: Rise) -> str:
    return f"{number(rise.now)} {rise.unit} instead of {number(rise.was)}"


def _pointer(before: Target, after: Target) -> str:
    return next((f"/{name}" for name in _BASES if getattr(before, name) != getattr(after, name)), "/target_year")
