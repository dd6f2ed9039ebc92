"""The rulebook: how serious each case of each rule is, its source, and every threshold; one file in `rulebooks/` per version.

A published version is never edited: a change is a new file, so that an old assessment can be computed again for ever.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeVar, cast, get_args

Severity = Literal["blocking", "warning", "info"]
T = TypeVar("T")

CASES: Final[Mapping[str, tuple[str, ...]]] = {
    "2026-1": (
        "R0.missing", "R1.unknown", "R1.below",
        "R2.unknown", "R2.government_operations", "R2.partial", "R2.smaller", "R2.larger", "R2.sector",
        "R2.inventory_unknown", "R2.inventory_differs",
        "R3.years", "R3.year_set", "R3.reduction", "R4.unknown", "R4.differs",
        "R5.unknown", "R5.interim", "R5.ndc_unknown", "R5.before_ndc", "R6.unknown", "R6.computed", "R7.unknown", "R7.old",
        "R8.unknown", "R8.co2_only", "R8.gases", "R8.scopes", "R8.sectors", "R8.sum_unknown", "R8.sum",
        "R9.unknown", "R9.late_target", "R9.no_report",
        "R10.unknown", "R10.credits", "R10.interim", "R10.conditional_unknown", "R10.conditional",
        "R13.unknown", "R13.late", "R13.residual",
        "year_set.unknown", "year_set.future", "regressing.unknown", "regressing.above_base", "F4.unknown", "F4.typed",
        "recalculated.little", "recalculated.much",
        "plausible.tiny", "plausible.per_person_low", "plausible.per_person_high", "plausible.bau_below_base",
        "plausible.bau_many_times", "plausible.above_base", "plausible.small_reduction", "plausible.steep", "plausible.year_typed",
        "plausible.base_year_future", "plausible.population", "plausible.unit", "plausible.future_inventory",
        "plausible.base_year_inventory", "plausible.intensity", "plausible.negative", "measures.differs", "measures.unsourced",
    ),
}  # fmt: skip
"""The version that brought them -> its new cases. A version's file holds its own and those of all versions before it, no others."""


class RulebookError(ValueError):
    """A rulebook's file is wrong; the message names the version and the entry."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of one rule."""

    severity: Severity
    source: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the rules compare with: percentages and points 0..100, t CO2e, years. The file says where each comes from."""

    status_tolerance: Decimal
    typed_tolerance: Decimal
    identity_tolerance_t: Decimal
    identity_tolerance_percent: Decimal
    interim_by: int
    net_zero_by: int
    net_zero_residual_percent: Decimal
    recalculation_percent: Decimal
    inventory_max_age_years: int
    minimum_sectors: int
    minimum_gases: tuple[str, ...]
    minimum_scopes: tuple[int, ...]
    target_within_years: int
    report_every_years: int
    sbti_points_1_5c: Decimal
    sbti_points_well_below_2c: Decimal
    ndc_rounding_points: Decimal
    fair_share_year: int


@dataclass(frozen=True, slots=True)
class Plausible:
    """When a number looks like a typing error: t CO2e, t CO2e per person, percent, points per year, factors, years."""

    minimum_t: Decimal
    minimum_own_operations_t: Decimal
    minimum_per_person_t: Decimal
    maximum_per_person_t: Decimal
    maximum_bau_times_base: Decimal
    minimum_reduction_percent: Decimal
    maximum_points_per_year: Decimal
    population_factor: Decimal
    first_typed_year: int
    last_typed_year: int


@dataclass(frozen=True, slots=True)
class FairShare:
    """A country's reduction per person (percent) that is its fair share of 1.5 °C, and who published it."""

    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One version. ``fair_share_percap_pct`` is by ISO 3166-1 alpha-2 code."""

    version: str
    cases: Mapping[str, Case]
    thresholds: Thresholds
    plausible: Plausible
    fair_share_percap_pct: Mapping[str, FairShare]


def versions() -> list[str]:
    """All versions, the oldest first."""
    names = (entry.name for entry in (files(__package__) / "rulebooks").iterdir())
    return sorted((name.removesuffix(".toml") for name in names if name.endswith(".toml")), key=_order)


@cache
def load(version: str) -> Rulebook:
    """One version.

    Raises:
        LookupError: there is no such version.
        RulebookError: its file is wrong.
    """
    if version not in versions():
        msg = f"There is no rulebook {version}; there are {', '.join(versions())}."
        raise LookupError(msg)
    book = parse((files(__package__) / "rulebooks" / f"{version}.toml").read_text("utf-8"))
    if book.version != version:
        msg = f"The file of the rulebook {version} says that it is {book.version}."
        raise RulebookError(msg)
    return book


@cache
def current() -> Rulebook:
    """The newest version: by it is assessed now."""
    return load(versions()[-1])


def parse(text: str) -> Rulebook:
    """The rulebook in a file's text.

    Raises:
        RulebookError: it is no TOML, or an entry is missing, unknown or of the wrong kind.
    """
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        msg = f"A rulebook is no TOML: {error}"
        raise RulebookError(msg) from error
    version = str(given.get("version", "without a version"))
    _same(version, "part", given, [field.name for field in fields(Rulebook)] + ["sources"])
    if not _is_version(version):
        msg = f"{version} is no version of a rulebook; one is written as 2026-1."
        raise RulebookError(msg)
    return Rulebook(
        version=version,
        cases=_cases(version, given["cases"], given["sources"]),
        thresholds=_filled(Thresholds, version, given["thresholds"]),
        plausible=_filled(Plausible, version, given["plausible"]),
        fair_share_percap_pct={country: _filled(FairShare, version, each) for country, each in given["fair_share_percap_pct"].items()},
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-"))


def _is_version(version: str) -> bool:
    return all(part.isdecimal() for part in version.split("-"))


def _same(version: str, what: str, given: Mapping[str, Any], needed: Sequence[str]) -> None:
    for word, names in (("has an unknown", set(given) - set(needed)), ("lacks the", set(needed) - set(given))):
        if names:
            msg = f"The rulebook {version} {word} {what} {', '.join(sorted(names))}."
            raise RulebookError(msg)


def _cases(version: str, given: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Case]:
    needed = [case for since, cases in CASES.items() if _order(since) <= _order(version) for case in cases]
    _same(version, "case", given, needed)
    return {name: _case(version, name, given[name], sources) for name in needed}


def _case(version: str, name: str, given: Any, sources: Mapping[str, str]) -> Case:
    match given:
        case [str(severity), str(source)] if severity in get_args(Severity) and source in sources:
            return Case(cast("Severity", severity), sources[source])
    msg = f"The rulebook {version} says {given} of the case {name}; it needs one of {', '.join(get_args(Severity))}, and a known source."
    raise RulebookError(msg)


def _filled(kind: type[T], version: str, given: Mapping[str, Any]) -> T:
    kinds = {field.name: field.type for field in fields(cast("Any", kind))}
    _same(version, "entry", given, list(kinds))
    return kind(**{name: _value(version, name, kinds[name], value) for name, value in given.items()})


def _value(version: str, name: str, kind: Any, value: Any) -> Any:
    if kind is Decimal and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if kind in (int, str) and type(value) is kind:
        return value
    if isinstance(value, list) and kind in (tuple[int, ...], tuple[str, ...]) and {type(each) for each in value} == {get_args(kind)[0]}:
        return tuple(value)
    msg = f"The rulebook {version} says {value!r} of {name}, which is of another kind."
    raise RulebookError(msg)
