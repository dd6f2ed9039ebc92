"""Numbers that look like typing errors: wrong by a unit, a year in a field for tonnes, a share instead of a percentage.

Limits: the rulebook, set on the public city targets of CDP and ICLEI (2020, 2021). A finding asks; it does not say that it is wrong.
"""

from collections.abc import Iterator
from decimal import Context as Precision
from decimal import Decimal, localcontext

from services.core.commitments import frames
from services.core.commitments.formulas import PRECISION, annual_rate_points, written
from services.core.commitments.rulebook import current
from services.core.commitments.rules import Context, Finding, Target, finding
from services.core.commitments.stated import differ
from services.core.commitments.trajectory import target_year_emissions

STATED, BASE, SCENARIO = "/reported_target_year_emissions_t", "/base_year_emissions_t", "/baseline_scenario/target_year_emissions_t"


def doubts(target: Target, context: Context) -> Iterator[Finding]:
    """All that looks like a typing error in ``target``."""
    for pointer, value in _amounts(target):
        yield from _size(target, context, pointer, value)
    yield from _scenario(target)
    yield from _growth(target)
    yield from _reduction(target)
    yield from _years(target, context)
    yield from _populations(target, context)
    yield from _base_year(target, context)
    yield from _intensity(target)
    yield from _inventories(target, context)
    if target.intensity is not None and target.intensity.unit not in ("per_capita", "per_gdp"):
        text = "It is neither per person nor per unit of GDP, so it cannot be compared with other targets."
        yield finding("plausible.unit", "/intensity/unit", text)


def _amounts(target: Target) -> list[tuple[str, Decimal]]:
    scenario = target.baseline_scenario.target_year_emissions_t if target.baseline_scenario else None
    given = ((BASE, target.base_year_emissions_t), (SCENARIO, scenario), ("/target_emissions_t", target.target_emissions_t))
    return [(pointer, value) for pointer, value in given if value is not None]


def _size(target: Target, context: Context, pointer: str, value: Decimal) -> Iterator[Finding]:
    """Too little or too much for a place; what a target aims at may be little."""
    limits, people = current().plausible, context.population
    own = target.boundary == "government_operations"
    least = limits.minimum_own_operations_t if own else limits.minimum_t
    if 0 < value < least:
        whom = "a local government's operations" if own else "a whole community"
        text = f"{written(value)} t is very little for {whom}. Is it a figure per person, or in thousand tonnes?"
        yield finding("plausible.tiny", pointer, text)
        return
    whole = target.sector in (None, "all") and target.boundary in (None, "same", "larger")
    if not people or not whole or value <= 0 or pointer == "/target_emissions_t":
        return
    with localcontext(Precision(prec=PRECISION)):
        each = value / people
    told = f"{written(value)} t for {people:,} people is {written(each)} t a person"
    if each < limits.minimum_per_person_t:
        yield finding("plausible.per_person_low", pointer, f"{told}. Is it in thousand tonnes?")
    elif each > limits.maximum_per_person_t:
        yield finding("plausible.per_person_high", pointer, f"{told}. Heavy industry or power plants can explain it; else check the unit.")


def _scenario(target: Target) -> Iterator[Finding]:
    base = target.base_year_emissions_t
    usual = target.baseline_scenario.target_year_emissions_t if target.baseline_scenario else None
    if base is None or usual is None or base <= 0:
        return
    if usual < base:
        text = f"Business as usual is {written(usual)} t, less than the {written(base)} t of the base year. Were the two mixed up?"
        yield finding("plausible.bau_below_base", SCENARIO, text)
    elif usual > base * current().plausible.maximum_bau_times_base:
        text = f"Business as usual is {written(usual)} t, {written(usual / base, 0)} times the {written(base)} t of the base year."
        yield finding("plausible.bau_many_times", SCENARIO, f"{text} Are both about the same sources, in the same unit?")


def _growth(target: Target) -> Iterator[Finding]:
    """The goal lies above the base year; for a baseline scenario that is usual, and shown with the promise."""
    base, stated = target.base_year_emissions_t, target.reported_target_year_emissions_t
    if base is None or target.target_type == "baseline_scenario":
        return
    for pointer, whose, goal in (
        (STATED, "The emissions stated for the target year", stated),
        (_goal_field(target), "The emissions that the target allows", target_year_emissions(target)),
    ):
        if goal is not None and goal > base:
            text = f"{whose} are {written(goal)} t, more than the {written(base)} t of the base year: growth, or a typing error?"
            yield finding("plausible.above_base", pointer, text)


def _goal_field(target: Target) -> str:
    fields = {"fixed_level": "/target_emissions_t", "base_year_intensity": "/intensity/projected_denominator"}
    return fields.get(target.target_type, "/reduction_percent")


def _reduction(target: Target) -> Iterator[Finding]:
    limits, percent = current().plausible, target.reduction_percent
    if percent is None:
        return
    if 0 < percent < limits.minimum_reduction_percent:
        text = f"A reduction of {written(percent)} percent is very small. If a share was meant, it is {written(percent * 100)} percent."
        yield finding("plausible.small_reduction", "/reduction_percent", text)
    if target.base_year is None or target.target_year is None or target.boundary == "government_operations":
        return
    points = annual_rate_points(percent, target.base_year, target.target_year)
    if points is not None and points > limits.maximum_points_per_year:
        text = f"{written(percent)} percent from {target.base_year} to {target.target_year} is {written(points, 2)} points a year."
        yield finding("plausible.steep", "/reduction_percent", f"{text} Are the years and the percentage right?")


def _years(target: Target, context: Context) -> Iterator[Finding]:
    limits = current().plausible
    own = target.boundary == "government_operations"  # may well emit 2,000 t
    computed, stated = target_year_emissions(target), target.reported_target_year_emissions_t
    for pointer, value in (*([] if own else _amounts(target)), (STATED, None if stated == computed else stated)):
        if value is not None and value == value.to_integral_value() and limits.first_typed_year <= value <= limits.last_typed_year:
            yield finding("plausible.year_typed", pointer, f"{value:f} looks like a year, but the field is for t CO2e.")
    if target.base_year is not None and context.reporting_year is not None and target.base_year > context.reporting_year:
        text = f"The base year {target.base_year} lies after the reporting year {context.reporting_year}."
        yield finding("plausible.base_year_future", "/base_year", text)


def _populations(target: Target, context: Context) -> Iterator[Finding]:
    """Each population of the target against the jurisdiction's, and the reported ones of a target per person."""
    known: list[tuple[str, Decimal | int | None]] = [
        ("/base_year_population", target.base_year_population),
        ("/projected_population", target.projected_population),
    ]
    if target.intensity is not None and target.intensity.unit == "per_capita":
        known.append(("/intensity/projected_denominator", target.intensity.projected_denominator))
        known += [(f"/progress_reports/{i.year}/population", i.denominator) for i in context.inventories]
    own = context.population or next((people for _, people in known if people), None)
    for pointer, people in known:
        if people and own and max(people, own) > min(people, own) * current().plausible.population_factor:
            text = f"{written(Decimal(people))} people here, {written(Decimal(own))} elsewhere for the same place. Is a digit too many?"
            yield finding("plausible.population", pointer, text)


def _base_year(target: Target, context: Context) -> Iterator[Finding]:
    """The base year's emissions against its own inventory, unless a recalculation explains the difference."""
    base = target.base_year_emissions_t
    comparable, _ = frames.sift(target, context.inventories, context.reporting_year)
    reported = next((each.emissions_t for each in comparable if each.year == target.base_year), None)
    if base is None or reported is None:
        return
    anew = [each.base_year_emissions_t for each in comparable if each.base_year_emissions_t is not None]
    if all(differ(each, reported, each) for each in (base, *anew)):
        text = f"The target starts from {written(base)} t in {target.base_year}; the inventory of that year says {written(reported)} t."
        yield finding("plausible.base_year_inventory", BASE, f"{text} Correct one of them, or say why the base year was recalculated.")


def _intensity(target: Target) -> Iterator[Finding]:
    """Emissions per person times the people of the base year are its emissions."""
    base, people, intensity = target.base_year_emissions_t, target.base_year_population, target.intensity
    if base is None or people is None or intensity is None or intensity.base_value is None or intensity.unit != "per_capita":
        return
    with localcontext(Precision(prec=PRECISION)):
        product = intensity.base_value * people
    if differ(product, base, base):
        text = f"{written(intensity.base_value)} t a person for {people:,} people are {written(product)} t, but the base year has"
        text += f" {written(base)} t. Is one of them rounded, or of another year?"
        yield finding("plausible.intensity", "/intensity/base_value", text)


def _inventories(target: Target, context: Context) -> Iterator[Finding]:
    """Inventories of years to come, and amounts below zero."""
    now = context.reporting_year
    for inventory in context.inventories:
        if now is not None and inventory.year > now:
            text = (
                f"The inventory is of {inventory.year}, a year that is not over: the reporting year is {now}. Is the year a typing error?"
            )
            yield finding("plausible.future_inventory", f"/progress_reports/{inventory.year}/year", text)
    totals = [(f"/progress_reports/{each.year}/emissions_t", each.emissions_t) for each in context.inventories]
    for pointer, value in (*_amounts(target), *totals):
        if value is not None and value < 0:
            text = f"{written(value)} t is less than nothing. Is more taken out of the air than is emitted (net removals)?"
            yield finding("plausible.negative", pointer, text)
