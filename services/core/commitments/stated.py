"""What a city states about its figures, against what follows from its own numbers: R4, R6 and F4. Nothing typed is taken over."""

from collections.abc import Iterator
from decimal import Context as Precision
from decimal import Decimal, localcontext

from services.core.commitments.formulas import PRECISION, written
from services.core.commitments.rulebook import current
from services.core.commitments.rules import WHOLE, Context, Finding, Target, finding
from services.core.commitments.trajectory import Standing, target_year_emissions

STATED = "/reported_target_year_emissions_t"


def identity(target: Target) -> Iterator[Finding]:
    """R4: the target-year emissions that the city states are those that follow, within 1 t or 0.5 % of the base (the goal if none)."""
    stated, computed = target.reported_target_year_emissions_t, target_year_emissions(target)
    if stated is None and target.target_type == "base_year_absolute":
        text = "Not assessed, because the city does not state its own emissions for the target year."
        yield finding("R4.unknown", STATED, text)
    if stated is None:
        return
    if computed is None:
        yield finding("R4.unknown", STATED, "Not assessed, because what the target allows cannot be computed from its fields.")
        return
    limits, start = current().thresholds, _start(target)
    with localcontext(Precision(prec=PRECISION)):
        share = abs(computed if start is None else start) * limits.identity_tolerance_percent / WHOLE
        differs = abs(computed - stated) > max(limits.identity_tolerance_t, share)
    if differs:
        text = f"The city states {written(stated)} t for the target year; its own numbers give {written(computed)} t. Correct one of them."
        yield finding("R4.differs", STATED, text)


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


def typed_share(context: Context, standing: Standing) -> Iterator[Finding]:
    """F4: the share of the target that the city typed, against the one computed from the inventory that counts."""
    counts = standing.inventory
    typing = [inventory for inventory in context.inventories if inventory.typed_percent is not None]
    typed = counts if counts is not None and counts.typed_percent is not None else max(typing, key=lambda i: i.year, default=None)
    if typed is None or typed.typed_percent is None:
        return
    pointer = f"/progress_reports/{typed.year}/reported_percent_achieved"
    said = f"the city typed {written(typed.typed_percent)} percent achieved for {typed.year}"
    if counts is None or typed.year != counts.year:
        text = f"Not assessed, because {said}, and that inventory does not count."
        if counts is not None:
            text += f" The one of {counts.year} does."
        yield finding("F4.unknown", pointer, text)
    elif standing.achieved_percent is None:
        text = f"Not assessed, because {said}, and the share cannot be computed."
        yield finding("F4.unknown", pointer, text)
    else:
        yield from typed_difference(typed.typed_percent, standing.achieved_percent, standing.reduction_percent, pointer)


def typed_difference(typed: Decimal, achieved: Decimal, reduced: Decimal | None, pointer: str) -> Iterator[Finding]:
    """F4: a typed share of the target that lies more than 1 point from F2; says so when it is F1 instead."""
    tolerance = current().thresholds.typed_tolerance
    if abs(typed - achieved) <= tolerance:
        return
    text = f"{written(typed)} percent achieved was typed; the reported figures give {written(achieved)}."
    if reduced is not None and abs(typed - reduced) <= tolerance:
        text += f" The typed number is the reduction against the base year ({written(reduced)}), not the share of the target."
    yield finding("F4.typed", pointer, text)
