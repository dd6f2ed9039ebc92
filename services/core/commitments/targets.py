"""Targets and inventories as plain values, out of what was stored or sent.

Numbers are exact: stored JSON is read with decimals, and written as the shortest number that says the same.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.commitments.trajectory import Inventory

_PLAIN: Final = ("target_type", "base_year", "target_year", "year_set", "sector", "boundary", "uses_credits", "net_zero")
_AMOUNTS: Final = ("base_year_emissions_t", "reduction_percent", "target_emissions_t", "conditional_percent")
GROUP_OF: Final[Mapping[str, str]] = {
    "/target_emissions_t": "fixed_level",
    "/intensity": "base_year_intensity",
    "/baseline_scenario": "baseline_scenario",
}
"""Members that belong to one type of target only."""


def loads(text: str) -> Any:
    """JSON with exact numbers."""
    return json.loads(text, parse_float=Decimal)


def plain(value: Any) -> Any:
    """``value`` as JSON knows it: decimals as whole numbers where they are whole, groups and lists alike."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return value


def target_of(given: Mapping[str, Any]) -> Target:
    """The target in a body or a stored row; groups are mappings."""
    intensity, scenario = given.get("intensity"), given.get("baseline_scenario")
    return Target(
        **{name: given.get(name) for name in _PLAIN},  # type: ignore[arg-type]  # the schema and the table watch the types
        **{name: _exact(given.get(name)) for name in _AMOUNTS},  # type: ignore[arg-type]
        intensity=_intensity(intensity) if intensity else None,
        baseline_scenario=_scenario(scenario) if scenario else None,
        gases=tuple(given.get("gases") or ()),
        is_interim=given.get("interim_of") is not None,
    )


def _exact(number: Decimal | int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _intensity(given: Mapping[str, Any]) -> Intensity:
    return Intensity(given["unit"], _exact(given.get("base_value")), _exact(given.get("projected_denominator")))


def _scenario(given: Mapping[str, Any]) -> BaselineScenario:
    series = tuple((point["year"], Decimal(point["emissions_t"])) for point in given.get("series") or ())
    return BaselineScenario(_exact(given.get("target_year_emissions_t")), series)


def misplaced(target: Target) -> list[str]:
    """Pointers of members that were given although they belong to another type of target."""
    return [
        pointer
        for pointer, kind in GROUP_OF.items()
        if kind != target.target_type and getattr(target, pointer.removeprefix("/")) is not None
    ]


def inventories(reports: Iterable[Mapping[str, Any]], target: Target) -> list[Inventory]:
    """What was reported against ``target``; the population is the denominator of a per-capita target only."""
    by_head = target.intensity is not None and target.intensity.unit == "per_capita"
    return [Inventory(r["year"], _exact(r["emissions_t"]), _exact(r["population"]) if by_head else None) for r in reports]


def latest(reports: Sequence[Mapping[str, Any]], year: int | None) -> Mapping[str, Any] | None:
    """The report of ``year``."""
    return next((report for report in reports if report["year"] == year), None)
