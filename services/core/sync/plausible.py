"""What no jurisdiction can be: numbers that are typing errors or in another unit, by the largest that exist."""

from collections.abc import Iterator, Mapping
from typing import Any

_MUNICIPAL = frozenset({"city", "town", "metropolitan"})
_MOST_PEOPLE = 35_000_000
"""Of a municipality: Chongqing has 32 million."""
_MOST_KM2 = 700_000
"""Of a municipality: Qaasuitsup had 660,000 km²."""
_MOST_PER_KM2 = 100_000
"""Of any jurisdiction: Manila has 44,000 inhabitants per km²."""


def doubts(level: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Members of ``facts`` that cannot be true, each with why. Of two that contradict each other the area is doubted."""
    people, km2 = facts.get("population"), facts.get("area_km2")
    if people is not None and level in _MUNICIPAL and people > _MOST_PEOPLE:
        yield "population", f"no municipality has {people:,} inhabitants"
        people = None
    if km2 is None:
        return
    if level in _MUNICIPAL and km2 > _MOST_KM2:
        yield "area_km2", f"no municipality covers {km2:,} km²"
    elif km2 == 0:
        yield "area_km2", "no jurisdiction covers 0 km²"
    elif people and people / km2 > _MOST_PER_KM2:
        yield (
            "area_km2",
            f"{people:,} inhabitants on {km2:,} km² would be more than live anywhere: the unit or the decimal point may be wrong",
        )
