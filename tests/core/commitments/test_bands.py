"""The band of a disclosure: gates, partial credit, essentials, and the laws that hold for all disclosures."""

import random
import tomllib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.commitments import bands
from services.core.commitments.bands.scheme import LEVELS, Essential, Question, parse
from services.core.commitments.disclosure import VALUE, Action, Disclosure, Doubt, Place, Pledge, Report, disclosure_of
from services.core.commitments.rulebook import load
from services.core.commitments.targets import loads
from tests.fixtures.disclosures import GROWN, MINIMUM, TINY, YEAR, disclosures, grown

SCHEME = bands.load("2026-1")
TEXT = (files("services.core.commitments") / "band_schemes" / "2026-1.toml").read_text("utf-8")

PLACE = Place(2_700_000, 2023, Decimal(2952), Decimal("22.6"), Decimal(20_000), Decimal(18), "Cwa", coastal=True)
PLEDGE = Pledge(
    "c1", "all", "same", MINIMUM, (1, 2), 2005, 2030, 2020, "in law", uses_credits=False, net_zero=False, conditional_percent=Decimal(0),
    left_percent=Decimal(60), doubts=(), reduced_percent=Decimal(25),
)  # fmt: skip
NET_ZERO = replace(PLEDGE, id="c2", target_year=2050, net_zero=True, left_percent=Decimal(20), reduced_percent=None)
REPORT = Report(
    id="r1",
    commitment_id="c1",
    year=2024,
    emissions_t=Decimal(5_000_000),
    population=2_700_000,
    method="GPC",
    verified=True,
    boundary="same",
    gases=MINIMUM,
    scopes=(1, 2),
    sectors=(("energy", VALUE), ("transport", VALUE), ("waste", "IE")),
)
ACTION = Action("c1", 0, 0, "Solar roofs", "energy", "ordinance", "running", "roofs", Decimal(9), "MW", "2025-01-01", "register")
FULL = Disclosure(
    "j",
    YEAR,
    PLACE,
    (PLEDGE, NET_ZERO),
    (REPORT, replace(REPORT, id="r2", year=2023), replace(REPORT, id="r3", year=2022)),
    (ACTION, replace(ACTION, position=1, theme="mobility"), replace(ACTION, position=2)),
)
NOTHING = Disclosure("j", YEAR)


def band(disclosure: Disclosure) -> dict[str, Any]:
    return bands.band(disclosure, SCHEME)


def rank(found: dict[str, Any]) -> int:
    return 0 if found["band"] is None else LEVELS.index(found["band"]) + 1


def questions(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {question["code"]: question for category in found["categories"] for question in category["questions"]}


def test_the_full_disclosure_and_nothing_at_all() -> None:
    best, nothing = band(FULL), band(NOTHING)
    assert (best["band"], best["next_band"], best["missing_for_next"]) == ("leadership", None, [])
    assert [level["percent"] for level in best["levels"]] == [100, 100, 100, 100]
    assert all(essential["met"] for essential in best["essentials"])
    assert (nothing["band"], nothing["next_band"]) == (None, "disclosure")
    assert [level["percent"] for level in nothing["levels"]] == [0, 0, 0, 0]
    assert [(each["what"], each["where"]) for each in nothing["missing_for_next"]] == [
        ("a public commitment", "/v1/jurisdictions/j/commitments#/title")
    ]


def test_facts_that_a_registry_sent_are_no_disclosure() -> None:
    found = band(replace(NOTHING, place=PLACE))
    assert (found["band"], found["levels"][0]["percent"]) == (None, 10)


def question(points: int, cells: list[str], criteria: list[dict[str, Any]]) -> bands.Scheme:
    """A scheme of one question to each target."""
    asked = {"code": "q", "asks": "?", "about": "target", "points": points, "cells": cells, "criteria": criteria}
    shares = [{"code": level, "shares": {level: 45}} for level in LEVELS]
    category = {"code": "c", "title": "C", "weight": 100, "questions": [asked]}
    return parse({"version": "t", "notes": [], "bands": shares, "categories": [category], "essentials": []})


NESTED = question(
    3,
    ["boundary", "gases", "scopes", "base_year", "year_set"],
    [
        {"level": "awareness", "points": 1, "test": "whole_city", "half_test": "part_of_city", "says": "whole"},
        {"level": "management", "points": 1, "test": "whole_city", "says": "whole"},
        {"level": "leadership", "points": 1, "test": "least_gases", "says": "gases"},
    ],
)


@pytest.mark.parametrize(
    ("target", "points", "reached"),
    [
        (Pledge("c", "all", "same", ("CO2",)), [1.2, 0, 0, 0], None),  # 2 of 5 cells of 3 points; Awareness is locked
        (replace(PLEDGE, year_set=None), [2.4, 0, 0, 0], "disclosure"),
        (replace(PLEDGE, boundary="partial"), [3, 0.5, 0, 0], "awareness"),
        (replace(PLEDGE, boundary="government_operations"), [3, 0, 0, 0], "disclosure"),
        (replace(PLEDGE, gases=("CO2",)), [3, 1, 1, 0], "management"),
        (PLEDGE, [3, 1, 1, 1], "leadership"),
    ],
)
def test_points_are_pro_rata_and_a_level_opens_when_the_one_below_is_full(target: Pledge, points: list[float], reached: str) -> None:
    found = bands.band(replace(NOTHING, pledges=(target,)), NESTED)
    assert [level["points"] for level in questions(found)["q"]["levels"]] == points
    assert found["band"] == reached


def test_reasons_say_what_is_missing_and_what_is_not_open() -> None:
    found = bands.band(replace(NOTHING, pledges=(Pledge("c", "all", "same", ("CO2",)),)), NESTED)
    asked = questions(found)["q"]
    assert asked["answered_by"] == "/v1/commitments/c"
    assert [level["is_open"] for level in asked["levels"]] == [True, False, False, False]
    assert asked["reasons"] == [
        "Disclosure: 1.2 of 3 points. Missing: the scopes that the target covers; the base year; the year in which the target was set.",
        "Awareness: not open yet, because not all points below it are earned.",
    ]


def without(*codes: str) -> dict[str, Disclosure]:
    """Disclosures that lack one essential of leadership each."""
    old = tuple(replace(report, year=report.year - 9) for report in FULL.reports if report.year)
    return {
        "city_wide_inventory": replace(FULL, reports=old),
        "city_wide_target": replace(FULL, pledges=(replace(PLEDGE, boundary="partial"), NET_ZERO)),
        "action_plan": replace(FULL, actions=FULL.actions[:2]),
        "progress_reported": replace(FULL, reports=FULL.reports[:1]),
        "long_term": replace(FULL, pledges=(PLEDGE,)),
        "believable_target": replace(FULL, pledges=tuple(replace(each, doubts=(TINY,)) for each in FULL.pledges)),
    }


@pytest.mark.parametrize("code", without())
def test_no_points_make_up_for_an_essential(code: str) -> None:
    found = band(without()[code])
    unmet = [each["code"] for each in found["essentials"] if not each["met"]]
    assert unmet == ([code, "city_wide_target", "long_term"] if code == "believable_target" else [code])
    assert found["band"] != "leadership"
    if found["next_band"] == "leadership":
        assert found["missing_for_next"][0]["asked_by"] == code
        assert found["missing_for_next"][0]["is_essential"]


def test_what_cannot_be_mended_is_asked_for_anew() -> None:
    """The year of an old inventory has passed: a new one is needed, with all of its cells, and not a change of the old one."""
    found = band(without()["city_wide_inventory"])
    asked = [each["where"] for each in found["missing_for_next"] if "progress-reports" in each["where"]]
    assert asked
    assert all(where.startswith("/v1/commitments/c1/progress-reports#/") for where in asked)
    stated = band(replace(FULL, reports=(replace(REPORT, method=None, boundary=None),)))
    assert "/v1/commitments/c1/progress-reports/r1#/boundary" in [each["where"] for each in stated["missing_for_next"]]


def test_a_target_in_line_with_a_fair_share_stands_for_net_zero() -> None:
    assert band(replace(FULL, pledges=(replace(PLEDGE, fair_share_passed=True),)))["band"] == "leadership"
    assert band(replace(FULL, pledges=(replace(PLEDGE, fair_share_passed=False),)))["band"] != "leadership"


HEADLINE: dict[str, dict[str, Any]] = {
    "depends on others": {"conditional_percent": Decimal(100)},
    "does not say whether": {"conditional_percent": None},
    "a typing error": {"doubts": (TINY,)},
    "not assessed yet": {"doubts": None},
    "emissions have grown": {"doubts": (GROWN,)},
    "one sector": {"sector": "energy"},
}


@pytest.mark.parametrize("why", [*HEADLINE, "no inventory"])
def test_only_a_headline_target_opens_leadership(why: str) -> None:
    weak = HEADLINE.get(why, {"reduced_percent": None})
    found = band(replace(FULL, pledges=(replace(PLEDGE, **weak), NET_ZERO)))
    assert (found["band"], [each["asked_by"] for each in found["missing_for_next"]][:1]) == ("management", ["city_wide_target"])


@pytest.mark.parametrize("why", [*HEADLINE, "more than a fifth is left", "what is left is unknown"])
def test_only_a_headline_target_counts_as_net_zero(why: str) -> None:
    left: dict[str, dict[str, Any]] = {
        "more than a fifth is left": {"left_percent": Decimal("20.1")},
        "what is left is unknown": {"left_percent": None},
    }
    found = band(replace(FULL, pledges=(PLEDGE, replace(NET_ZERO, **(HEADLINE | left)[why]))))
    assert (found["band"], [each["asked_by"] for each in found["missing_for_next"]][:1]) == ("management", ["long_term"])


def test_what_looks_wrong_is_listed_as_to_be_corrected_with_its_place() -> None:
    wrong = Doubt("plausible", "/progress_reports/2019/population", "?")
    city = replace(FULL, pledges=(replace(NET_ZERO, id="c1", reduced_percent=Decimal(-5)),))
    lists = []
    for doubts in ((GROWN, wrong), (GROWN,), ()):
        found = band(replace(city, pledges=(replace(city.pledges[0], doubts=doubts),)))
        lists.append((found["band"], [(line["what"], line["where"]) for line in found["missing_for_next"]]))
    mistyped = ("no figure of the target looks like a typing error: ?", "/v1/commitments/c1/progress-reports#/population")
    risen = (f"emissions are not above the base year of the target: {GROWN.message}", "/v1/commitments/c1/progress-reports/r1#/emissions_t")
    assert lists == [("awareness", [mistyped]), ("management", [risen]), ("leadership", [])]
    tiny = band(replace(FULL, pledges=(replace(PLEDGE, doubts=(TINY, TINY)),)))
    assert tiny["band"] == "awareness"
    assert [(line["what"], line["where"]) for line in tiny["missing_for_next"]] == [
        (f"no figure of the target looks like a typing error: {TINY.message}", "/v1/commitments/c1#/base_year_emissions_t")
    ]


@pytest.mark.parametrize(
    ("sectors", "is_covered"),
    [
        ((("energy", VALUE), ("transport", "IE"), ("waste", "C")), True),
        ((("energy", VALUE), ("transport", "IE"), ("waste", "NE")), False),
        ((("energy", VALUE), ("transport", "IE"), ("waste", "NO")), False),
        ((("energy", "IE"), ("transport", "IE"), ("waste", "C")), False),
        ((("ippu", "NO"), ("afolu", "NO"), ("other", "NE")), False),
    ],
)
def test_a_sector_is_covered_with_a_value_or_ie_or_c_and_one_has_a_value(sectors: tuple[tuple[str, str], ...], *, is_covered: bool) -> None:
    found = band(replace(FULL, reports=tuple(replace(report, sectors=sectors) for report in FULL.reports)))
    assert {each["code"] for each in found["essentials"] if not each["met"]} == (set() if is_covered else {"city_wide_inventory"})
    assert questions(found)["inventory.content"]["levels"][-1]["points"] == is_covered
    assert questions(found)["inventory.content"]["levels"][0]["points"] == 5, "to say so is disclosure all the same"


@pytest.mark.parametrize("name", ["status", "indicator", "value", "unit", "as_of", "source"])
def test_a_measure_of_the_plan_can_be_followed_up(name: str) -> None:
    found = band(replace(FULL, actions=(replace(ACTION, **{name: None}), *FULL.actions[1:])))
    assert [each["code"] for each in found["essentials"] if not each["met"]] == ["action_plan"]


@pytest.mark.parametrize("status", ["planned", " Planned", "Proposed / in discussion", "not started", "Scoping", "規劃中"])
def test_one_measure_is_no_mere_plan(status: str) -> None:
    plans = tuple(replace(action, status=status) for action in FULL.actions)
    assert [each["code"] for each in band(replace(FULL, actions=plans))["essentials"] if not each["met"]] == ["action_plan"]
    assert band(replace(FULL, actions=(*plans[1:], ACTION)))["band"] == "leadership"


def test_half_of_the_points_for_the_weaker_form() -> None:
    at = [questions(band(replace(FULL, reports=(replace(REPORT, year=year),))))["inventory.content"] for year in (2022, 2019, 2018, 2027)]
    assert [each["levels"][1]["points"] for each in at] == [2, 1.5, 1, 1]


def test_stored_json_becomes_a_disclosure() -> None:
    facts = '{"population": 5, "latitude": 22.6, "context": {"climate_zone": "Cwa", "coastal": false}}'
    commitment = """{"id": "c", "sector": "all", "gases": ["CO2"], "net_zero": null, "sufficiency":
        {"tests": [{"name": "ndc", "passed": false}, {"name": "fair_share_1_5c", "passed": true}]},
        "measures": [{"title": "A", "indicators": []}, {"title": "B", "indicators": [{"name": "x", "value": 1.5}, {"name": "y"}]}],
        "reports": [{"id": "r", "commitment_id": "c", "year": 2020, "emissions_t": null, "notation_key": "NE",
                     "sectors": [{"code": "waste", "notation_key": "NO"}, {"code": "energy", "emissions_t": 0}, {"code": "afolu"}]}]}"""
    found = disclosure_of("j", YEAR, loads(facts), [loads(commitment)])
    assert found.place == Place(population=5, latitude=Decimal("22.6"), climate_zone="Cwa", coastal=False)
    assert found.pledges == (Pledge("c", "all", gases=("CO2",), fair_share_passed=True),)
    assert found.reports == (Report("r", "c", 2020, notation_key="NE", sectors=(("energy", VALUE), ("waste", "NO"))),)
    assert [(each.position, each.indicator_position, each.indicator, each.value) for each in found.actions] == [
        (0, None, None, None), (1, 0, "x", Decimal("1.5")), (1, 1, "y", None)
    ]  # fmt: skip
    bare = disclosure_of("j", YEAR, {"context": None}, [{"id": "c", "measures": None, "sufficiency": None, "reports": []}])
    assert bare == Disclosure("j", YEAR, pledges=(Pledge("c"),))


@pytest.mark.parametrize(
    ("base", "goal", "conditional", "left"),
    [(100, 20, 0, 20), (100, 0, 100, 100), (200, 40, 25, 40), (None, 0, 0, 0), (None, 5, 0, None), (0, 5, 0, None), (100, 20, None, None)],
)
def test_what_the_unconditional_part_leaves_of_the_base(base: int | None, goal: int, conditional: int | None, left: int | None) -> None:
    stored = {"base_year_emissions_t": base, "target_year_emissions_t": goal, "conditional_percent": conditional}
    found = disclosure_of("j", YEAR, {}, [{"id": "c", "reports": [], **stored}])
    assert found.pledges[0].left_percent == left


def test_what_an_assessment_found_stands_beside_the_target() -> None:
    findings = [
        {"rule": rule, "severity": severity, "pointer": "/x", "message": "m"}
        for rule, severity in (("plausible", "warning"), ("plausible", "info"), ("regressing", "warning"), ("R1", "warning"))
    ]
    stored = {"id": "c", "reports": [], "findings": findings, "progress": {"reduction_percent": Decimal("-1.5")}}
    assert disclosure_of("j", YEAR, {}, [stored]).pledges[0].doubts is None
    pledge = disclosure_of("j", YEAR, {}, [stored | {"assessed_at": "2026-01-01T00:00:00Z"}]).pledges[0]
    assert pledge.doubts == (Doubt("plausible", "/x", "m"), Doubt("regressing", "/x", "m"))
    assert pledge.reduced_percent == Decimal("-1.5")


# what hypothesis says of all disclosures


@st.composite
def growing(draw: st.DrawFn) -> tuple[Disclosure, Disclosure]:
    first = draw(disclosures())
    return first, grown(draw, first)


@settings(deadline=None)
@given(growing())
def test_filling_a_cell_never_lowers_a_point_or_the_band(pair: tuple[Disclosure, Disclosure]) -> None:
    before, after = map(band, pair)
    assert rank(after) >= rank(before)
    assert all(late["percent"] >= early["percent"] for early, late in zip(before["levels"], after["levels"], strict=True))
    for code, early in questions(before).items():
        for was, now in zip(early["levels"], questions(after)[code]["levels"], strict=True):
            assert now["points"] >= was["points"], code
    assert {each["code"] for each in before["essentials"] if each["met"]} <= {each["code"] for each in after["essentials"] if each["met"]}


@settings(deadline=None)
@given(disclosures(), st.randoms(use_true_random=False))
def test_the_order_leaves_no_trace(disclosure: Disclosure, chance: random.Random) -> None:
    def mixed(name: str) -> tuple[Any, ...]:
        return tuple(chance.sample(getattr(disclosure, name), len(getattr(disclosure, name))))

    lists: dict[str, Any] = {name: mixed(name) for name in ("pledges", "reports", "actions")}
    assert band(replace(disclosure, **lists)) == band(disclosure)


@settings(deadline=None)
@given(disclosures())
def test_a_band_stands_on_all_gates_below_it(disclosure: Disclosure) -> None:
    found = band(disclosure)
    percent = {level["code"]: level["percent"] for level in found["levels"]}

    def is_open(place: int) -> bool:
        gate = SCHEME.gates[place]
        essentials = all(each["met"] for each in found["essentials"] if each["band"] == gate.code)
        return essentials and all(percent[level] >= least - Decimal("0.005") for level, least in gate.shares.items())

    assert all(is_open(place) for place in range(rank(found)))
    for answered in questions(found).values():
        for lower, higher in zip(answered["levels"], answered["levels"][1:], strict=False):
            assert higher["is_open"] == (lower["is_open"] and lower["points"] == lower["most"])
            assert higher["is_open"] or higher["points"] == 0


# the scheme

FAULTS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "weights": ("do not sum to 100", lambda data: data["categories"][0].update(weight=11)),
    "codes": ("stands twice", lambda data: data["categories"][0].update(code="reported")),
    "order": ("not the four", lambda data: data["bands"].reverse()),
    "above": ("a level above it", lambda data: data["bands"][0].update(shares={"awareness": 5})),
    "share": ("not from 0 to 100", lambda data: data["bands"][1].update(shares={"awareness": 101})),
    "cells": ("no Disclosure", lambda data: data["categories"][0]["questions"][0].update(cells=[])),
    "cell": ("a cell is unknown", lambda data: data["categories"][0]["questions"][0].update(cells=["mayor"])),
    "kind": ("about something unknown", lambda data: data["categories"][0]["questions"][0].update(about="mayor")),
    "test": ("a test is unknown", lambda data: data["essentials"][0]["criteria"][0].update(test="is_nice")),
    "half": ("half the points", lambda data: data["categories"][1]["questions"][0]["criteria"][0].update(half_test="is_nice")),
    "level": ("no points at a level", lambda data: data["categories"][1]["questions"][0]["criteria"][0].update(level="disclosure")),
    "band": ("an unknown band", lambda data: data["essentials"][0].update(band="gold")),
    "empty": ("asks nothing", lambda data: data["essentials"][0].update(criteria=[])),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_scheme_is_refused(fault: str) -> None:
    data = tomllib.loads(TEXT)
    says, break_it = FAULTS[fault]
    break_it(data)
    with pytest.raises(ValueError, match=says):
        parse(data)


def test_what_net_zero_leaves_is_the_rulebooks_share() -> None:
    asking: list[Question | Essential] = [*SCHEME.questions, *SCHEME.essentials]
    limits = [each.limit for asked in asking for each in asked.criteria if each.test == "leaves_at_most"]
    assert limits == [load("2026-1").thresholds.net_zero_residual_percent] * 2


def test_the_newest_scheme_is_current_and_an_unknown_one_is_no_scheme() -> None:
    assert bands.current() == bands.load(bands.versions()[-1])
    assert "2026-1" in bands.versions()
    with pytest.raises(LookupError, match="no scheme 1999-1"):
        bands.load("1999-1")
    assert any("adaptation plan" in note for note in SCHEME.notes)
