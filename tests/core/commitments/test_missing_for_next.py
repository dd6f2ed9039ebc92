"""What is listed as missing for the next band opens it, when it is supplied: as an officer would, by following the list."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from services.core.commitments import bands
from services.core.commitments.bands.criteria import CELLS
from services.core.commitments.bands.scheme import LEVELS, Criterion, Essential, Question
from services.core.commitments.disclosure import Action, Disclosure, Pledge, Report
from tests.fixtures.disclosures import COVERED, MINIMUM, disclosures

SCHEME = bands.load("2026-1")
ASKING: list[Question | Essential] = [*SCHEME.questions, *SCHEME.essentials]
ASKED = {each.code: each for each in ASKING}
LEAST: dict[str, Any] = {
    "boundary": "government_operations", "gases": ("CO2",), "scopes": (3,), "uses_credits": True, "net_zero": False, "verified": False,
    "sectors": (("waste", "NO"),), "coastal": False, "theme": "energy", "status": "planned",
    "notation_key": "NE",
}  # fmt: skip
"""Of a cell that is to be filled, the least that can be said; of any other the number 2000."""
DEMANDED: dict[str, dict[str, Any]] = {
    "whole_city": {"boundary": "same"}, "least_gases": {"gases": MINIMUM}, "least_scopes": {"scopes": (1, 2)},
    "unconditional": {"conditional_percent": Decimal(99)}, "believable": {"doubts": ()}, "not_regressing": {"doubts": ()},
    "measured": {"reduced_percent": Decimal(-3)}, "leaves_at_most": {"left_percent": Decimal(20)},
    "long_term_by": {"net_zero": True, "target_year": 2050}, "without_credits": {"uses_credits": False},
    "has_total": {"emissions_t": Decimal(5)}, "sectors_at_least": {"emissions_t": Decimal(5), "sectors": COVERED},
    "verified": {"verified": True},
    "has_value": {"value": Decimal(5)}, "has_date": {"as_of": "2025-01-01"}, "has_source": {"source": "register"},
}  # fmt: skip
"""Of a criterion, what it asks for and nothing more."""
NEW: dict[str, tuple[str, Any]] = {
    "target": ("pledges", Pledge()),
    "inventory": ("reports", Report(commitment_id="c0")),
    "measure": ("actions", Action()),
}
FOLLOWED = Action(None, 0, 0, "Solar roofs", None, None, "planned", "roofs", Decimal(0), "MW", "2025-01-01", "register")
COUNTED = {"pledges": "targets_at_least", "reports": "totals_at_least", "actions": "measures_at_least"}


def more(test: str, limit: int, year: int) -> dict[str, tuple[Any, ...]]:
    """As many new items as a test of the whole disclosure asks for."""
    numbers = range(limit)
    kinds: dict[str, tuple[str, tuple[Any, ...]]] = {
        "targets_at_least": ("pledges", tuple(Pledge(f"one more {n}") for n in numbers)),
        "step_within_years": ("pledges", (Pledge("a step", target_year=year + limit),)),
        "totals_at_least": ("reports", tuple(Report(f"{year - n}", "c0", year - n, Decimal(5)) for n in numbers)),
        "total_at_most_years_old": ("reports", (Report("recent", "c0", year - limit, Decimal(5)),)),
        "measures_at_least": ("actions", tuple(Action(test, n, title="Solar roofs", status="running") for n in numbers)),
        "followed_at_least": ("actions", tuple(replace(FOLLOWED, commitment_id=test, position=n) for n in numbers)),
        "begun_at_least": ("actions", tuple(replace(FOLLOWED, commitment_id=test, position=n, status="running") for n in numbers)),
        "themes_at_least": ("actions", tuple(Action(test, n, theme=f"theme {n}") for n in numbers)),
    }
    return dict([kinds[test]])


def extended(disclosure: Disclosure, new: dict[str, tuple[Any, ...]], instead_of: Callable[[Any], bool] = lambda _: False) -> Disclosure:
    """The disclosure with new items, ``instead_of`` some of those that it has."""
    lists: dict[str, Any] = {
        name: tuple(item for item in getattr(disclosure, name) if not instead_of(item)) + items for name, items in new.items()
    }
    return replace(disclosure, **lists)


def values(about: str, what: str, criterion: Criterion | None, year: int) -> dict[str, Any]:
    """What is written into an item for one line of the list."""
    if criterion is None:
        name = next(name for name, cell in CELLS[about].items() if cell.words == what)
        name = "notation_key" if name == "stated" else name
        return {name: LEAST.get(name, 2000)}
    if criterion.test == "at_most_years_old":
        return {"year": year - criterion.limit}
    own = DEMANDED[criterion.test]
    return own | {"sector": "all"} if (about, criterion.test) == ("target", "whole_city") else own


def supplied(disclosure: Disclosure, missing: Iterable[dict[str, Any]]) -> Disclosure:
    """The disclosure with all that the list names: lines of one address are about one item."""
    least: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    demanded: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for line in missing:
        asked = ASKED[line["asked_by"]]
        criterion = next((each for each in asked.criteria if line["what"].startswith(each.says)), None)
        if asked.about == "disclosure":
            cells = {cell.words: COUNTED[name] for name, cell in CELLS["disclosure"].items()}
            new = more(criterion.test, criterion.limit, disclosure.reporting_year) if criterion else more(cells[line["what"]], 1, 2000)
            disclosure = extended(disclosure, new)
        else:
            given_to = least if criterion is None else demanded
            place = (asked.about, item_at(line["where"], asked.about, disclosure))
            given_to[place] |= values(asked.about, line["what"], criterion, disclosure.reporting_year)
    for item in least.keys() | demanded.keys():
        disclosure = written(disclosure, *item, least[item] | demanded[item])
    return disclosure


def item_at(where: str, about: str, disclosure: Disclosure) -> str:
    """The address of the item: of a measure, with its place and its indicator's; of a target also where an inventory of it is meant."""
    resource, _, pointer = where.partition("#")
    if about == "target":
        target = resource.partition("/progress-reports")[0]
        return f"/v1/jurisdictions/{disclosure.jurisdiction_id}/commitments" if target.endswith("{id}") else target
    if about != "measure":
        return resource
    _, _, position, *rest = pointer.split("/")
    return f"{resource}#{position}" + (f"#{rest[1]}" if position != "-" and rest[0] == "indicators" else "")


def written(disclosure: Disclosure, about: str, place: str, new: dict[str, Any]) -> Disclosure:
    """One item with new values: the one at ``place``, or one more."""
    if about == "jurisdiction":
        return replace(disclosure, place=replace(disclosure.place, **new))
    name, blank = NEW[about]
    old: tuple[Any, ...] = getattr(disclosure, name)
    if not any(is_at(item, place) for item in old):
        names = {"commitment_id": f"new {len(old)}", "position": 0} if about == "measure" else {"id": f"new {len(old)}"}
        return extended(disclosure, {name: (replace(blank, **names, **new),)})
    return extended(disclosure, {name: tuple(replace(item, **new) for item in old if is_at(item, place))}, lambda item: is_at(item, place))


def is_at(item: Any, place: str) -> bool:
    match item:
        case Pledge():
            return place == f"/v1/commitments/{item.id}"
        case Report():
            return place == f"/v1/commitments/{item.commitment_id}/progress-reports/{item.id}"
    measure = f"/v1/commitments/{item.commitment_id}#{item.position}"
    indicator = "-" if item.indicator_position is None else item.indicator_position
    return place in (measure, f"{measure}#{indicator}")


@settings(deadline=None)
@given(disclosures())
def test_what_is_missing_opens_the_next_band_when_it_is_supplied(disclosure: Disclosure) -> None:
    for place, name in enumerate((None, *LEVELS)):
        found = bands.band(disclosure, SCHEME)
        reached = (None, *LEVELS).index(found["band"])
        if reached > place:
            continue
        assert found["band"] == name
        if name == LEVELS[-1]:
            assert (found["next_band"], found["missing_for_next"]) == (None, [])
            return
        assert found["missing_for_next"]
        disclosure = supplied(disclosure, found["missing_for_next"])


@settings(deadline=None)
@given(disclosures())
def test_the_list_names_each_thing_once_and_essentials_first(disclosure: Disclosure) -> None:
    missing = bands.band(disclosure, SCHEME)["missing_for_next"]
    places = [(line["where"], line["what"]) for line in missing]
    assert len(set(places)) == len(places)
    essential = [line["is_essential"] for line in missing]
    assert essential == sorted(essential, reverse=True)
    for line in missing:
        resource, _, pointer = line["where"].partition("#")
        assert resource.startswith("/v1/")
        assert pointer.startswith("/")
