"""The figures of a target's progress and path, each with its formula in the names of its inputs: a reader can compute it again.

Emissions are t CO2e, percentages 0..100. A function such as ``baseline_t(year)`` stands for straight lines between the years known,
which are inputs by the name ``baseline_t.2020``. Formula numbers: ComP Hub's domain handbook.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from services.core.commitments import frames
from services.core.commitments.formulas import achieved_percent, expected_percent, expected_reduction_percent, figure, reduction_percent
from services.core.commitments.inventories import Inventory
from services.core.commitments.rules import Target
from services.core.commitments.trajectory import baseline_level, baseline_points, denominators, levels, neighbours

_SHARE: Final[Mapping[str, tuple[str, str]]] = {
    "base_year_absolute": ("base_year_emissions_t - emissions_t", "base_year_emissions_t * reduction_percent / 100"),
    "fixed_level": ("base_year_emissions_t - emissions_t", "base_year_emissions_t - target_emissions_t"),
    "base_year_intensity": ("intensity.base_value - emissions_t / denominator", "intensity.base_value * reduction_percent / 100"),
    "baseline_scenario": ("baseline_t - emissions_t", "baseline_t * reduction_percent / 100"),
}
"""What was achieved and what was promised of it (F2, F10, F8, F9), in the names of the inputs."""
_DUE: Final = "(min(year, target_year) - base_year) / (target_year - base_year)"
_OF: Final[Mapping[str, str]] = {
    "base_year_absolute": "the base year",
    "base_year_intensity": "the base year's intensity",
    "baseline_scenario": "business as usual",
}
"""What the reduction of a type is a percentage of."""
_STATUS: Final = (
    "achieved if achieved_percent >= 100; else no_data if achieved_percent or expected_percent is unknown;"
    " else, if year > target_year: behind; else behind if achieved_percent < expected_percent - status_tolerance;"
    " else ahead if achieved_percent >= expected_percent + status_tolerance; else on_track"
)
_LINES: Final = "straight lines between the years whose values are listed"
_CURVES: Final[Mapping[str, str]] = {
    "base_year_intensity": f"; denominator(year): {_LINES}",
    "baseline_scenario": f"; baseline_t(year): {_LINES}, and the last value after them",
}
_PATH: Final[Mapping[str, str]] = {
    "base_year_absolute": f"base_year_emissions_t * (1 - reduction_percent / 100 * {_DUE})",
    "fixed_level": f"base_year_emissions_t - (base_year_emissions_t - target_emissions_t) * {_DUE}",
    "base_year_intensity": f"intensity.base_value * denominator(year) * (1 - reduction_percent / 100 * {_DUE})",
    "baseline_scenario": f"baseline_t(year) * (1 - reduction_percent / 100 * {_DUE})",
}


def percentages(target: Target, latest: Inventory) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """F1, F2 (or the type's own F8, F9, F10) and F3 of ``target`` by ``latest``, not rounded."""
    ends, emissions, base = levels(target, latest.year, latest.denominator), latest.emissions_t, target.base_year_emissions_t
    if target.target_type == "base_year_intensity":
        base = ends[0] if ends else None
    reduced = None if base is None or emissions is None else reduction_percent(base, emissions)
    achieved = None if ends is None or emissions is None else achieved_percent(ends[0], emissions, ends[1])
    expected = None
    if target.base_year is not None and target.target_year is not None:
        expected = expected_percent(target.base_year, target.target_year, latest.year)
    return reduced, achieved, expected


def of_progress(target: Target, latest: Inventory, tolerance: Decimal | None) -> list[dict[str, Any]]:
    """Reduction, share of the target, what is due by now, and the status; for a baseline scenario also business as usual of that year.

    ``target`` has the base year that holds for ``latest``; ``tolerance``: points around what is expected.
    """
    reduced, achieved, expected = percentages(target, latest)
    done, promised = _SHARE.get(target.target_type, ("", ""))
    base = "intensity.base_value" if target.target_type == "base_year_intensity" else "base_year_emissions_t"
    change = done if base in done else f"{base} - emissions_t"
    inputs = _inputs(target, latest)
    return [
        _figure("reduction_percent", f"({change}) / {base} * 100", "percent of the base year", reduced, inputs),
        *([_baseline(target, latest.year)] if target.target_type == "baseline_scenario" else []),
        _figure("achieved_percent", f"({done}) / ({promised}) * 100", "percent of the target", achieved, inputs),
        _figure("expected_percent", f"{_DUE} * 100", "percent of the target", expected, inputs),
        *_due(target, latest.year, inputs),
        _status(target, latest.year, achieved, expected, tolerance),
    ]


def _due(target: Target, year: int, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The reduction that is due by ``year``; a fixed level has no percentage of its own."""
    unit = _OF.get(target.target_type)
    if unit is None:
        return []
    percent, first, last = target.reduction_percent, target.base_year, target.target_year
    known = percent is not None and first is not None and last is not None
    value = expected_reduction_percent(percent, first, last, year) if known else None  # type: ignore[arg-type]  # `known`: none is None
    return [_figure("expected_reduction_percent", f"reduction_percent * {_DUE}", f"percent of {unit}", value, inputs)]


def _status(target: Target, year: int, achieved: Decimal | None, expected: Decimal | None, tolerance: Decimal | None) -> dict[str, Any]:
    """How the status follows; its value is a word, which stands in `progress.status`."""
    inputs = {"achieved_percent": achieved, "expected_percent": expected, "status_tolerance": tolerance}
    return figure("status", _STATUS, "", None, **inputs, year=year, target_year=target.target_year)


def _figure(name: str, formula: str, unit: str, value: Decimal | None, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A figure with those of ``inputs`` that its formula names."""
    words = set(formula.replace("(", " ").replace(")", " ").replace(",", " ").split())
    return figure(name, formula, unit, value, **{each: given for each, given in inputs.items() if each in words})


def _inputs(target: Target, latest: Inventory | None) -> dict[str, Any]:
    year = None if latest is None else latest.year
    return {
        "base_year_emissions_t": target.base_year_emissions_t,
        "intensity.base_value": target.intensity.base_value if target.intensity else None,
        "baseline_t": None if year is None else baseline_level(target, year),
        "emissions_t": None if latest is None else latest.emissions_t,
        "denominator": None if latest is None else latest.denominator,
        "reduction_percent": target.reduction_percent,
        "target_emissions_t": target.target_emissions_t,
        "year": year,
        "base_year": target.base_year,
        "target_year": target.target_year,
    }


def _baseline(target: Target, year: int) -> dict[str, Any]:
    """Business as usual of ``year``: known itself, or on a straight line between two years that are; U after the target year."""
    name, unit, known = "baseline_t", "t CO2e", baseline_points(target)
    at = year if target.target_year is None else min(year, target.target_year)
    around = neighbours(known, at)
    if around is None or around[0] == around[1]:
        return figure(name, "known_t", unit, known.get(at), known_t=known.get(at))
    before, after = around
    inputs = {"year": at, "from_year": before, "from_t": known[before], "to_year": after, "to_t": known[after]}
    formula = "from_t + (to_t - from_t) * (year - from_year) / (to_year - from_year)"
    return figure(name, formula, unit, baseline_level(target, year), **inputs)


def of_path(target: Target, counted: Sequence[Inventory]) -> list[dict[str, Any]]:
    """How `trajectory.path` computes the level of each year and the gap: values are given by year there, so here they are None.

    A base year that was recalculated is an input by the name ``base_year_emissions_t.from_2019``, and holds from that year on.
    """
    formula, inputs = _PATH.get(target.target_type, ""), _inputs(target, None)
    for name in ("year", "denominator", "baseline_t"):  # these go with each year of the path
        del inputs[name]
    level = _figure("years.required_t", formula, "t CO2e", None, inputs)
    level["formula"] += _CURVES.get(target.target_type, "")
    more: dict[str, Decimal | None] = (
        {f"denominator.{year}": size for year, size in denominators(target, counted).items()} if "denominator(" in formula else {}
    )
    more |= {f"baseline_t.{year}": known for year, known in sorted(baseline_points(target).items())} if "baseline_t(" in formula else {}
    for inventory in counted:
        against, source = frames.rebased(target, counted, inventory.year)
        if source is inventory:
            more[f"base_year_emissions_t.from_{inventory.year}"] = against.base_year_emissions_t
            if against.intensity is not None and "intensity.base_value" in formula:
                more[f"intensity.base_value.from_{inventory.year}"] = against.intensity.base_value
    level["inputs"] += figure("", "", "", None, **more)["inputs"]
    return [level, figure("years.gap_t", "reported_t - required_t", "t CO2e", None)]
