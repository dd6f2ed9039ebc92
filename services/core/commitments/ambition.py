"""Whether a change of a target makes it weaker, aspect by aspect, as a reader of the public history asks.

Strengthening is never weakening, and makes up for none: a deeper cut that comes later is a later year all the same. What was not
said before and is said now is no weakening; what was said and is not said any more is one, since nobody can check it now.
Emissions are t CO2e, percentages 0..100.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Final

from services.core.commitments.formulas import PRECISION, shown
from services.core.commitments.rules import Target
from services.core.commitments.trajectory import target_year_emissions

ROUNDING_T: Final = Decimal("0.5")
"""Half a tonne more is rounding, unless that is more than `ROUNDING_SHARE` of the whole."""
ROUNDING_SHARE: Final = Decimal("0.0001")

BREADTH: Final[Mapping[str, int]] = {"same": 0, "larger": 0, "smaller": 1, "partial": 2, "government_operations": 3}
"""Boundaries from the widest on. A larger one than the city's own covers the city too, so both count as whole."""

GROWING: Final = frozenset({"base_year_intensity", "baseline_scenario"})
"""Types under which emissions may grow while the target is met: with the population or the economy, or with business as usual."""

_LAW: Final[Mapping[str, int]] = {
    "in law": 3,
    "policy document": 2, "in policy document": 2,
    "pledge": 1, "declaration / pledge": 1,
    "proposed": 0, "proposed / in discussion": 0,
}  # fmt: skip
"""How binding a status is, for the words of our own form and of the Net Zero Tracker (zerotracker.net). Other words are not judged."""

_TYPES: Final[Mapping[str, str]] = {
    "base_year_absolute": "a cut against the base year",
    "fixed_level": "a fixed level",
    "base_year_intensity": "a cut per person or unit of the economy",
    "baseline_scenario": "a cut against business as usual",
}


@dataclass(frozen=True, slots=True)
class Weakening:
    """One way in which a target became weaker. ``pointer`` (RFC 6901) leads to the commitment's member; the message has both values."""

    aspect: str
    pointer: str
    before: object
    after: object
    message: str


def weakenings(before: Target, after: Target) -> list[Weakening]:
    """Every way in which ``after`` is weaker than ``before``; none when it is as strong or stronger."""
    return [*_emissions(before, after), *_depth(before, after), *_time(before, after), *_coverage(before, after), *_terms(before, after)]


def _emissions(before: Target, after: Target) -> Iterator[Weakening]:
    """More emissions allowed in the target year, and whether that came of another base."""
    was, now = target_year_emissions(before), target_year_emissions(after)
    rose = was is not None and now is not None and exceeds(now, was)
    if was is not None and now is None:
        text = f"The target year allowed {_tonnes(was)}; what it allows now can no longer be computed."
        yield Weakening("emissions", "/target_year_emissions_t", was, now, text)
    elif was is not None and now is not None and rose:
        text = f"The target year allows {_tonnes(now)} instead of {_tonnes(was)}."
        both_fixed = before.target_type == after.target_type == "fixed_level"
        aspect, pointer = ("fixed_level", "/target_emissions_t") if both_fixed else ("emissions", "/target_year_emissions_t")
        yield Weakening(aspect, pointer, was, now, text)
    yield from _base(before, after, more=rose)


def _base(before: Target, after: Target, *, more: bool) -> Iterator[Weakening]:
    for name, told in (("base_year", "the base year"), ("base_year_emissions_t", "the emissions of the base year")):
        was, now = getattr(before, name), getattr(after, name)
        if was is not None and now is None:
            text = f"It no longer says what {told} is ({_number(was)} before), so progress can no longer be checked."
            yield Weakening("base", f"/{name}", was, now, text)
    (pointer, was), (_, now) = _start(before), _start(after)
    if not _comparable(before, after) or was is None or now is None or not exceeds(now, was):
        return
    per_unit = _per_unit(before), _per_unit(after)
    if more or (per_unit[0] is not None and per_unit[1] is not None and per_unit[1] > per_unit[0]):
        moved = before.base_year != after.base_year and before.base_year is not None and after.base_year is not None
        years = f" (base year {after.base_year} instead of {before.base_year})" if moved else ""
        text = f"It is measured from {_number(now)} instead of {_number(was)}{years}, so more is allowed."
        yield Weakening("base", pointer, was, now, text)


def _comparable(before: Target, after: Target) -> bool:
    """Whether both are measured from the same kind of thing."""
    units = [target.intensity.unit if target.intensity else None for target in (before, after)]
    return before.target_type == after.target_type and units[0] == units[1]


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
    """Another type, a lower percentage (comparable within one type only), a larger part that depends on others."""
    if before.target_type != after.target_type:
        if after.target_type in GROWING and before.target_type not in GROWING:
            was, now = (_TYPES.get(target.target_type, target.target_type) for target in (before, after))
            text = f"It is {now} instead of {was}: emissions may grow while it is met."
            yield Weakening("target_type", "/target_type", before.target_type, after.target_type, text)
    else:
        yield from _fell("reduction_percent", "The reduction", before.reduction_percent, after.reduction_percent)
    share, grown = before.conditional_percent, after.conditional_percent
    if share is not None and grown is None:
        text = f"It no longer says which share depends on others ({_number(share)} % before)."
        yield Weakening("conditional_percent", "/conditional_percent", share, grown, text)
    elif share is not None and grown is not None and grown > share:
        text = f"{_number(grown)} % of it depends on others instead of {_number(share)} %."
        yield Weakening("conditional_percent", "/conditional_percent", share, grown, text)


def _fell(name: str, told: str, was: Decimal | None, now: Decimal | None) -> Iterator[Weakening]:
    if was is not None and now is None:
        yield Weakening(name, f"/{name}", was, now, f"{told} is no longer given ({_number(was)} % before).")
    elif was is not None and now is not None and now < was:
        yield Weakening(name, f"/{name}", was, now, f"{told} is {_number(now)} % instead of {_number(was)} %.")


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


def _coverage(before: Target, after: Target) -> Iterator[Weakening]:
    """A narrower boundary, one sector instead of all, gases or scopes left out."""
    was, now = before.boundary, after.boundary
    if was is not None and now is None:
        yield Weakening("boundary", "/boundary", was, now, f"The boundary is no longer given ({_words(was)} before).")
    elif was is not None and now is not None and BREADTH.get(now, 0) > BREADTH.get(was, 0):
        yield Weakening("boundary", "/boundary", was, now, f"The boundary is narrower: {_words(now)} instead of {_words(was)}.")
    if before.sector is not None and after.sector not in (before.sector, "all"):
        is_given = after.sector is not None
        covers = f"It covers {_sector(after.sector)} instead of" if is_given else "It no longer says what it covers; before it was"
        yield Weakening("sector", "/sector", before.sector, after.sector, f"{covers} {_sector(before.sector)}.")
    yield from _left_out("gases", before.gases, after.gases)
    yield from _left_out("scopes", before.scopes, after.scopes)


def _left_out(name: str, was: tuple[str | int, ...], now: tuple[str | int, ...]) -> Iterator[Weakening]:
    if missing := [each for each in was if each not in now]:
        kept = f"it covers {_list(now)} now" if now else "it names none now"
        text = f"It no longer covers the {name} {_list(missing)}; {kept}, {_list(was)} before."
        yield Weakening(name, f"/{name}", was, now, text)


def _terms(before: Target, after: Target) -> Iterator[Weakening]:
    """Credits, net zero, and standing in law."""
    if before.uses_credits is False and after.uses_credits:
        text = "It counts carbon credits, which it did not before."
        yield Weakening("uses_credits", "/uses_credits", before.uses_credits, after.uses_credits, text)
    elif before.uses_credits is not None and after.uses_credits is None:
        text = f"It no longer says whether it counts carbon credits (before: {'yes' if before.uses_credits else 'no'})."
        yield Weakening("uses_credits", "/uses_credits", before.uses_credits, after.uses_credits, text)
    if before.net_zero and not after.net_zero:
        yield Weakening("net_zero", "/net_zero", before.net_zero, after.net_zero, "It is no longer a net-zero target.")
    was, now = before.status_in_law, after.status_in_law
    if was is not None and now is None:
        text = f"It no longer says how it stands in law (“{was}” before)."
        yield Weakening("status_in_law", "/status_in_law", was, now, text)
    elif was is not None and now is not None and _binding(now, was) < _binding(was, now):
        text = f"It stands less firmly in law: “{now}” instead of “{was}”."
        yield Weakening("status_in_law", "/status_in_law", was, now, text)


def _binding(status: str, other: str) -> int:
    """How binding ``status`` is; 0 when it or ``other`` is not among the words that we can order."""
    one, two = status.casefold(), other.casefold()
    return _LAW[one] if one in _LAW and two in _LAW else 0


def exceeds(now: Decimal, was: Decimal) -> bool:
    """Whether ``now`` is more than ``was``, by more than rounding."""
    with localcontext(Context(prec=PRECISION)):
        return now - was > min(ROUNDING_T, abs(was) * ROUNDING_SHARE)


def _tonnes(value: Decimal) -> str:
    return f"{_number(value)} t CO2e"


def _number(value: Decimal | int) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{shown(value):,f}"
    return text.rstrip("0").rstrip(".")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _sector(name: str | None) -> str:
    return "all sectors" if name == "all" else f"the sector {name}"


def _list(values: Iterable[str | int]) -> str:
    return ", ".join(map(str, values))
