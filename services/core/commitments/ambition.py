"""Whether a change of a target makes it weaker, aspect by aspect, as a reader of the public history asks.

Strengthening is never weakening, and makes up for none: a deeper cut that comes later is a later year all the same. What was said and is
not said any more is a weakening, since nobody can check it now. What was not said and is said now is none, unless silence was taken as the
stronger: no credits, nothing that depends on others, the whole city.
Emissions are t CO2e, percentages 0..100.
"""

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, localcontext
from typing import Final

from services.core.commitments.compared import lifted, same_unit
from services.core.commitments.formulas import PRECISION
from services.core.commitments.rules import Target
from services.core.commitments.terms import coverage, terms
from services.core.commitments.trajectory import target_year_emissions
from services.core.commitments.weakening import Weakening, exceeds, number, tonnes

GROWING: Final = frozenset({"base_year_intensity", "baseline_scenario"})
"""Types under which emissions may grow while the target is met: with the population or the economy, or with business as usual."""

_TYPES: Final[Mapping[str, str]] = {
    "base_year_absolute": "a cut against the base year",
    "fixed_level": "a fixed level",
    "base_year_intensity": "a cut per person or unit of the economy",
    "baseline_scenario": "a cut against business as usual",
}

_UNITS: Final[Mapping[str, str]] = {"per_capita": "per person", "per_gdp": "per unit of the economy", "other": "per another unit"}


def weakenings(before: Target, after: Target) -> list[Weakening]:
    """Every way in which ``after`` is weaker than ``before``; none when it is as strong or stronger."""
    return [*_emissions(before, after), *_depth(before, after), *_time(before, after), *coverage(before, after), *terms(before, after)]


def step_to_more(before: Target, goal_t: Decimal | None) -> Iterator[Weakening]:
    """A target of its own that is now a step, though the final target (``goal_t``, t CO2e) allows more than it does itself."""
    own = target_year_emissions(before)
    if not before.is_interim and own is not None and goal_t is not None and exceeds(goal_t, own):
        text = f"It is only a step now, to a target that allows {tonnes(goal_t)}; this one allows {tonnes(own)}."
        yield Weakening("interim_of", "/interim_of", own, goal_t, text)


def _emissions(before: Target, after: Target) -> Iterator[Weakening]:
    """More emissions allowed in the target year, and whether that came of another base."""
    was, now = target_year_emissions(before), target_year_emissions(after)
    rose = was is not None and now is not None and exceeds(now, was)
    if was is not None and now is None:
        text = f"The target year allowed {tonnes(was)}; what it allows now can no longer be computed."
        yield Weakening("emissions", "/target_year_emissions_t", was, now, text)
    elif was is not None and now is not None and rose:
        text = f"The target year allows {tonnes(now)} instead of {tonnes(was)}."
        both_fixed = before.target_type == after.target_type == "fixed_level"
        aspect, pointer = ("fixed_level", "/target_emissions_t") if both_fixed else ("emissions", "/target_year_emissions_t")
        yield Weakening(aspect, pointer, was, now, text)
    moved = list(_base(before, after, more=rose))
    yield from moved
    if not rose and not any(each.after is not None for each in moved):  # else it was told that more is allowed
        yield from lifted(before, after)


def _base(before: Target, after: Target, *, more: bool) -> Iterator[Weakening]:
    for name, told in (("base_year", "the base year"), ("base_year_emissions_t", "the emissions of the base year")):
        was, now = getattr(before, name), getattr(after, name)
        if was is not None and now is None:
            text = f"It no longer says what {told} is ({number(was)} before), so progress can no longer be checked."
            yield Weakening("base", f"/{name}", was, now, text)
    (pointer, was), (_, now) = _start(before), _start(after)
    if not _comparable(before, after) or was is None or now is None or not exceeds(now, was):
        return
    per_unit = _per_unit(before), _per_unit(after)
    if more or (per_unit[0] is not None and per_unit[1] is not None and per_unit[1] > per_unit[0]):
        moved = before.base_year != after.base_year and before.base_year is not None and after.base_year is not None
        years = f" (base year {after.base_year} instead of {before.base_year})" if moved else ""
        text = f"It is measured from {number(now)} instead of {number(was)}{years}, so more is allowed."
        yield Weakening("base", pointer, was, now, text)


def _comparable(before: Target, after: Target) -> bool:
    """Whether both are measured from the same kind of thing."""
    is_intensity = before.target_type == "base_year_intensity"
    return before.target_type == after.target_type and (not is_intensity or same_unit(before, after))


def _start(target: Target) -> tuple[str, Decimal | None]:
    """What the reduction is measured from: where it stands, and its value."""
    if target.target_type == "base_year_intensity":
        return "/intensity/base_value", target.intensity.base_value if target.intensity else None
    if target.target_type == "baseline_scenario":
        scenario = target.baseline_scenario
        return "/baseline_scenario/target_year_emissions_t", scenario.target_year_emissions_t if scenario else None
    return "/base_year_emissions_t", target.base_year_emissions_t


def _per_unit(target: Target) -> Decimal | None:
    """What an intensity target allows per unit in its target year."""
    if target.intensity is None or target.intensity.base_value is None or target.reduction_percent is None:
        return None
    with localcontext(Context(prec=PRECISION)):
        return target.intensity.base_value * (100 - target.reduction_percent) / 100


def _depth(before: Target, after: Target) -> Iterator[Weakening]:
    """Another type or unit, a lower percentage (comparable within one type only), a larger part that depends on others."""
    if before.target_type != after.target_type:
        if after.target_type in GROWING and before.target_type not in GROWING:
            was, now = (_TYPES.get(target.target_type, target.target_type) for target in (before, after))
            text = f"It is {now} instead of {was}: emissions may grow while it is met."
            yield Weakening("target_type", "/target_type", before.target_type, after.target_type, text)
    else:
        yield from _fell("reduction_percent", "The reduction", before.reduction_percent, after.reduction_percent)
        yield from _unit(before, after)
    share, grown = before.conditional_percent, after.conditional_percent
    if share is not None and grown is None:
        text = f"It no longer says which share depends on others ({number(share)} % before)."
        yield Weakening("conditional_percent", "/conditional_percent", share, grown, text)
    elif grown is not None and grown > (share or 0):
        instead = "; nothing of that was said before" if share is None else f" instead of {number(share)} %"
        text = f"{number(grown)} % of it depends on others{instead}."
        yield Weakening("conditional_percent", "/conditional_percent", share, grown, text)


def _unit(before: Target, after: Target) -> Iterator[Weakening]:
    was, now = (target.intensity.unit if target.intensity else None for target in (before, after))
    if was is not None and now is not None and was != now:
        text = f"It is measured {_UNITS.get(now, now)} instead of {_UNITS.get(was, was)}, so the two can no longer be compared."
        yield Weakening("intensity", "/intensity/unit", was, now, text)


def _fell(name: str, told: str, was: Decimal | None, now: Decimal | None) -> Iterator[Weakening]:
    if was is not None and now is None:
        yield Weakening(name, f"/{name}", was, now, f"{told} is no longer given ({number(was)} % before).")
    elif was is not None and now is not None and now < was:
        yield Weakening(name, f"/{name}", was, now, f"{told} is {number(now)} % instead of {number(was)} %.")


def _time(before: Target, after: Target) -> Iterator[Weakening]:
    """A later target year, or the step to a final target given up."""
    was, now = before.target_year, after.target_year
    if was is not None and now is None:
        yield Weakening("target_year", "/target_year", was, now, f"The target year is no longer given ({was} before).")
    elif was is not None and now is not None and now > was:
        yield Weakening("target_year", "/target_year", was, now, f"The target year is {now} instead of {was}.")
    if before.is_interim and not after.is_interim:
        text = "It is no longer a step to a final target."
        yield Weakening("interim_of", "/interim_of", before.is_interim, after.is_interim, text)
