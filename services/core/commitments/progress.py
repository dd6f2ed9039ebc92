"""Assessing a stored target: its findings, its progress, and the figures of its path with formula and inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from services.core.commitments import formulas
from services.core.commitments.rules import Context, Target, assess
from services.core.commitments.targets import inventories, latest, plain
from services.core.commitments.trajectory import Inventory, path, progress, target_year_emissions, typed_difference

STATUSES: Final = ("ahead", "on_track", "behind", "achieved", "no_data")
UNASSESSED: Final[dict[str, Any]] = {
    "latest_year": None,
    "reduction_percent": None,
    "achieved_percent": None,
    "expected_percent": None,
    "status": "no_data",
    "reason": "Not assessed yet.",
}
"""The progress of a commitment that the worker has not seen."""

_ALLOWED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "base_year_absolute": ("B * (1 - p/100)", ("base_year_emissions_t", "reduction_percent")),
    "fixed_level": ("F", ("target_emissions_t",)),
    "base_year_intensity": (
        "i0 * (1 - p/100) * d_T",
        ("intensity.base_value", "reduction_percent", "intensity.projected_denominator"),
    ),
    "baseline_scenario": ("U * (1 - p/100)", ("baseline_scenario.target_year_emissions_t", "reduction_percent")),
}


def assessment(target: Target, reports: Sequence[Mapping[str, Any]], context: Context) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Findings and progress of ``target`` by ``reports``, as they are stored and shown.

    A typed “percent achieved” is never taken over: where it differs from the computed one, a finding says so.
    """
    found = assess(target, context)
    stand = progress(target, inventories(reports, target))
    report = latest(reports, stand.latest_year)
    typed = report["reported_percent_achieved"] if report else None
    if typed is not None and stand.achieved_percent is not None:
        difference = typed_difference(typed, stand.achieved_percent, stand.reduction_percent)
        found += [difference] if difference else []
    return [asdict(finding) for finding in found], plain(asdict(stand))


def trajectory_of(target: Target, reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The path year by year and the rates that it asks for, each figure with its formula and inputs.

    ``annual_rate_points`` (F6) is over the whole span, in points of the base; ``annual_rate_compound`` (F7) is what is
    still to be done each year from the latest inventory (from the base year when there is none), in percent.
    """
    known = inventories(reports, target)
    points, compound = _points(target), _compound(target, known)
    figures = [_goal(target), _level(target), _gap(), points, compound]
    return {
        "years": [plain(asdict(year)) for year in path(target, known)],
        "annual_rate_points": points["value"],
        "annual_rate_compound": compound["value"],
        "figures": figures,
    }


def _figure(name: str, formula: str, unit: str, value: Decimal | None, **inputs: Any) -> dict[str, Any]:
    shown = None if value is None else plain(formulas.shown(value))
    named = [{"name": each, "value": plain(given)} for each, given in inputs.items()]
    return {"name": name, "formula": formula, "unit": unit, "value": shown, "inputs": named}


def _goal(target: Target) -> dict[str, Any]:
    formula, names = _ALLOWED[target.target_type]
    return _figure("target_year_emissions_t", formula, "t CO2e", target_year_emissions(target), **{n: _input(target, n) for n in names})


def _input(target: Target, name: str) -> Any:
    value: Any = target
    for part in name.split("."):
        value = getattr(value, part, None)
    return value


def _level(target: Target) -> dict[str, Any]:
    return _figure(
        "years.required_t",
        "L(y) = S(y) - (S(y) - G(y)) * (y - y0)/(yT - y0), S and G: 0 and 100 percent achieved in year y",
        "t CO2e",
        None,
        base_year=target.base_year,
        target_year=target.target_year,
        base_year_emissions_t=target.base_year_emissions_t,
        target_year_emissions_t=target_year_emissions(target),
    )


def _gap() -> dict[str, Any]:
    return _figure("years.gap_t", "reported_t - required_t", "t CO2e", None)


def _points(target: Target) -> dict[str, Any]:
    base, end, percent = target.base_year, target.target_year, target.reduction_percent
    value = None if base is None or end is None or percent is None else formulas.annual_rate_points(percent, base, end)
    inputs = {"reduction_percent": percent, "base_year": base, "target_year": end}
    return _figure("annual_rate_points", "p / (yT - y0)", "points of the base per year", value, **inputs)


def _compound(target: Target, known: Sequence[Inventory]) -> dict[str, Any]:
    since = max(
        (i for i in known if i.emissions_t is not None and i.year >= (target.base_year or i.year)), key=lambda i: i.year, default=None
    )
    year, emissions = (since.year, since.emissions_t) if since else (target.base_year, target.base_year_emissions_t)
    goal = target_year_emissions(target)
    value = None
    if year is not None and emissions is not None and goal is not None and target.target_year is not None:
        value = formulas.annual_rate_compound(emissions, goal, target.target_year - year)
    inputs = {"from_year": year, "emissions_t": emissions, "target_year_emissions_t": goal, "target_year": target.target_year}
    return _figure("annual_rate_compound", "(1 - (E_T/E_y)^(1/(yT - y))) * 100", "percent per year", value, **inputs)
