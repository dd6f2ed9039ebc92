"""What is computed of a commitment: findings, promise, progress and sufficiency; and its trajectory."""

from dataclasses import asdict, dataclass
from typing import Any

from services.core.commitments import checks, fair_share, ndc, plausible, rulebook
from services.core.commitments.progress import figures, shown, standing
from services.core.commitments.promise import promise
from services.core.commitments.rules import Context, Finding, Target
from services.core.commitments.sufficiency import sufficiency
from services.core.commitments.targets import plain
from services.core.commitments.trajectory import path


@dataclass(frozen=True, slots=True)
class Assessed:
    """As it is stored and shown: plain JSON values; ``rulebook`` is the version of the rules."""

    rulebook: str
    findings: list[dict[str, Any]]
    promise: dict[str, Any]
    progress: dict[str, Any]
    sufficiency: dict[str, Any]


def assessed(target: Target, context: Context) -> Assessed:
    """All that is computed of ``target`` where it stands. Pure: the same inputs and rulebook give the same result for ever."""
    stand = standing(target, context.inventories, context.reporting_year)
    return Assessed(
        rulebook=rulebook.current().version,
        findings=[asdict(finding) for finding in checks.assess(target, context, stand)],
        promise=promise(target),
        progress=shown(target, stand),
        sufficiency=sufficiency(target, context),
    )


def findings(target: Target, context: Context) -> list[Finding]:
    """What the rules say of ``target`` where it stands, without all the rest."""
    return checks.assess(target, context, standing(target, context.inventories, context.reporting_year))


def doubts(target: Target, context: Context) -> list[Finding]:
    """What looks like a typing error in ``target``, which may lack what its type needs."""
    is_dated = target.year_set is not None and context.reporting_year is not None
    return [*plausible.doubts(target, context), *(checks.year_set(target, context) if is_dated else ())]


def trajectory_of(target: Target, context: Context) -> dict[str, Any]:
    """The path year by year with what was reported, the rates that it asks for, and the comparison; each figure with its formula.

    ``annual_rate_points`` (F6) is over the whole span, in points of the base; ``annual_rate_compound`` (F7) is what is still to be done
    each year from the inventory that counts (from the base year when there is none), in percent.
    """
    stand = standing(target, context.inventories, context.reporting_year)
    all_figures = figures(target, stand)
    value = {figure["name"]: figure["value"] for figure in all_figures}
    return {
        "years": [plain(asdict(year)) for year in path(target, context.inventories, context.reporting_year)],
        "annual_rate_points": value["annual_rate_points"],
        "annual_rate_compound": value["annual_rate_compound"],
        "comparison": {"ndc": ndc.test(target, context), "fair_share_1_5c": fair_share.test(target, context)},
        "figures": all_figures,
    }
