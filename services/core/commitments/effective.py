"""What of a target counts in the tests of sufficiency: its unconditional part, without credits, of a whole city; and its straight line."""

from dataclasses import replace
from decimal import Context as Precision
from decimal import Decimal, localcontext
from typing import Any

from services.core.commitments.formulas import PRECISION, figure, reduction_percent
from services.core.commitments.rules import WHOLE, Target
from services.core.commitments.trajectory import target_year_emissions


def unassessable(target: Target) -> str | None:
    """Why no test of sufficiency can be made of ``target`` at all, or None."""
    if target.sector not in (None, "all"):
        return f"it covers only the sector {target.sector}; the test is about a whole city."
    if target.boundary == "government_operations":
        return "it covers only the local government's own operations; the test is about a whole city."
    if target.boundary == "partial":
        return "it covers only part of the city; the test is about a whole city."
    if target.uses_credits:
        return "it counts carbon credits, and it is not stated how much of it they make up."
    if target.target_year is None:
        return "the target year is not given."
    return None


def effective_percent(target: Target) -> Decimal | None:
    """What is promised without conditions, percent of what the target is measured against: ``p * (1 - c/100)``.

    The reduction of a fixed level is the one against its base year. None when it cannot be computed.
    """
    promised = target.reduction_percent
    if target.target_type == "fixed_level":
        base, goal = target.base_year_emissions_t, target.target_emissions_t
        promised = None if base is None or goal is None else reduction_percent(base, goal)
    with localcontext(Precision(prec=PRECISION)):
        return None if promised is None else promised * (WHOLE - (target.conditional_percent or 0)) / WHOLE


def unconditional(target: Target) -> Target:
    """``target`` with only the part of its reduction that depends on nobody else."""
    with localcontext(Precision(prec=PRECISION)):
        share = (WHOLE - (target.conditional_percent or 0)) / Decimal(WHOLE)
        kept = None if target.reduction_percent is None else target.reduction_percent * share
    return replace(target, reduction_percent=kept)


def effective_figure(target: Target, effective: Decimal) -> dict[str, Any]:
    """`effective_percent` as a figure; for a fixed level with the reduction that it implies."""
    conditional = target.conditional_percent or Decimal(0)
    if target.target_type != "fixed_level":
        inputs = {"reduction_percent": target.reduction_percent, "conditional_percent": conditional}
        formula = "reduction_percent * (1 - conditional_percent/100)"
    else:
        inputs = {
            "base_year_emissions_t": target.base_year_emissions_t,
            "target_year_emissions_t": target_year_emissions(target),
            "conditional_percent": conditional,
        }
        formula = "(base_year_emissions_t - target_year_emissions_t)/base_year_emissions_t*100 * (1 - conditional_percent/100)"
    return figure("effective_reduction_percent", formula, "percent", effective, **inputs)


def assumed(target: Target) -> str:
    """What was taken for granted, as a sentence of its own."""
    unknown = [words for words, value in (("credits", target.uses_credits), ("conditions", target.conditional_percent)) if value is None]
    return f" It does not state its {' and '.join(unknown)}; taken as none." if unknown else ""


def at_year(target: Target, effective: Decimal, year: int) -> Decimal | None:
    """The reduction in ``year`` on the target's straight line, percent; None without a base year. It is not held at the ends."""
    if target.base_year is None or target.target_year is None or target.target_year <= target.base_year:
        return None
    with localcontext(Precision(prec=PRECISION)):
        return effective * (year - target.base_year) / (target.target_year - target.base_year)


def at_year_figure(target: Target, effective: Decimal, year: int) -> dict[str, Any]:
    """`at_year` as a figure."""
    return figure(
        "reduction_at_year_percent",
        "effective_reduction_percent * (year - base_year)/(target_year - base_year)",
        "percent",
        at_year(target, effective, year),
        effective_reduction_percent=effective,
        year=year,
        base_year=target.base_year,
        target_year=target.target_year,
    )
