"""What can be asked of a disclosure: which cells are filled, and which tests hold.

Each cell and each test leads to the field of the API by which it is answered. No test is passed because something is absent, and
none is failed because something more is given: filling a cell never costs a point. (What an assessment finds is no cell.)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.core.commitments.disclosure import BLANKS, VALUE, Disclosure, Doubt, Pledge, Report

KINDS: Final = ("jurisdiction", "target", "inventory", "measure", "disclosure")
"""What a question looks at; ``disclosure`` is all of it together."""
MINIMUM_GASES: Final = frozenset({"CO2", "CH4", "N2O"})
MINIMUM_SCOPES: Final = frozenset({1, 2})
_ALL: Final = 100  # percent
_WHOLE: Final = frozenset({"same", "larger"})
_PARTLY: Final = frozenset({"smaller", "partial"})
_COVERED: Final = frozenset({VALUE, "IE", "C"})
"""What a sector of an inventory must say to be covered by it: a value, included elsewhere, confidential. Not: NO, NE."""
_FOLLOWED: Final = ("title", "status", "indicator", "value", "unit", "as_of", "source")
"""What a measure of a plan says: it can then be followed up, and checked."""
_NOT_BEGUN: Final = (
    "planned", "planning", "in planning", "propos", "in discussion", "under discussion", "scoping", "feasibility", "pre-",
    "not started", "not yet", "規劃", "計畫", "計劃", "研議", "擬",
)  # fmt: skip
"""How a status begins that says: not yet. Everything else counts as begun, since the words are the city's own."""

Item = Any
"""A `Place`, `Pledge`, `Report`, `Action` or `Disclosure`, as the kind says."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field that can be filled. ``pointer`` (RFC 6901) leads to it in the resource of its kind."""

    pointer: str
    words: str


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one item (and the year from which ages count) against a limit; ``pointer`` as for a `Cell`.

    ``is_fixed``: an item that fails it can not be mended (the year of an inventory has passed): another one is needed.
    ``faults``: what of the item is to be corrected, where that is known.
    """

    holds: Callable[[Item, int, int], bool]
    pointer: str
    is_fixed: bool = False
    faults: Callable[[Item], Sequence[Doubt]] = lambda _item: ()


CELLS: Final[Mapping[str, Mapping[str, Cell]]] = {
    "jurisdiction": {
        "population": Cell("/population", "the number of inhabitants"),
        "population_year": Cell("/population_year", "the year of that number"),
        "area_km2": Cell("/area_km2", "the area"),
        "latitude": Cell("/location", "the location"),
        "gdp_per_capita": Cell("/context/gdp_per_capita", "the economic output per inhabitant"),
        "emissions_per_capita": Cell("/context/emissions_per_capita", "the emissions per inhabitant"),
        "climate_zone": Cell("/context/climate_zone", "the climate zone"),
        "coastal": Cell("/context/coastal", "whether it lies on the coast"),
    },
    "target": {
        "boundary": Cell("/boundary", "which area the target covers"),
        "gases": Cell("/gases", "the gases that the target covers"),
        "scopes": Cell("/scopes", "the scopes that the target covers"),
        "base_year": Cell("/base_year", "the base year"),
        "year_set": Cell("/year_set", "the year in which the target was set"),
        "status_in_law": Cell("/status_in_law", "the target's status in law"),
        "uses_credits": Cell("/uses_credits", "whether the target counts carbon credits"),
        "net_zero": Cell("/net_zero", "whether the target is net zero"),
    },
    "inventory": {
        "stated": Cell("/emissions_t", "the total emissions, or a notation key"),
        "population": Cell("/population", "the inhabitants in the year of the inventory"),
        "method": Cell("/method", "the method of the inventory"),
        "verified": Cell("/verified", "whether a third party verified the inventory"),
        "boundary": Cell("/boundary", "which area the inventory covers"),
        "gases": Cell("/gases", "the gases in the inventory"),
        "scopes": Cell("/scopes", "the scopes in the inventory"),
        "sectors": Cell("/sectors", "the sectors of the inventory"),
    },
    "measure": {
        "title": Cell("/title", "a measure, by its title"),
        "theme": Cell("/theme", "the theme of a measure"),
        "instrument": Cell("/instrument", "the instrument of a measure"),
        "status": Cell("/status", "the status of a measure"),
        "indicator": Cell("/indicators/{n}/name", "an indicator of a measure"),
    },
    "disclosure": {
        "pledges": Cell("commitments#/title", "a public commitment"),
        "reports": Cell("progress-reports#/year", "a public inventory"),
        "actions": Cell("commitments#/measures/-/title", "a measure on a public commitment"),
    },
}


def is_filled(item: Item, name: str) -> bool:
    """Whether the cell ``name`` of ``item`` says something: blanks and empty lists do not, zero and “no” do."""
    value = getattr(item, name)
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != ()


def _covers(boundaries: frozenset[str]) -> Callable[[Pledge, int, int], bool]:
    return lambda target, _year, _limit: target.boundary in boundaries and target.sector == "all"


def _is_recent(report: Report, year: int, limit: int) -> bool:
    return report.year is not None and year - limit <= report.year <= year


def _is_long_term(target: Pledge, _: int, limit: int) -> bool:
    in_time = target.net_zero is True and target.target_year is not None and target.target_year <= limit
    return in_time or target.fair_share_passed is True


def _leaves_at_most(target: Pledge, _: int, limit: int) -> bool:
    return target.fair_share_passed is True or (target.left_percent is not None and target.left_percent <= limit)


def _is_unconditional(target: Pledge, _year: int, _limit: int) -> bool:
    return target.conditional_percent is not None and target.conditional_percent < _ALL


def _free_of(rule: str, pointer: str) -> Test:
    """A test that the target was assessed, and that no warning of ``rule`` stands beside it."""

    def faults(target: Pledge) -> Sequence[Doubt]:
        return [doubt for doubt in target.doubts or () if doubt.rule == rule]

    return Test(lambda target, _year, _limit: target.doubts is not None and not faults(target), pointer, faults=faults)


def _covers_sectors(report: Report, _year: int, limit: int) -> bool:
    covered = {code for code, said in report.sectors if said in _COVERED}
    has_value = any(said == VALUE for _, said in report.sectors)
    return report.emissions_t is not None and has_value and len(covered) >= limit


def _totals(whole: Disclosure) -> set[int]:
    """The years of which there is a total, up to the reporting year."""
    years = {report.year for report in whole.reports if report.year is not None and report.emissions_t is not None}
    return {year for year in years if year <= whole.reporting_year}


def _measures(whole: Disclosure, *names: str) -> int:
    """How many different measures fill all these cells (in one of their indicators)."""
    return len({(a.commitment_id, a.position) for a in whole.actions if all(is_filled(a, name) for name in names)})


def _begun(whole: Disclosure) -> int:
    """How many of the measures that can be followed up are no mere plans."""
    begun = tuple(a for a in whole.actions if not (a.status or "").strip().casefold().startswith(_NOT_BEGUN))
    return _measures(replace(whole, actions=begun), *_FOLLOWED)


def _has_step(whole: Disclosure, year: int, limit: int) -> bool:
    return any(target.target_year is not None and year <= target.target_year <= year + limit for target in whole.pledges)


_gases: Final = Test(lambda item, _year, _limit: set(item.gases) >= MINIMUM_GASES, "/gases")

TESTS: Final[Mapping[str, Mapping[str, Test]]] = {
    "jurisdiction": {},
    "target": {
        "whole_city": Test(_covers(_WHOLE), "/boundary"),
        "part_of_city": Test(_covers(_PARTLY), "/boundary"),
        "least_gases": _gases,
        "least_scopes": Test(lambda target, _year, _limit: set(target.scopes) >= MINIMUM_SCOPES, "/scopes"),
        "unconditional": Test(_is_unconditional, "/conditional_percent"),
        "believable": _free_of("plausible", "/base_year_emissions_t"),
        "measured": Test(lambda target, _year, _limit: target.reduced_percent is not None, "progress-reports#/emissions_t"),
        "not_regressing": _free_of("regressing", "progress-reports#/emissions_t"),
        "long_term_by": Test(_is_long_term, "/net_zero", is_fixed=True),
        "leaves_at_most": Test(_leaves_at_most, "/reduction_percent"),
        "without_credits": Test(lambda target, _year, _limit: target.uses_credits is False, "/uses_credits"),
    },
    "inventory": {
        "has_total": Test(lambda report, _year, _limit: report.emissions_t is not None, "/emissions_t"),
        "whole_city": Test(lambda report, _year, _limit: report.boundary in _WHOLE, "/boundary"),
        "at_most_years_old": Test(_is_recent, "/year", is_fixed=True),
        "least_gases": _gases,
        "sectors_at_least": Test(_covers_sectors, "/sectors"),
        "verified": Test(lambda report, _year, _limit: report.verified is True, "/verified"),
    },
    "measure": {
        "has_value": Test(lambda action, _year, _limit: is_filled(action, "value"), "/indicators/{n}/value"),
        "has_date": Test(lambda action, _year, _limit: is_filled(action, "as_of"), "/indicators/{n}/as_of"),
        "has_source": Test(lambda action, _year, _limit: is_filled(action, "source"), "/indicators/{n}/source"),
    },
    "disclosure": {
        "targets_at_least": Test(lambda whole, _year, limit: len(whole.pledges) >= limit, "commitments#/title"),
        "totals_at_least": Test(lambda whole, _year, limit: len(_totals(whole)) >= limit, "progress-reports#/year"),
        "total_at_most_years_old": Test(
            lambda whole, year, limit: any(year - each <= limit for each in _totals(whole)), "progress-reports#/year"
        ),
        "step_within_years": Test(_has_step, "commitments#/target_year"),
        "measures_at_least": Test(
            lambda whole, _year, limit: _measures(whole, "title", "status") >= limit, "commitments#/measures/-/status"
        ),
        "followed_at_least": Test(
            lambda whole, _year, limit: _measures(whole, *_FOLLOWED) >= limit, "commitments#/measures/-/indicators/-/value"
        ),
        "begun_at_least": Test(lambda whole, _year, limit: _begun(whole) >= limit, "commitments#/measures/-/status"),
        "themes_at_least": Test(
            lambda whole, _year, limit: len({a.theme for a in whole.actions if is_filled(a, "theme")}) >= limit,
            "commitments#/measures/-/theme",
        ),
    },
}


def items(kind: str, disclosure: Disclosure) -> Sequence[Item]:
    """What there is of one kind."""
    lists = {"target": disclosure.pledges, "inventory": disclosure.reports, "measure": disclosure.actions}
    if kind in lists:
        return lists[kind]
    return (disclosure.place,) if kind == "jurisdiction" else (disclosure,)


def blank(kind: str) -> Item | None:
    """One more of a kind, that says nothing yet; None where there is only one."""
    return BLANKS.get(kind)
