"""Targets and inventories as plain values, out of what was stored or sent.

Numbers are exact: stored JSON is read with decimals, and written as the shortest number that says the same.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.rules import BaselineScenario, Intensity, Measure, Target

_PLAIN: Final = (
    "target_type", "base_year", "target_year", "year_set", "sector", "boundary", "uses_credits", "net_zero", "status_in_law",
    "base_year_population", "projected_population",
)  # fmt: skip
_AMOUNTS: Final = (
    "base_year_emissions_t", "reduction_percent", "target_emissions_t", "conditional_percent", "reported_target_year_emissions_t",
    "reported_percent_achieved",
)  # fmt: skip
_EXACT: Final = 2**53
"""Up to here readers of JSON keep a whole number as it is."""
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
        is_whole = abs(value) <= _EXACT and value == value.to_integral_value()
        return int(value) if is_whole else float(value)
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
        scopes=tuple(given.get("scopes") or ()),
        is_interim=given.get("interim_of") is not None,
    )


def _exact(number: Decimal | int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _intensity(given: Mapping[str, Any]) -> Intensity:
    return Intensity(given["unit"], _exact(given.get("base_value")), _exact(given.get("projected_denominator")))


def _scenario(given: Mapping[str, Any]) -> BaselineScenario:
    series = tuple((point["year"], Decimal(point["emissions_t"])) for point in given.get("series") or ())
    return BaselineScenario(_exact(given.get("target_year_emissions_t")), series)


def measures_of(given: Mapping[str, Any]) -> tuple[Measure, ...]:
    """The measures in a body or a stored row."""
    return tuple(Measure(each["title"], tuple(map(_indicator, each.get("indicators") or ()))) for each in given.get("measures") or ())


def _indicator(given: Mapping[str, Any]) -> tuple[str, Decimal | None, str | None, str | None, str | None]:
    return given["name"], _exact(given.get("value")), given.get("unit"), given.get("as_of"), given.get("source")


def misplaced(target: Target) -> list[str]:
    """Pointers of members that were given although they belong to another type of target."""
    return [
        pointer
        for pointer, kind in GROUP_OF.items()
        if kind != target.target_type and getattr(target, pointer.removeprefix("/")) is not None
    ]


def inventories(reports: Iterable[Mapping[str, Any]], target: Target) -> list[Inventory]:
    """What was reported against ``target``; the denominator is the population for a per-capita target, else the one that was given."""
    by_head = target.intensity is not None and target.intensity.unit == "per_capita"
    return [_inventory(report, "population" if by_head else "denominator") for report in reports]


def _inventory(report: Mapping[str, Any], denominator: str) -> Inventory:
    return Inventory(
        year=report["year"],
        emissions_t=_exact(report["emissions_t"]),
        denominator=_exact(report.get(denominator)),
        notation_key=report.get("notation_key"),
        boundary=report.get("boundary"),
        gases=tuple(report.get("gases") or ()),
        scopes=tuple(report.get("scopes") or ()),
        sectors=tuple(SectorCell(s["code"], _exact(s.get("emissions_t")), s.get("notation_key")) for s in report.get("sectors") or ()),
        includes_grid_generation=report.get("includes_grid_generation"),
        base_year_emissions_t=_exact(report.get("recalculated_base_year_emissions_t")),
        verified=report.get("verified"),
        typed_percent=_exact(report.get("reported_percent_achieved")),
        id=UUID(report["id"]) if report.get("id") else None,
        reported_on=date.fromisoformat(report["created_at"][:10]) if report.get("created_at") else None,
    )


def latest(reports: Sequence[Mapping[str, Any]], year: int | None) -> Mapping[str, Any] | None:
    """The report of ``year``."""
    return next((report for report in reports if report["year"] == year), None)
