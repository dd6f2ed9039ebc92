"""What a jurisdiction discloses in public, as plain values: its facts, targets, inventories and measures.

None is “not given”, never zero. Emissions are t CO2e. What a question or an essential of a band looks at is always one of these
values, or the `Disclosure` as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from itertools import chain, islice
from typing import Any, Final

from services.core.commitments.formulas import PRECISION


@dataclass(frozen=True, slots=True)
class Place:
    """Facts of the jurisdiction itself."""

    population: int | None = None
    population_year: int | None = None
    area_km2: Decimal | None = None
    latitude: Decimal | None = None
    gdp_per_capita: Decimal | None = None
    emissions_per_capita: Decimal | None = None
    climate_zone: str | None = None
    coastal: bool | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A warning of the assessment that keeps a target from counting. ``pointer`` as in `rules.Finding`."""

    rule: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Pledge:
    """A target, and what its last assessment found.

    ``left_percent``: what its unconditional part leaves of the base in the target year. ``doubts`` is None as long as it was not
    assessed. ``reduced_percent``: progress by the inventory that counts, None when none does. ``fair_share_passed``: whether it is in
    line with a fair share of 1.5 °C.
    """

    id: str | None = None
    sector: str | None = None
    boundary: str | None = None
    gases: tuple[str, ...] = ()
    scopes: tuple[int, ...] = ()
    base_year: int | None = None
    target_year: int | None = None
    year_set: int | None = None
    status_in_law: str | None = None
    uses_credits: bool | None = None
    net_zero: bool | None = None
    conditional_percent: Decimal | None = None
    left_percent: Decimal | None = None
    doubts: tuple[Doubt, ...] | None = None
    reduced_percent: Decimal | None = None
    fair_share_passed: bool | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The inventory of one year. ``sectors`` are those that say something, each as (code, `VALUE` or its notation key)."""

    id: str | None = None
    commitment_id: str | None = None
    year: int | None = None
    emissions_t: Decimal | None = None
    notation_key: str | None = None
    population: int | None = None
    method: str | None = None
    verified: bool | None = None
    boundary: str | None = None
    gases: tuple[str, ...] = ()
    scopes: tuple[int, ...] = ()
    sectors: tuple[tuple[str, str], ...] = ()

    @property
    def stated(self) -> Decimal | str | None:
        """The total, or the notation key that stands in its place."""
        return self.emissions_t if self.emissions_t is not None else self.notation_key


@dataclass(frozen=True, slots=True)
class Action:
    """A measure with one of its indicators; a measure with several stands here once for each.

    ``position`` and ``indicator_position`` are its places in the commitment's lists, from 0.
    """

    commitment_id: str | None = None
    position: int | None = None
    indicator_position: int | None = None
    title: str | None = None
    theme: str | None = None
    instrument: str | None = None
    status: str | None = None
    indicator: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    as_of: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """All that a jurisdiction discloses. ``reporting_year`` is the year from which ages are counted."""

    jurisdiction_id: str
    reporting_year: int
    place: Place = Place()
    pledges: tuple[Pledge, ...] = ()
    reports: tuple[Report, ...] = ()
    actions: tuple[Action, ...] = ()


VALUE: Final = "value"
DOUBTS: Final = frozenset({"plausible", "regressing"})
"""The rules whose warnings keep a target from counting: a figure that looks like a typing error, and emissions above the base year."""
BLANKS: Final = {"target": Pledge(), "inventory": Report(), "measure": Action()}
"""One of each kind that says nothing yet: what a jurisdiction could add."""
MOST_MEASURES, MOST_INDICATORS, MOST_ACTIONS = 20, 10, 5_000
"""Of a commitment, of a measure, and of all: what is looked at, so that no disclosure costs more than it tells."""
_PLEDGE: Final = (
    "sector", "boundary", "base_year", "target_year", "year_set", "status_in_law", "uses_credits", "net_zero",
    "conditional_percent",
)  # fmt: skip
_REPORT: Final = ("id", "commitment_id", "year", "emissions_t", "notation_key", "population", "method", "verified", "boundary")


def disclosure_of(
    jurisdiction_id: str, reporting_year: int, facts: Mapping[str, Any], commitments: Iterable[Mapping[str, Any]]
) -> Disclosure:
    """The disclosure in stored JSON: the facts of the jurisdiction, and its commitments, each with its ``reports``."""
    stored = list(commitments)
    return Disclosure(
        jurisdiction_id=jurisdiction_id,
        reporting_year=reporting_year,
        place=_place(facts),
        pledges=tuple(_pledge(each) for each in stored),
        reports=tuple(_report(report) for each in stored for report in each["reports"]),
        actions=tuple(islice(chain.from_iterable(map(_actions, stored)), MOST_ACTIONS)),
    )


def _place(facts: Mapping[str, Any]) -> Place:
    context = facts.get("context") or {}
    own = {name: facts.get(name) for name in ("population", "population_year", "area_km2", "latitude")}
    surroundings = {name: context.get(name) for name in ("gdp_per_capita", "emissions_per_capita", "climate_zone", "coastal")}
    return Place(**own, **surroundings)


def _pledge(given: Mapping[str, Any]) -> Pledge:
    tests = (given.get("sufficiency") or {}).get("tests") or ()
    return Pledge(
        id=given["id"],
        **{name: given.get(name) for name in _PLEDGE},
        gases=tuple(given.get("gases") or ()),
        scopes=tuple(given.get("scopes") or ()),
        left_percent=_left(*(given.get(name) for name in ("base_year_emissions_t", "target_year_emissions_t", "conditional_percent"))),
        doubts=_doubts(given.get("findings") or ()) if given.get("assessed_at") else None,
        reduced_percent=(given.get("progress") or {}).get("reduction_percent"),
        fair_share_passed=next((test.get("passed") for test in tests if test.get("name") == "fair_share_1_5c"), None),
    )


def _left(base: Decimal | None, goal: Decimal | None, conditional: Decimal | None) -> Decimal | None:
    """Percent of the base that is left when only the unconditional part is kept; None when something is not stated."""
    if goal is None or conditional is None:
        return None
    if goal == 0:
        return Decimal(conditional)
    if base is None or base <= 0:
        return None
    with localcontext(Context(prec=PRECISION)):
        return 100 - (100 - Decimal(goal) * 100 / base) * (100 - conditional) / 100


def _doubts(findings: Iterable[Mapping[str, Any]]) -> tuple[Doubt, ...]:
    warnings = (each for each in findings if each["severity"] == "warning" and each["rule"] in DOUBTS)
    return tuple(Doubt(each["rule"], each["pointer"], each["message"]) for each in warnings)


def _report(given: Mapping[str, Any]) -> Report:
    cells = given.get("sectors") or ()
    told = {(cell["code"], VALUE if cell.get("emissions_t") is not None else cell.get("notation_key") or "") for cell in cells}
    return Report(
        **{name: given.get(name) for name in _REPORT},
        gases=tuple(given.get("gases") or ()),
        scopes=tuple(given.get("scopes") or ()),
        sectors=tuple(sorted((code, said) for code, said in told if said)),
    )


def _actions(commitment: Mapping[str, Any]) -> Iterable[Action]:
    for position, measure in enumerate(islice(commitment.get("measures") or (), MOST_MEASURES)):
        own = {name: measure.get(name) for name in ("title", "theme", "instrument", "status")}
        where = {"commitment_id": commitment["id"], "position": position}
        indicators = measure.get("indicators") or ()
        if not indicators:
            yield Action(**where, **own)
        for number, indicator in enumerate(islice(indicators, MOST_INDICATORS)):
            told = {name: indicator.get(name) for name in ("value", "unit", "as_of", "source")}
            yield Action(**where, **own, **told, indicator_position=number, indicator=indicator.get("name"))
