"""Where a target stands: the inventory that counts, the figures with formula and inputs, and the status.

Emissions are t CO2e, percentages 0..100. The status is decided before rounding; its tolerance is a setting of the rulebook.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from services.core.commitments import formulas, frames, rulebook
from services.core.commitments.inventories import Inventory
from services.core.commitments.path import of_path, of_progress, percentages
from services.core.commitments.promise import base_level, change, compound, goal, points
from services.core.commitments.rules import WHOLE, Target
from services.core.commitments.targets import plain
from services.core.commitments.trajectory import Standing, Status, baseline_level, levels

STATUSES: Final = ("ahead", "on_track", "behind", "achieved", "no_data")
UNASSESSED: Final[dict[str, Any]] = {
    "promise": {
        "statement": None,
        "target_year_emissions_t": None,
        "change_against_base_year_percent": None,
        "annual_rate_points": None,
        "annual_rate_compound": None,
        "figures": [],
    },
    "progress": {
        "latest_year": None,
        "reduction_percent": None,
        "achieved_percent": None,
        "expected_percent": None,
        "status": "no_data",
        "reason": "Not assessed yet.",
        "base_year_emissions_t": None,
        "emissions_t": None,
        "reported_percent_achieved": None,
        "inventory": {"year": None, "why": "Not assessed yet.", "passed_over": []},
        "figures": [],
    },
    "sufficiency": {"verdict": "not_assessed", "reason": "Not assessed yet.", "tests": []},
}
"""What is computed of a commitment, as long as the worker has not seen it."""


def standing(
    target: Target, inventories: Iterable[Inventory], this_year: int | None = None, *, tolerance: Decimal | int | None = None
) -> Standing:
    """Where the target stands by its latest comparable inventory (`frames.sift`).

    `achieved` at 100 or more; `ahead` from expected+tolerance; `behind` under expected-tolerance, or under 100 once the
    target year is over (overdue); else `on_track`. `reduction_percent` is F1 against the base year (for intensity: of
    the intensity). Inventories of a year after ``this_year`` do not count. `no_data` with a reason when nothing counts, or when
    a figure that the formula needs is missing.
    """
    comparable, passed = frames.sift(target, inventories, this_year)
    if not comparable:
        why = f"Not assessable, because {_nothing(passed)}."
        base = target.base_year_emissions_t
        return Standing(None, None, None, None, "no_data", why, base_year_emissions_t=base, why=why, passed_over=_sentences(passed))
    latest = comparable[-1]
    against, recalculated_by = frames.rebased(target, comparable, latest.year)
    reduced, achieved, expected = percentages(against, latest)
    overdue = target.target_year is not None and latest.year > target.target_year
    leeway = rulebook.current().thresholds.status_tolerance if tolerance is None else Decimal(tolerance)
    status = _status(achieved, expected, Decimal(0) if overdue else leeway)
    older = [(each.year, f"could count, but the inventory of {latest.year} is later") for each in comparable[:-1]]
    return Standing(
        latest.year,
        _shown(reduced),
        _shown(achieved),
        _shown(expected),
        status,
        None if status != "no_data" else f"Not assessable, because {_missing(against, latest, achieved)}.",
        against.base_year_emissions_t,
        latest,
        frames.why(target, latest, recalculated_by),
        _sentences([*passed, *older]),
        comparable,
        leeway,
    )


def _status(achieved: Decimal | None, expected: Decimal | None, tolerance: Decimal) -> Status:
    if achieved is not None and achieved >= WHOLE:
        return "achieved"
    if achieved is None or expected is None:
        return "no_data"
    if achieved < expected - tolerance:
        return "behind"
    return "ahead" if achieved >= expected + tolerance else "on_track"


def _shown(value: Decimal | None) -> Decimal | None:
    return None if value is None else formulas.shown(value)


def _sentences(passed: Iterable[frames.PassedOver]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(((year, f"It {why}.") for year, why in passed), reverse=True))


def _nothing(passed: tuple[frames.PassedOver, ...]) -> str:
    if not passed:
        return "no inventory has been reported"
    year, why = passed[0]
    if len(passed) == 1:
        return f"the only inventory, of {year}, {why}"
    return f"none of the {len(passed)} inventories can be compared with the target; the latest, of {year}, {why}"


def _missing(target: Target, latest: Inventory, achieved: Decimal | None) -> str:
    """What stands in the way of a figure, as a clause."""
    ends = levels(target, latest.year, latest.denominator)
    if ends is None:
        return _unknown(target, latest)
    if achieved is None and ends[0] <= 0:
        return "what it would be measured against is zero"
    if achieved is None:
        return "the target allows as much as before, so that there is no reduction to measure"
    if target.base_year is None:
        return "the base year is not given, so that nobody can say how much is due by now"
    return "the target year is not later than the base year"


def _unknown(target: Target, latest: Inventory) -> str:
    kind = target.target_type
    if kind == "base_year_intensity" and latest.denominator is None:
        whose = "population" if target.intensity is None or target.intensity.unit == "per_capita" else "denominator (such as GDP)"
        return f"the inventory of {latest.year} does not give the {whose}"
    if kind == "baseline_scenario" and baseline_level(target, latest.year) is None:
        return f"business as usual in {latest.year} is not known: it needs the base year with its emissions, or a series"
    if kind in ("base_year_absolute", "fixed_level") and target.base_year_emissions_t is None:
        return "the emissions of the base year are not given"
    return "the target does not give all that its type needs"


def shown(target: Target, stand: Standing) -> dict[str, Any]:
    """The standing as it is stored and shown."""
    names = ("latest_year", "reduction_percent", "achieved_percent", "expected_percent", "status", "reason", "base_year_emissions_t")
    latest = stand.inventory
    whole: dict[str, Any] = plain(
        {name: getattr(stand, name) for name in names}
        | {
            "emissions_t": None if latest is None else latest.emissions_t,
            "reported_percent_achieved": typed(target, latest),
            "inventory": {
                "year": stand.latest_year,
                "why": stand.why,
                "passed_over": [{"year": year, "why": why} for year, why in stand.passed_over],
            },
            "figures": _of_progress(target, stand),
        }
    )
    return whole


def typed(target: Target, latest: Inventory | None) -> Decimal | None:
    """The share of the target that the city says it has achieved, percent: of the inventory that counts, else of the target."""
    said = None if latest is None else latest.typed_percent
    return target.reported_percent_achieved if said is None else said


def _of_progress(target: Target, stand: Standing) -> list[dict[str, Any]]:
    if stand.inventory is None:
        return []
    return of_progress(_against(target, stand), stand.inventory, stand.tolerance)


def _against(target: Target, stand: Standing) -> Target:
    if stand.latest_year is None:
        return target
    return frames.rebased(target, stand.comparable, stand.latest_year)[0]


def figures(target: Target, stand: Standing) -> list[dict[str, Any]]:
    """All figures of a target on its path, each with formula and inputs; from the counted inventory on, against its base year."""
    against, latest = _against(target, stand), stand.inventory
    start = (target.base_year, *base_level(target)) if latest is None else (latest.year, latest.emissions_t, latest.denominator)
    promised = [goal(against), change(against), points(against), compound(against, *start)]
    return [*promised, *_of_progress(target, stand), *of_path(target, stand.comparable)]
