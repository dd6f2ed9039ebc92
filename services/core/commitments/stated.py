"""What a city states about its figures, against what follows from its own numbers: R4, R6, F4, and base years that were recalculated.

Nothing typed is taken over.
"""

from collections.abc import Iterator
from decimal import Context as Precision
from decimal import Decimal, localcontext

from services.core.commitments import frames
from services.core.commitments.formulas import PRECISION, written
from services.core.commitments.inventories import Inventory
from services.core.commitments.path import percentages
from services.core.commitments.progress import typed
from services.core.commitments.rulebook import current
from services.core.commitments.rules import WHOLE, Context, Finding, Target, finding
from services.core.commitments.trajectory import Standing, target_year_emissions

STATED = "/reported_target_year_emissions_t"


def differ(one: Decimal, other: Decimal, whole: Decimal) -> bool:
    """Whether two amounts (t CO2e) that should be the same are not: by more than 1 t and 0.5 % of ``whole``, as the rulebook sets it."""
    limits = current().thresholds
    with localcontext(Precision(prec=PRECISION)):
        return abs(one - other) > max(limits.identity_tolerance_t, abs(whole) * limits.identity_tolerance_percent / WHOLE)


def identity(target: Target) -> Iterator[Finding]:
    """R4: the target-year emissions that the city states are those that follow, within 1 t or 0.5 % of the base (the goal if none)."""
    yield from _fixed_level(target)
    stated, computed = target.reported_target_year_emissions_t, target_year_emissions(target)
    if stated is None and target.target_type == "base_year_absolute":
        text = "Not assessed, because the city does not state its own emissions for the target year."
        yield finding("R4.unknown", STATED, text)
    if stated is None:
        return
    if computed is None:
        yield finding("R4.unknown", STATED, "Not assessed, because what the target allows cannot be computed from its fields.")
        return
    start = _start(target)
    if differ(computed, stated, computed if start is None else start):
        text = f"The city states {written(stated)} t for the target year; its own numbers give {written(computed)} t. Correct one of them."
        yield finding("R4.differs", STATED, text)


def _fixed_level(target: Target) -> Iterator[Finding]:
    """A fixed level that also gives base year and reduction is the level that follows from them."""
    base, percent, level = target.base_year_emissions_t, target.reduction_percent, target.target_emissions_t
    if target.target_type != "fixed_level" or base is None or percent is None or level is None:
        return
    with localcontext(Precision(prec=PRECISION)):
        computed = base * (WHOLE - percent) / WHOLE
    if differ(computed, level, base):
        told = f"{written(percent)} percent less than {written(base)} t are {written(computed)} t"
        yield finding("R4.differs", "/target_emissions_t", f"The target is {written(level)} t, but {told}. Correct one of them.")


def _start(target: Target) -> Decimal | None:
    """What the reduction is taken from, t CO2e."""
    if target.target_type == "baseline_scenario":
        return target.baseline_scenario.target_year_emissions_t if target.baseline_scenario else None
    return target.base_year_emissions_t


def estimate(target: Target) -> Iterator[Finding]:
    """R6: an intensity or baseline-scenario target also gives its absolute emissions; where the city does not, ours are said."""
    if target.target_type not in ("base_year_intensity", "baseline_scenario") or target.reported_target_year_emissions_t is not None:
        return
    computed = target_year_emissions(target)
    if computed is None:
        yield finding("R6.unknown", STATED, "Not assessed, because what the target allows cannot be computed from its fields.")
        return
    text = f"The city gives no estimate of its emissions in {target.target_year}. From its numbers they are {written(computed)} t."
    yield finding("R6.computed", STATED, text)


def typed_share(target: Target, context: Context, standing: Standing) -> Iterator[Finding]:
    """F4: the share of the target that the city typed, against the one computed from the inventory that counts."""
    counts, said = standing.inventory, typed(target, standing.inventory)
    if said is None:
        yield from _typed_elsewhere(context, counts)
        return
    of_report = counts is not None and counts.typed_percent is not None
    pointer = f"/progress_reports/{standing.latest_year}/reported_percent_achieved" if of_report else "/reported_percent_achieved"
    if standing.achieved_percent is None:
        why = "no inventory counts for this target" if counts is None else "the share cannot be computed"
        yield finding("F4.unknown", pointer, f"Not assessed, because the city typed {written(said)} percent achieved, and {why}.")
    else:
        yield from typed_difference(said, standing.achieved_percent, standing.reduction_percent, pointer)


def _typed_elsewhere(context: Context, counts: Inventory | None) -> Iterator[Finding]:
    """F4: only an inventory that does not count carries a typed share."""
    typing = [(inventory.year, inventory.typed_percent) for inventory in context.inventories if inventory.typed_percent is not None]
    if typing:
        year, said = max(typing)
        text = f"Not assessed, because the city typed {written(said)} percent achieved for {year}, and that inventory does not count."
        if counts is not None:
            text += f" The one of {counts.year} does."
        yield finding("F4.unknown", f"/progress_reports/{year}/reported_percent_achieved", text)


def typed_difference(typed: Decimal, achieved: Decimal, reduced: Decimal | None, pointer: str) -> Iterator[Finding]:
    """F4: a typed share of the target that lies more than 1 point from F2; says so when it is F1 instead."""
    tolerance = current().thresholds.typed_tolerance
    if abs(typed - achieved) <= tolerance:
        return
    text = f"{written(typed)} percent achieved was typed; the reported figures give {written(achieved)}."
    if reduced is not None and abs(typed - reduced) <= tolerance:
        text += f" The typed number is the reduction against the base year ({written(reduced)}), not the share of the target."
    yield finding("F4.typed", pointer, text)


def recalculated(target: Target, standing: Standing) -> Iterator[Finding]:
    """Progress is measured against a base year that an inventory recalculated: both bases, and the progress without that."""
    stated, latest = target.base_year_emissions_t, standing.inventory
    if stated is None or latest is None:
        return
    against, source = frames.rebased(target, standing.comparable, latest.year)
    base = against.base_year_emissions_t
    if source is None or base is None or base == stated:
        return
    most = current().thresholds.recalculation_percent
    with localcontext(Precision(prec=PRECISION)):
        change = None if stated == 0 else (base - stated) / abs(stated) * WHOLE
    how = "" if change is None else f", {written(abs(change))} percent {'more' if change > 0 else 'less'}"
    text = f"With the inventory of {source.year} the base year is recalculated to {written(base)} t instead of {written(stated)} t{how}."
    achieved, without = standing.achieved_percent, percentages(target, latest)[1]
    if achieved is not None and without is not None:
        text += f" {written(achieved)} percent of the target are achieved; without it, {written(without)} percent would be."
    case = "recalculated.little" if change is not None and abs(change) <= most else "recalculated.much"
    yield finding(case, f"/progress_reports/{source.year}/recalculated_base_year_emissions_t", text)
