"""What was promised: a sentence for everybody, and the figures that follow from the target alone.

Emissions are t CO2e. A figure that the target does not allow to be computed is None; its inputs show what is missing.
"""

from collections.abc import Mapping
from decimal import Context, Decimal, localcontext
from typing import Any, Final

from services.core.commitments.formulas import (
    PRECISION,
    annual_rate_compound,
    annual_rate_points,
    figure,
    reduction_percent,
    written,
)
from services.core.commitments.rules import Target
from services.core.commitments.trajectory import target_year_emissions

_ALLOWED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "base_year_absolute": (
        "base_year_emissions_t * (1 - reduction_percent / 100)",
        ("base_year_emissions_t", "reduction_percent"),
    ),
    "fixed_level": ("target_emissions_t", ("target_emissions_t",)),
    "base_year_intensity": (
        "intensity.base_value * (1 - reduction_percent / 100) * intensity.projected_denominator",
        ("intensity.base_value", "reduction_percent", "intensity.projected_denominator"),
    ),
    "baseline_scenario": (
        "baseline_scenario.target_year_emissions_t * (1 - reduction_percent / 100)",
        ("baseline_scenario.target_year_emissions_t", "reduction_percent"),
    ),
}
_PER: Final[Mapping[str, tuple[str, str]]] = {"per_capita": ("per person", "people"), "per_gdp": ("per unit of GDP", "units of GDP")}
_PER_OTHER: Final = ("per unit", "units")
_SECTORS: Final[Mapping[str, str]] = {
    "energy": "in energy",
    "transport": "in transport",
    "waste": "in waste",
    "buildings": "in buildings",
    "ippu": "in industrial processes and product use",
    "afolu": "in farming, forestry and land use",
    "other": "in other sectors",
}
_AREAS: Final[Mapping[str, str]] = {
    "larger": "in an area larger than the city",
    "smaller": "in an area smaller than the city",
    "partial": "in part of the city",
    "government_operations": "in the local government's own operations",
}


def promise(target: Target) -> dict[str, Any]:
    """What was promised, as it is shown. ``change_against_base_year_percent`` above zero is growth, as a baseline scenario may allow."""
    figures = [goal(target), change(target), points(target), compound(target, target.base_year, *base_level(target))]
    return {"statement": statement(target)} | {each["name"]: each["value"] for each in figures} | {"figures": figures}


def goal(target: Target) -> dict[str, Any]:
    """What is allowed in the target year."""
    formula, names = _ALLOWED.get(target.target_type, ("", ()))
    return figure(
        "target_year_emissions_t", formula, "t CO2e", target_year_emissions(target), **{name: _given(target, name) for name in names}
    )


def _given(target: Target, name: str) -> Any:
    value: Any = target
    for part in name.split("."):
        value = getattr(value, part, None)
    return value


def change(target: Target) -> dict[str, Any]:
    """How the target year compares with the base year: above zero is growth."""
    base, allowed = target.base_year_emissions_t, target_year_emissions(target)
    value = None if base is None or allowed is None else reduction_percent(base, allowed)
    return figure(
        "change_against_base_year_percent",
        "(target_year_emissions_t - base_year_emissions_t) / base_year_emissions_t * 100",
        "percent of the base year",
        None if value is None else value.copy_negate() if value else value,
        target_year_emissions_t=allowed,
        base_year_emissions_t=base,
    )


def points(target: Target) -> dict[str, Any]:
    """F6: how much less each year, in points of the base (of the base year's intensity for an intensity target)."""
    name, first, last = "annual_rate_points", target.base_year, target.target_year
    years = {"base_year": first, "target_year": last}
    if target.target_type in ("base_year_absolute", "base_year_intensity"):
        percent, inputs = target.reduction_percent, {"reduction_percent": target.reduction_percent}
        formula = "reduction_percent / (target_year - base_year)"
    else:
        base, allowed = target.base_year_emissions_t, target_year_emissions(target)
        percent = None if base is None or allowed is None else reduction_percent(base, allowed)
        inputs = {"base_year_emissions_t": base, "target_year_emissions_t": allowed}
        formula = "(base_year_emissions_t - target_year_emissions_t) / base_year_emissions_t * 100 / (target_year - base_year)"
    known = percent is not None and first is not None and last is not None
    value = annual_rate_points(percent, first, last) if known else None  # type: ignore[arg-type]  # `known` says that none is None
    unit = "points of the base year's intensity per year" if target.target_type == "base_year_intensity" else "points of the base per year"
    return figure(name, formula, unit, value, **inputs, **years)


def base_level(target: Target) -> tuple[Decimal | None, Decimal | None]:
    """What it starts from, and per how many: the base year's emissions, or its intensity per one."""
    if target.target_type != "base_year_intensity":
        return target.base_year_emissions_t, None
    return (target.intensity.base_value if target.intensity else None), Decimal(1)


def compound(target: Target, year: int | None, emissions: Decimal | None, denominator: Decimal | None) -> dict[str, Any]:
    """F7: how much less than the year before, each year from ``year`` to the target year. For an intensity target: of the intensity."""
    start, allowed = emissions, target_year_emissions(target)
    names = ("emissions_t", "target_year_emissions_t")
    if target.target_type == "base_year_intensity":
        names = ("intensity", "target_year_intensity")
        unit, percent = base_level(target)[0], target.reduction_percent
        with localcontext(Context(prec=PRECISION)):
            start = emissions / denominator if emissions is not None and denominator else None
            allowed = None if unit is None or percent is None else unit * (100 - percent) / 100
    value = None
    if year is not None and start is not None and allowed is not None and target.target_year is not None:
        value = annual_rate_compound(start, allowed, target.target_year - year)
    inputs = {"from_year": year, names[0]: start, names[1]: allowed, "target_year": target.target_year}
    formula = f"(1 - ({names[1]} / {names[0]}) ^ (1 / (target_year - from_year))) * 100"
    return figure("annual_rate_compound", formula, "percent per year", value, **inputs)


def statement(target: Target) -> str | None:
    """The promise in one or two plain sentences; None when the target lacks what its type needs."""
    allowed = target_year_emissions(target)
    if allowed is None or target.target_year is None:
        return None
    scope = [
        *(["as a step on the way"] if target.is_interim else []),
        *([_SECTORS[target.sector or ""]] if target.sector in _SECTORS else []),
        *([_AREAS[target.boundary or ""]] if target.boundary in _AREAS else []),
    ]
    text = _sentence(target, allowed)
    if scope:
        where = ", ".join(scope)
        text = f"{where[0].upper()}{where[1:]}: {text[0].lower()}{text[1:]}"
    return f"{text} This is a net-zero target." if target.net_zero else text


def _sentence(target: Target, allowed: Decimal) -> str:
    by, percent = target.target_year, written(target.reduction_percent or 0)
    most = f"{'at most ' if allowed else ''}{written(allowed)} t CO2e a year"
    than = f" than in {target.base_year}" if target.base_year is not None else ""
    if target.target_type == "fixed_level":
        return f"Emit {most} by {by}.{_against_base(target)}"
    if target.target_type == "baseline_scenario":
        return f"Emit {percent} % less than expected without the measures by {by}: {most}.{_against_base(target)}"
    if target.target_type == "base_year_intensity" and target.intensity is not None:
        per, whom = _PER.get(target.intensity.unit, _PER_OTHER)
        with localcontext(Context(prec=PRECISION)):
            unit = (target.intensity.base_value or Decimal(0)) * (100 - (target.reduction_percent or Decimal(0))) / 100
        size = written(target.intensity.projected_denominator or 0)
        return f"Emit {percent} % less {per}{than} by {by}: {written(unit)} t CO2e {per}, {most} for {size} {whom}."
    return f"Emit {percent} % less{than} by {by}: {most}."


def _against_base(target: Target) -> str:
    """Whether that is less or more than in the base year, with one decimal."""
    base, allowed = target.base_year_emissions_t, target_year_emissions(target)
    less = None if base is None or allowed is None else reduction_percent(base, allowed)
    if less is None or target.base_year is None:
        return ""
    if less == 0:
        return f" That is as much as in {target.base_year}."
    return f" That is {written(less.copy_abs(), 1)} % {'less' if less > 0 else 'more'} than in {target.base_year}."
