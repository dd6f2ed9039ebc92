"""All findings on a stored target: one rule per requirement of the standards that its fields can decide, in a fixed order.

A rule whose input is missing says "Not assessed, because …"; it never passes. What fields cannot decide is a checklist:
`docs/climate-rules.md` (R11, R12, R14).
"""

from collections.abc import Iterator

from services.core.commitments import boundaries, measures, ndc, plausible, stated
from services.core.commitments.formulas import reduction_percent, written
from services.core.commitments.rulebook import current
from services.core.commitments.rules import WHOLE, Context, Finding, Target, finding
from services.core.commitments.trajectory import Standing, target_year_emissions


def assess(target: Target, context: Context, standing: Standing) -> list[Finding]:
    """The findings that stand beside a stored target: R1, R2, R4-R10, R13, then those of our own. None of them blocks."""
    inventory = boundaries.looked_at(context, standing)
    return [
        *_ambition(target, context),
        *boundaries.boundary(target, inventory),
        *stated.identity(target),
        *_steps(target, context),
        *stated.estimate(target),
        *_age(context, standing),
        *boundaries.minimum(target, inventory),
        *_clock(target, context),
        *_credits(target),
        *_net_zero(target),
        *year_set(target, context),
        *_regressing(standing),
        *stated.typed_share(target, context, standing),
        *stated.recalculated(target, standing),
        *plausible.doubts(target, context),
        *measures.contradictions(context.measures),
    ]


def _ambition(target: Target, context: Context) -> Iterator[Finding]:
    """R1: at least the nation's contribution."""
    test = ndc.test(target, context)
    pointer = "/target_emissions_t" if target.target_type == "fixed_level" else "/reduction_percent"
    if test["passed"] is None:
        yield finding("R1.unknown", pointer, test["reason"])
    elif not test["passed"]:
        yield finding("R1.below", pointer, test["reason"])


def _steps(target: Target, context: Context) -> Iterator[Finding]:
    """R5: a step by 2030 on the way to a later year, and not earlier than the nation's own target year."""
    end, by = target.target_year, current().thresholds.interim_by
    if end is None:
        yield finding("R5.unknown", "/target_year", "Not assessed, because the target year is not given.")
    elif not target.is_interim:
        if end > by and context.interim_target_years is None:
            yield finding("R5.unknown", "/target_year", "Not assessed, because the interim targets are not known.")
        elif end > by and not any(_is_ahead(year, by, context) for year in context.interim_target_years or ()):
            text = f"The target year {end} is far away: add an interim target for {by} or earlier."
            yield finding("R5.interim", "/target_year", text)
        yield from _not_before_the_nation(end, context)


def _is_ahead(year: int, by: int, context: Context) -> bool:
    """Whether a step of ``year`` is in time, and not over for long: it is still to be reached, or was the one that is asked for."""
    return year <= by and (context.reporting_year is None or year >= min(context.reporting_year, by))


def _not_before_the_nation(end: int, context: Context) -> Iterator[Finding]:
    known, lacking = ndc.contribution(context.country), ndc.lacking(context.country)
    if known is not None and end < known.target_year and not any(year >= known.target_year for year in context.later_target_years):
        text = f"The target year {end} is earlier than the {known.target_year} of the NDC of {known.party}. Add a target for that year."
        yield finding("R5.before_ndc", "/target_year", text)
    elif lacking is not None:
        yield finding("R5.ndc_unknown", "/target_year", f"Not assessed, because {lacking}. The target year cannot be compared with one.")


def _age(context: Context, standing: Standing) -> Iterator[Finding]:
    """R7: the inventory that counts is not too old."""
    most = current().thresholds.inventory_max_age_years
    if standing.latest_year is None:
        yield finding("R7.unknown", "/progress_reports", "Not assessed, because no inventory counts for this target.")
    elif context.reporting_year is None:
        yield finding("R7.unknown", f"/progress_reports/{standing.latest_year}", "Not assessed, because the reporting year is not known.")
    elif context.reporting_year - standing.latest_year > most:
        age = context.reporting_year - standing.latest_year
        text = f"The {standing.latest_year} inventory is {age} years old; {most} are the most. Report a newer one."
        yield finding("R7.old", f"/progress_reports/{standing.latest_year}/year", text)


def _clock(target: Target, context: Context) -> Iterator[Finding]:
    """R9: a target within 2 years of joining, and a report every 2 years. Whole years are compared."""
    joined, now, limits = context.joined_on, context.reporting_year, current().thresholds
    if joined is None:
        yield finding("R9.unknown", "/year_set", "Not assessed, because it is not known when the city joined.")
        return
    if target.year_set is None:
        yield finding("R9.unknown", "/year_set", "Not assessed, because the year in which the target was set is not given.")
    elif target.year_set - joined.year > limits.target_within_years:
        text = f"The target was set in {target.year_set}; the city joined in {joined.year}. {limits.target_within_years} years are given."
        yield finding("R9.late_target", "/year_set", text)
    dates = [inventory.reported_on.year for inventory in context.inventories if inventory.reported_on is not None]
    if now is None or (context.inventories and not dates):
        why = "the reporting year is" if now is None else "the dates of the reports are"
        yield finding("R9.unknown", "/progress_reports", f"Not assessed, because {why} not known.")
    elif now - max([joined.year, *dates]) > limits.report_every_years:
        last = f"The last report is of {max(dates)}" if dates else f"The city joined in {joined.year} and has not reported"
        yield finding("R9.no_report", "/progress_reports", f"{last}. A report is due every {limits.report_every_years} years.")


def _credits(target: Target) -> Iterator[Finding]:
    """R10: credits replace no cuts, least of all on the way; what depends on others is no ambition."""
    if target.uses_credits is None:
        yield finding("R10.unknown", "/uses_credits", "Not assessed, because the use of carbon credits is not stated.")
    elif target.uses_credits:
        text = "It counts carbon credits. Credits may cover the last residual emissions, not replace own cuts."
        yield finding("R10.credits", "/uses_credits", text)
        if target.is_interim:
            text = (
                "It is a step on the way and counts carbon credits. They cannot count toward interim reductions: state the own cuts alone."
            )
            yield finding("R10.interim", "/uses_credits", text)
    if target.conditional_percent is None:
        text = "Not assessed, because it is not stated whether a part of it depends on others."
        yield finding("R10.conditional_unknown", "/conditional_percent", text)
    elif target.conditional_percent:
        text = f"{written(target.conditional_percent)} percent depends on others; only the unconditional part is ambition."
        yield finding("R10.conditional", "/conditional_percent", text)


def _net_zero(target: Target) -> Iterator[Finding]:
    """R13: net zero by 2050, with little left."""
    by = current().thresholds.net_zero_by
    if target.net_zero is None:
        yield finding("R13.unknown", "/net_zero", "Not assessed, because it is not stated whether this is net zero.")
    elif target.net_zero and target.target_year is not None and target.target_year > by:
        text = f"Net zero is asked for by {by} at the latest; the target year is {target.target_year}."
        yield finding("R13.late", "/target_year", text)
    if target.net_zero:
        yield from _residual(target)


def _residual(target: Target) -> Iterator[Finding]:
    """R13: at net zero little of the base year is left. For an intensity target: of its intensity."""
    of_intensity, most = target.target_type == "base_year_intensity", current().thresholds.net_zero_residual_percent
    base, goal, reduced = target.base_year_emissions_t, target_year_emissions(target), target.reduction_percent
    if not of_intensity:
        reduced = None if base is None or goal is None else reduction_percent(base, goal)
    if reduced is None and goal is not None and goal <= 0:
        return
    if reduced is None:
        text = "Not assessed, because it cannot be computed how much of the base year's emissions is left at net zero."
        yield finding("R13.unknown", "/reduction_percent" if of_intensity else "/base_year_emissions_t", text)
    elif WHOLE - reduced > most:
        whole = "intensity" if of_intensity else "emissions"
        left = f"{written(WHOLE - reduced)} percent of the base year's {whole}"
        text = f"It is called net zero, but leaves {left}; {written(most)} are the most."
        yield finding("R13.residual", "/net_zero", text)


def year_set(target: Target, context: Context) -> Iterator[Finding]:
    """A target is not set after the year of its report."""
    if target.year_set is None:
        yield finding("year_set.unknown", "/year_set", "Not assessed, because the year it was set in is not given.")
    elif context.reporting_year is None:
        yield finding("year_set.unknown", "/year_set", "Not assessed, because the reporting year is not known.")
    elif target.year_set > context.reporting_year:
        text = f"It was set in {target.year_set}, after the reporting year {context.reporting_year}: a typing error?"
        yield finding("year_set.future", "/year_set", text)


def _regressing(standing: Standing) -> Iterator[Finding]:
    """Emissions above the base year (for an intensity target: above its intensity)."""
    year, reduced = standing.latest_year, standing.reduction_percent
    if year is None or reduced is None:
        text = "Not assessed, because there is no inventory that can be compared with the base year."
        yield finding("regressing.unknown", "/progress_reports", text)
    elif reduced < 0:
        level = standing.inventory.emissions_t if standing.inventory else None
        said = "" if level is None else f" ({written(level)} t)"
        text = f"The {year} inventory{said} is {written(-reduced)} percent above the base year: emissions have grown."
        yield finding("regressing.above_base", f"/progress_reports/{year}/emissions_t", text)
