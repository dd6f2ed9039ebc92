"""What the standards ask of a climate target, as plain functions on plain values.

`blocking` holds the two rules that a target must pass before it is stored (R0, R3); `assess` the rules whose findings
stand beside a stored target. A rule whose input is missing says "Not assessed, because …"; it never passes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Severity = Literal["blocking", "warning", "info"]

GCOM = "GCoM, ICLEI Oceania, target types (mayors.oceania.iclei.org, page 271)"
COMPACT = "Compact of Mayors, inventory minimum (mayors.oceania.iclei.org, page 103)"
CRF = "GCoM Common Reporting Framework"
HLEG = "UN High-Level Expert Group on net zero (un.org/climatechange/high-level-expert-group)"
CDP = "CDP-ICLEI city questionnaire"
CDP_A = "CDP cities A list, net zero by 2050 (cdp.net, cities scores)"
COMP = "ComP Hub plausibility rule"

# Every case of every rule: how serious it is and where it comes from. The rule's code is the part before the dot.
RULES: Final[Mapping[str, tuple[Severity, str]]] = {
    "R0.missing": ("blocking", GCOM),
    "R3.years": ("blocking", COMP),
    "R3.year_set": ("blocking", COMP),
    "R3.reduction": ("blocking", COMP),
    "R2.unknown": ("info", CRF),
    "R2.government_operations": ("warning", CRF),
    "R2.partial": ("warning", CRF),
    "R2.smaller": ("info", CRF),
    "R2.larger": ("info", CRF),
    "R2.sector": ("info", CRF),
    "R5.unknown": ("info", HLEG),
    "R5.interim": ("warning", HLEG),
    "R8.unknown": ("info", COMPACT),
    "R8.co2_only": ("warning", COMPACT),
    "R8.gases": ("warning", COMPACT),
    "R10.unknown": ("info", HLEG),
    "R10.credits": ("warning", HLEG),
    "R10.conditional": ("info", CDP),
    "R13.unknown": ("info", CDP_A),
    "R13.late": ("warning", CDP_A),
    "year_set.unknown": ("info", COMP),
    "year_set.future": ("warning", COMP),
    "F4.typed": ("warning", COMP),
}
INTERIM_BY: Final = 2030
NET_ZERO_BY: Final = 2050
MINIMUM_GASES: Final = ("CO2", "CH4", "N2O")
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


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a target: the reporting year, and the target years of its interim targets (None = not known)."""

    reporting_year: int | None = None
    interim_target_years: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about a target. `pointer` (RFC 6901) leads to the field of the create body."""

    rule: str
    severity: Severity
    pointer: str
    message: str
    source: str


def finding(case: str, pointer: str, message: str) -> Finding:
    """Build the finding of one case of `RULES`: code, severity and source come from the table."""
    severity, source = RULES[case]
    return Finding(case.split(".", 1)[0], severity, pointer, message, source)


def check(target: Target, context: Context | None = None) -> list[Finding]:
    """All findings on a target: `blocking`, then `assess`."""
    return [*blocking(target), *assess(target, context or Context())]


def blocking(target: Target) -> list[Finding]:
    """R0 (a field that the type needs is missing) and R3 (years and reduction make sense): nothing is stored.

    R3: `target_year > base_year`, `year_set <= target_year`, `0 < reduction_percent <= 100`, on the fields present.
    """
    return [*_r0(target), *_r3(target)]


def assess(target: Target, context: Context) -> list[Finding]:
    """R2, R5, R8, R10, R13 and `year_set`: findings that stand beside a stored target and block nothing."""
    own = (*_r2(target), *_r8(target), *_r10(target), *_r13(target))
    return [*own, *_r5(target, context), *_year_set(target, context)]


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


_BOUNDARY: Final = {
    "government_operations": "It covers only the local government's own operations, so it is not the city's headline"
    " target. Add a target for the whole community.",
    "partial": "It covers only part of the city's emissions. Say which parts are left out, and why.",
    "smaller": "It covers a smaller area than the city's boundary. Say which areas are left out, and why.",
    "larger": "It covers a larger area than the city's boundary. Say which neighbours' emissions are counted.",
}


def _r2(target: Target) -> Iterator[Finding]:
    if target.boundary is None:
        yield finding("R2.unknown", "/boundary", "Not assessed, because the target's boundary is not given.")
    elif target.boundary in _BOUNDARY:
        yield finding(f"R2.{target.boundary}", "/boundary", _BOUNDARY[target.boundary])
    if target.sector not in (None, "all"):
        text = f"It covers only the sector {target.sector}, so it is not a city-wide headline target."
        yield finding("R2.sector", "/sector", text)


def _r5(target: Target, context: Context) -> Iterator[Finding]:
    if target.target_year is None:
        yield finding("R5.unknown", "/target_year", "Not assessed, because the target year is not given.")
    elif target.target_year <= INTERIM_BY or target.is_interim:
        return
    elif context.interim_target_years is None:
        yield finding("R5.unknown", "/target_year", "Not assessed, because the interim targets are not known.")
    elif not any(year <= INTERIM_BY for year in context.interim_target_years):
        text = f"The target year {target.target_year} is far away: add an interim target for {INTERIM_BY} or earlier."
        yield finding("R5.interim", "/target_year", text)


def _r8(target: Target) -> Iterator[Finding]:
    gases = set(target.gases)
    missing = [gas for gas in MINIMUM_GASES if gas not in gases]
    if not gases:
        yield finding("R8.unknown", "/gases", "Not assessed, because the gases covered are not given.")
    elif gases == {"CO2"}:
        text = "It covers only CO2. CO2, CH4 and N2O are the least to cover; waste and farming emit mostly the others."
        yield finding("R8.co2_only", "/gases", text)
    elif missing:
        yield finding("R8.gases", "/gases", f"CO2, CH4 and N2O are the least to cover; missing: {', '.join(missing)}.")


def _r10(target: Target) -> Iterator[Finding]:
    if target.uses_credits is None:
        yield finding("R10.unknown", "/uses_credits", "Not assessed, because the use of carbon credits is not stated.")
    elif target.uses_credits:
        text = "It counts carbon credits. Credits may cover the last residual emissions, not replace own cuts."
        yield finding("R10.credits", "/uses_credits", text)
    if target.conditional_percent:
        text = f"{target.conditional_percent} percent depends on others; only the unconditional part is ambition."
        yield finding("R10.conditional", "/conditional_percent", text)


def _r13(target: Target) -> Iterator[Finding]:
    if target.net_zero is None:
        yield finding("R13.unknown", "/net_zero", "Not assessed, because it is not stated whether this is net zero.")
    elif target.net_zero and target.target_year is not None and target.target_year > NET_ZERO_BY:
        text = f"Net zero is asked for by {NET_ZERO_BY} at the latest; the target year is {target.target_year}."
        yield finding("R13.late", "/target_year", text)


def _year_set(target: Target, context: Context) -> Iterator[Finding]:
    if target.year_set is None:
        yield finding("year_set.unknown", "/year_set", "Not assessed, because the year it was set in is not given.")
    elif context.reporting_year is None:
        yield finding("year_set.unknown", "/year_set", "Not assessed, because the reporting year is not known.")
    elif target.year_set > context.reporting_year:
        text = f"It was set in {target.year_set}, after the reporting year {context.reporting_year}: a typing error?"
        yield finding("year_set.future", "/year_set", text)
