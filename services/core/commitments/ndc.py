"""Whether a target is at least as ambitious as the nation's own contribution to the Paris Agreement (its NDC).

Only what a city promises without conditions and without credits counts. Contributions are facts in `ndcs/`: the IGES NDC Database,
with its date; further parties are a matter of that file. Kinds that cannot be compared by a formula are left to a person, with the
reason; they are neither passed nor failed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context as Precision
from decimal import Decimal, localcontext
from functools import cache
from importlib.resources import files
from typing import Any, Final

from services.core.commitments import rulebook
from services.core.commitments.effective import assumed, at_year, at_year_figure, effective_figure, effective_percent, unassessable
from services.core.commitments.formulas import PRECISION, annual_rate_points, figure, written
from services.core.commitments.rules import Context, Target

Figures = list[dict[str, Any]]

_KINDS: Final[Mapping[str, str]] = {
    "base_year": "a reduction against a base year",
    "business_as_usual": "a reduction against business as usual",
    "carbon_intensity": "a reduction per unit of GDP",
    "cap": "a cap in tonnes",
}
_COMPARABLE: Final[Mapping[str, str]] = {
    "base_year_absolute": "base_year",
    "fixed_level": "base_year",
    "baseline_scenario": "business_as_usual",
    "base_year_intensity": "carbon_intensity",
}


@dataclass(frozen=True, slots=True)
class Contribution:
    """A party's unconditional contribution; ``value`` in percent or t CO2e, as ``unit`` says."""

    party: str
    kind: str
    base_year: int | None
    target_year: int
    value: Decimal
    unit: str
    document: str


@dataclass(frozen=True, slots=True)
class Database:
    """Where contributions are from; ``date`` is its release. ``non_parties`` are no party to the UNFCCC: they have no contribution."""

    name: str
    version: str
    date: str
    doi: str
    citation: str
    parties: Mapping[str, Contribution]
    non_parties: tuple[str, ...]


@cache
def database() -> Database:
    """The contributions by which is tested now."""
    given = tomllib.loads((files(__package__) / "ndcs" / "iges-7.7.toml").read_text("utf-8"), parse_float=Decimal)
    parties = {
        party: Contribution(
            party, row["kind"], row.get("base_year"), row["target_year"], Decimal(row["value"]), row["unit"], row["document"]
        )
        for party, row in given["parties"].items()
    }
    return Database(**given["database"], parties=parties, non_parties=tuple(given["non_parties"]))


def contribution(country: str | None) -> Contribution | None:
    """The contribution of a country (ISO 3166-1 alpha-2), or None."""
    return None if country is None else database().parties.get(country)


def lacking(country: str | None) -> str | None:
    """Why there is no contribution of a country, as a clause; None where there is one."""
    if country is None:
        return "the country is not known"
    if country in database().non_parties:
        return f"{country} is no party to the UNFCCC, so it has no NDC"
    known = contribution(country)
    return f"no NDC of {country} is on file here (from the {database().name} {database().version})" if known is None else None


def test(target: Target, context: Context) -> dict[str, Any]:
    """The test, in the shape `Test`: passed, failed, or (None) not assessed with the reason."""
    known = contribution(context.country)
    passed, reason, figures = _judged(target, context.country, known)
    source = database().citation if known is None else f"{database().citation}; {known.document}"
    return {
        "name": "ndc",
        "passed": passed,
        "reason": f"Not assessed, because {reason}" if passed is None else reason,
        "figures": figures,
        "source": source,
        "source_date": database().date,
    }


def _judged(target: Target, country: str | None, known: Contribution | None) -> tuple[bool | None, str, Figures]:
    if known is None:
        return None, f"{lacking(country)}.", []
    why = unassessable(target) or _incomparable(target, known)
    effective = effective_percent(target)
    if why is not None or effective is None:
        return None, why or "the reduction cannot be computed from the fields.", []
    figures = [effective_figure(target, effective)]
    figures.append(figure("ndc_reduction_percent", "published", "percent", known.value, published=known.value))
    same_base = known.kind == "business_as_usual" or target.base_year == known.base_year
    passed, reason = (_by_level if same_base else _by_rate)(target, known, effective, figures)
    return passed, reason if passed is None else reason + assumed(target), figures


def _incomparable(target: Target, known: Contribution) -> str | None:
    if _COMPARABLE.get(target.target_type) != known.kind:
        return f"the NDC of {known.party} is {_KINDS[known.kind]}, and this target is of another kind. Compare by hand."
    if target.target_type == "base_year_intensity" and (target.intensity is None or target.intensity.unit != "per_gdp"):
        return f"the NDC of {known.party} is {_KINDS[known.kind]}, and this target is per person or another unit. Compare by hand."
    if target.target_type == "fixed_level" and not (target.base_year and target.base_year_emissions_t):
        return "a fixed level has no reduction without a base year and its emissions."
    if known.kind != "business_as_usual" and target.base_year is None:
        return "the base year is not given."
    if target.base_year is not None and target.target_year is not None and target.target_year <= target.base_year:
        return "the target year is not later than the base year."
    return None


def _asked(known: Contribution) -> str:
    against = {"business_as_usual": "business as usual", "carbon_intensity": f"{known.base_year} per unit of GDP"}
    below = against.get(known.kind, str(known.base_year))
    return f"The NDC of {known.party} asks for {written(known.value)} percent below {below} by {known.target_year}"


def _by_level(target: Target, known: Contribution, effective: Decimal, figures: Figures) -> tuple[bool | None, str]:
    """The same base: the reduction in the NDC's year, on the straight line where the target ends in another year."""
    reached, how, least, rounded = effective, "", known.value, ""
    if target.target_year != known.target_year:
        line = at_year(target, effective, known.target_year)
        if line is None:
            years = f"{target.target_year}, the NDC of {known.party} for {known.target_year}"
            return None, f"it is for {years}; without a base year there is no line between. Compare by hand."
        figures.append(at_year_figure(target, effective, known.target_year))
        later = target.target_year is not None and target.target_year > known.target_year
        how = f" in that year, on its straight line to {target.target_year}" if later else f", if its line to {target.target_year} goes on"
        reached, (least, allowance) = line, _least(known)
        figures.append(allowance)
        if least <= reached < known.value:
            rounded = f" {written(known.value)} percent is rounded to whole percent, so {written(least)} is enough here."
    return reached >= least, f"{_asked(known)}; this target comes to {written(reached)} percent{how}.{rounded}"


def _least(known: Contribution) -> tuple[Decimal, dict[str, Any]]:
    """What a line must come to: NDCs are published in whole percent, so that it may be half a point below."""
    points = rulebook.current().thresholds.ndc_rounding_points
    with localcontext(Precision(prec=PRECISION)):
        least = known.value - points
    inputs = {"ndc_reduction_percent": known.value, "ndc_rounding_points": points}
    return least, figure("ndc_least_percent", "ndc_reduction_percent - ndc_rounding_points", "percent", least, **inputs)


def _by_rate(target: Target, known: Contribution, effective: Decimal, figures: Figures) -> tuple[bool | None, str]:
    """Different base years: the linear rates, each in points of its own base per year."""
    if target.base_year is None or target.target_year is None or known.base_year is None:
        return None, "the base year is not given."
    own = annual_rate_points(effective, target.base_year, target.target_year)
    asked = annual_rate_points(known.value, known.base_year, known.target_year)
    if own is None or asked is None:
        return None, "the years do not span a path."
    for name, points, percent, first, last in (
        ("annual_rate_points", own, effective, target.base_year, target.target_year),
        ("ndc_annual_rate_points", asked, known.value, known.base_year, known.target_year),
    ):
        inputs = {"reduction_percent": percent, "base_year": first, "target_year": last}
        unit = "points of the base per year"
        figures.append(figure(name, "reduction_percent/(target_year - base_year)", unit, points, **inputs))
    compared = f"which is {written(asked)} points a year; this target comes to {written(own)} points of {target.base_year} a year"
    return own >= asked, f"{_asked(known)}, {compared}. The base years differ, so the yearly rates are compared."
