"""What a climate target is, and the two rules that it must pass before it is stored, as plain functions on plain values.

`blocking` holds these (R0, R3); `checks` all others, whose findings stand beside a stored target. How serious a case is and where it
comes from stands in the `rulebook`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from services.core.commitments.inventories import Inventory
from services.core.commitments.rulebook import Severity, current

WHOLE: Final = 100  # percent

# What each target type needs (pointer into the create body -> its name in a sentence), as the GHG Protocol Mitigation Goal Standard has it.
_REDUCTION = {"/reduction_percent": "the reduction in percent", "/target_year": "the target year"}
NEEDS: Final[Mapping[str, Mapping[str, str]]] = {
    "base_year_absolute": {"/base_year": "the base year", "/base_year_emissions_t": "its emissions", **_REDUCTION},
    "fixed_level": {"/target_emissions_t": "its emissions (0 for none)", "/target_year": "the target year"},
    "base_year_intensity": {
        "/intensity/base_value": "the emissions per person or unit of GDP in the base year",
        "/intensity/projected_denominator": "the projected population or GDP of the target year",
        **_REDUCTION,
    },
    "baseline_scenario": {
        "/baseline_scenario/target_year_emissions_t": "the business-as-usual emissions of the target year",
        **_REDUCTION,
    },
}


@dataclass(frozen=True, slots=True)
class Intensity:
    """Base-year emissions per unit: t CO2e per person (`per_capita`), per unit of GDP, or another denominator."""

    unit: str = "per_capita"
    base_value: Decimal | None = None
    projected_denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BaselineScenario:
    """Business as usual: emissions in the target year (t CO2e) and, if modelled, `(year, t CO2e)` in between."""

    target_year_emissions_t: Decimal | None = None
    series: tuple[tuple[int, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A target as it was promised. Emissions in t CO2e, percentages 0..100; None = not given, never zero."""

    target_type: str
    base_year: int | None = None
    base_year_emissions_t: Decimal | None = None
    reduction_percent: Decimal | None = None
    target_year: int | None = None
    year_set: int | None = None
    target_emissions_t: Decimal | None = None
    intensity: Intensity | None = None
    baseline_scenario: BaselineScenario | None = None
    sector: str | None = None
    boundary: str | None = None
    gases: tuple[str, ...] = ()
    conditional_percent: Decimal | None = None
    uses_credits: bool | None = None
    net_zero: bool | None = None
    is_interim: bool = False
    scopes: tuple[int, ...] = ()
    status_in_law: str | None = None
    base_year_population: int | None = None
    projected_population: int | None = None
    reported_target_year_emissions_t: Decimal | None = None
    reported_percent_achieved: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A policy or instrument, as far as the rules look at it: ``indicators`` are ``(name, value, unit, as_of, source)``."""

    title: str
    indicators: tuple[tuple[str, Decimal | None, str | None, str | None, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a target (None = not known).

    ``interim_target_years``: target years of the steps to it: those that name it, and the jurisdiction's other targets of the same
    sector and boundary that end earlier; ``later_target_years``: of those that end later. ``joined_on``: when the jurisdiction's first
    membership became active.
    """

    reporting_year: int | None = None
    interim_target_years: tuple[int, ...] | None = None
    country: str | None = None
    population: int | None = None
    joined_on: date | None = None
    inventories: tuple[Inventory, ...] = ()
    measures: tuple[Measure, ...] = ()
    later_target_years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about a target. `pointer` (RFC 6901) leads to the field of the create body.

    ``/progress_reports/2019/gases`` is the field ``gases`` of the report on the year 2019, ``/progress_reports`` all reports.
    """

    rule: str
    severity: Severity
    pointer: str
    message: str
    source: str


def finding(case: str, pointer: str, message: str) -> Finding:
    """Build the finding of one case: code, severity and source come from the current rulebook."""
    known = current().cases[case]
    return Finding(case.split(".", 1)[0], known.severity, pointer, message, known.source)


def blocking(target: Target) -> list[Finding]:
    """R0 (a field that the type needs is missing) and R3 (years and reduction make sense): nothing is stored.

    R3: `target_year > base_year`, `year_set <= target_year`, `0 < reduction_percent <= 100`, on the fields present.
    """
    return [*_r0(target), *_r3(target)]


def _r0(target: Target) -> Iterator[Finding]:
    needs = NEEDS.get(target.target_type)
    if needs is None:
        yield finding("R0.missing", "/target_type", f"A target is one of {', '.join(NEEDS)}.")
        return
    for pointer, name in needs.items():
        value: object = target
        for part in pointer.split("/")[1:]:
            value = getattr(value, part, None)
        if value is None:
            yield finding("R0.missing", pointer, f"A {target.target_type.replace('_', ' ')} target needs {name}.")


def _r3(target: Target) -> Iterator[Finding]:
    base, end, made = target.base_year, target.target_year, target.year_set
    if base is not None and end is not None and end <= base:
        yield finding("R3.years", "/target_year", f"The target year {end} must be later than the base year {base}.")
    if made is not None and end is not None and made > end:
        yield finding("R3.year_set", "/year_set", f"The target was set in {made}, after its own target year {end}.")
    p = target.reduction_percent
    if p is not None and not 0 < p <= WHOLE:
        text = f"A reduction is more than 0 and at most 100 percent; {p} was given."
        yield finding("R3.reduction", "/reduction_percent", text)
