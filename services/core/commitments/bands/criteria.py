"""What can be asked of a disclosure: which cells are filled, and which tests hold.

Each cell and each test leads to the field of the API by which it is answered. No test is passed because something is absent, and
none is failed because something more is given: filling a cell never costs a point.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.core.commitments.disclosure import BLANKS, Action, Disclosure, Pledge, Report

KINDS: Final = ("jurisdiction", "target", "inventory", "measure", "disclosure")
"""What a question looks at; ``disclosure`` is all of it together."""
MINIMUM_GASES: Final = frozenset({"CO2", "CH4", "N2O"})
MINIMUM_SCOPES: Final = frozenset({1, 2})
_WHOLE: Final = frozenset({"same", "larger"})
_PARTLY: Final = frozenset({"smaller", "partial"})

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
    """

    holds: Callable[[Item, int, int], bool]
    pointer: str
    is_fixed: bool = False


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


def _totals(whole: Disclosure) -> set[int]:
    """The years of which there is a total, up to the reporting year."""
    years = {report.year for report in whole.reports if report.year is not None and report.emissions_t is not None}
    return {year for year in years if year <= whole.reporting_year}


def _measures(whole: Disclosure, *names: str) -> int:
    """How many different measures fill all these cells (in one of their indicators)."""
    return len({(a.commitment_id, a.position) for a in whole.actions if all(is_filled(a, name) for name in names)})


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
        "long_term_by": Test(_is_long_term, "/net_zero", is_fixed=True),
        "without_credits": Test(lambda target, _year, _limit: target.uses_credits is False, "/uses_credits"),
    },
    "inventory": {
        "has_total": Test(lambda report, _year, _limit: report.emissions_t is not None, "/emissions_t"),
        "whole_city": Test(lambda report, _year, _limit: report.boundary in _WHOLE, "/boundary"),
        "at_most_years_old": Test(_is_recent, "/year", is_fixed=True),
        "least_gases": _gases,
        "sectors_at_least": Test(lambda report, _year, limit: len(set(report.sectors)) >= limit, "/sectors"),
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
        "measured_at_least": Test(
            lambda whole, _year, limit: _measures(whole, "value", "as_of") >= limit, "commitments#/measures/-/indicators/-/value"
        ),
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


def where(item: Item, pointer: str, disclosure: Disclosure) -> str:
    """The address of the resource to write, and after “#” the pointer to its field; “-” in a list is a new entry at its end."""
    city = f"/v1/jurisdictions/{disclosure.jurisdiction_id}"
    first = min((each.id for each in disclosure.pledges if each.id), default="{id}")
    match item:
        case Pledge():
            return f"{_commitment(item.id, city)}#{pointer}"
        case Report():
            one = f"/{item.id}" if item.id else ""
            return f"/v1/commitments/{item.commitment_id or first}/progress-reports{one}#{pointer}"
        case Action():
            home = item.commitment_id or (first if disclosure.pledges else None)
            place = "-" if item.position is None else item.position
            indicator = "-" if item.indicator_position is None else item.indicator_position
            return f"{_commitment(home, city)}#/measures/{place}{pointer.replace('{n}', str(indicator))}"
        case Disclosure():
            return f"/v1/commitments/{first}/{pointer}" if pointer.startswith("progress-reports") else f"{city}/{pointer}"
    return f"{city}#{pointer}"


def _commitment(commitment_id: str | None, city: str) -> str:
    return f"/v1/commitments/{commitment_id}" if commitment_id else f"{city}/commitments"
