"""Whether a target is a fair share of 1.5 °C (F12), after the One Planet City Challenge of WWF, which CDP and ICLEI use.

A country's reduction per person by 2030 is made absolute with the city's own population. The method's multiplier for each country is
not public, so only countries with a published number can be tested. It holds for 2030 only.
"""

from decimal import Context as Precision
from decimal import Decimal, localcontext
from typing import Any

from services.core.commitments.effective import assumed, at_year, effective_percent, unassessable, unconditional
from services.core.commitments.formulas import PRECISION, annual_rate_points, figure, reduction_percent, written
from services.core.commitments.rulebook import FairShare, current
from services.core.commitments.rules import WHOLE, Context, Target
from services.core.commitments.trajectory import target_year_emissions

METHOD = "One Planet City Challenge of WWF, as CDP and ICLEI use it (help.futureproofed.com 6151497; icleiusa.org)"
Figures = list[dict[str, Any]]


def test(target: Target, context: Context) -> dict[str, Any]:
    """The test, in the shape `Test`: passed, failed, or (None) not assessed with the reason."""
    book = current()
    known = book.fair_share_percap_pct.get(context.country or "")
    figures = indicators(target)
    passed, reason = _judged(target, context, known, figures)
    return {
        "name": "fair_share_1_5c",
        "passed": passed,
        "reason": f"Not assessed, because {reason}" if passed is None else reason + assumed(target),
        "figures": figures,
        "source": METHOD if known is None else f"{METHOD}; {known.source}",
        "source_date": None,
    }


def indicators(target: Target) -> Figures:
    """The yearly rates that SBTi asks of companies, beside the target's own. They decide nothing."""
    limits = current().thresholds
    percent = _against_base(target)
    first, last = target.base_year, target.target_year
    own = None if percent is None or first is None or last is None else annual_rate_points(percent, first, last)
    unit, rule = "points of the base per year", "published by SBTi for companies; an indicator only, not a test of a city"
    inputs = {"reduction_against_base_year_percent": percent, "base_year": first, "target_year": last}
    return [
        figure("annual_rate_points", "reduction_against_base_year_percent/(target_year - base_year)", unit, own, **inputs),
        figure("sbti_points_1_5c", rule, unit, limits.sbti_points_1_5c),
        figure("sbti_points_well_below_2c", rule, unit, limits.sbti_points_well_below_2c),
    ]


def _against_base(target: Target) -> Decimal | None:
    """What is promised without conditions, percent of the base year's emissions, whatever the type; None when it is not known."""
    if target.target_type in ("base_year_absolute", "fixed_level"):
        return effective_percent(target)
    base, goal = target.base_year_emissions_t, target_year_emissions(unconditional(target))
    return None if base is None or goal is None else reduction_percent(base, goal)


def _judged(target: Target, context: Context, known: FairShare | None, figures: Figures) -> tuple[bool | None, str]:
    year = current().thresholds.fair_share_year
    why = unassessable(target)
    if known is None:
        why = "the country is not known." if context.country is None else f"no fair share of {context.country} is public."
    if known is None or why is not None:
        return None, str(why)
    percent = _against_base(target)
    reached = None if percent is None else at_year(target, percent, year)
    if percent is None or reached is None or target.base_year is None or target.target_year is None:
        return None, "the base year, its emissions and what the target allows are not all known."
    if target.target_year < year or target.base_year >= year:
        return None, f"the fair share is for {year}, which does not lie between base year and target year."
    before, after = target.base_year_population, _population(target, year)
    if not before or after is None:
        return None, f"the populations of the base year and of {year} are not both known."
    asked = fair_share_percent(known.percent, before, after)
    figures += _figures(target, known, percent, reached, after, asked)
    passed = reached >= asked
    return passed, f"A fair share is {written(asked)} percent below {target.base_year} by {year}; this target comes to {written(reached)}."


def fair_share_percent(per_person: Decimal, before: Decimal | int, after: Decimal | int) -> Decimal:
    """F12, percent of the base: ``(1 - (1 - q/100) * after/before) * 100``; ``before`` is more than zero."""
    with localcontext(Precision(prec=PRECISION)):
        return WHOLE - (WHOLE - per_person) * Decimal(after) / Decimal(before)


def _population(target: Target, year: int) -> Decimal | None:
    """The inhabitants in ``year``, on a straight line from the base year to the target year."""
    before, after, first, last = target.base_year_population, target.projected_population, target.base_year, target.target_year
    if not before or not after or first is None or last is None or last <= first:
        return None
    with localcontext(Precision(prec=PRECISION)):
        return before + (Decimal(after) - before) * (year - first) / (last - first)


def _figures(target: Target, known: FairShare, percent: Decimal, reached: Decimal, after: Decimal, asked: Decimal) -> Figures:
    year = current().thresholds.fair_share_year
    line = {"year": year, "base_year": target.base_year, "target_year": target.target_year}
    before = {"base_year_population": target.base_year_population}
    return [
        figure(
            "population_at_year",
            "base_year_population + (projected_population - base_year_population) * (year - base_year)/(target_year - base_year)",
            "inhabitants",
            after,
            **before,
            projected_population=target.projected_population,
            **line,
        ),
        figure(
            "fair_share_percent",
            "(1 - (1 - per_person_percent/100) * population_at_year/base_year_population) * 100",
            "percent of the base year",
            asked,
            per_person_percent=known.percent,
            population_at_year=after,
            **before,
        ),
        figure(
            "reduction_at_year_percent",
            "reduction_against_base_year_percent * (year - base_year)/(target_year - base_year)",
            "percent of the base year",
            reached,
            reduction_against_base_year_percent=percent,
            **line,
        ),
    ]
