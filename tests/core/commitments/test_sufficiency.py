"""A fair share of 1.5 °C (F12), and the verdict on all tests."""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.commitments import fair_share
from services.core.commitments.fair_share import fair_share_percent
from services.core.commitments.rules import BaselineScenario, Context, Intensity, Target
from services.core.commitments.sufficiency import sufficiency, verdict_of

D = Decimal
AMERICAN = Target(
    "base_year_absolute", 2018, D(1000000), D(60), 2030, sector="all", boundary="same", conditional_percent=D(0), uses_credits=False,
    base_year_population=100000, projected_population=110000,
)  # fmt: skip
US = Context(country="US")


def figures(test: dict[str, Any]) -> dict[str, Any]:
    return {figure["name"]: figure["value"] for figure in test["figures"]}


def test_f12_made_absolute_with_the_population() -> None:
    assert fair_share_percent(D("63.3"), 100000, 100000) == D("63.3")
    assert fair_share_percent(D("63.3"), 100000, 110000) == D("59.63")
    assert fair_share_percent(D(50), 100000, 200000) == 0


def test_a_growing_city_of_the_united_states() -> None:
    test = fair_share.test(AMERICAN, US)
    assert test["passed"] is True
    assert test["reason"] == "A fair share is 59.63 percent below 2018 by 2030; this target comes to 60."
    assert figures(test) == {
        "annual_rate_points": 5, "sbti_points_1_5c": 4.2, "sbti_points_well_below_2c": 2.5,
        "population_at_year": 110000, "fair_share_percent": 59.63, "reduction_at_year_percent": 60,
    }  # fmt: skip
    assert "63.3" not in test["reason"]
    assert "icleiusa.org/resources" in test["source"]
    assert fair_share.test(replace(AMERICAN, reduction_percent=D("59.62")), US)["passed"] is False
    assert fair_share.test(replace(AMERICAN, reduction_percent=D("59.63")), US)["passed"] is True
    assert fair_share.test(replace(AMERICAN, conditional_percent=D(1)), US)["passed"] is False


def test_a_later_target_is_read_in_2030_for_emissions_and_people() -> None:
    test = fair_share.test(replace(AMERICAN, target_year=2050, reduction_percent=D(100), projected_population=132000), US)
    assert test["passed"] is False
    assert figures(test)["population_at_year"] == 112000
    assert (figures(test)["fair_share_percent"], figures(test)["reduction_at_year_percent"]) == (58.896, 37.5)


def test_every_figure_carries_its_formula_and_inputs() -> None:
    for figure in fair_share.test(AMERICAN, US)["figures"]:
        names = {given["name"] for given in figure["inputs"]}
        assert all(name in figure["formula"] for name in names), figure
        assert names or "SBTi for companies; an indicator only" in figure["formula"]


def test_other_types_count_by_what_they_allow_against_the_base_year() -> None:
    scenario = replace(AMERICAN, target_type="baseline_scenario", baseline_scenario=BaselineScenario(D(800000)), reduction_percent=D(50))
    assert figures(fair_share.test(scenario, US))["reduction_at_year_percent"] == 60
    assert figures(fair_share.test(replace(scenario, conditional_percent=D(50)), US))["reduction_at_year_percent"] == 40
    heads = replace(
        AMERICAN, target_type="base_year_intensity", intensity=Intensity("per_capita", D(10), D(110000)), reduction_percent=D("63.3")
    )
    test = fair_share.test(heads, US)
    assert (test["passed"], figures(test)["reduction_at_year_percent"]) == (True, 59.63)
    fixed = replace(AMERICAN, target_type="fixed_level", reduction_percent=None, target_emissions_t=D(400000))
    assert figures(fair_share.test(fixed, US))["reduction_at_year_percent"] == 60


@pytest.mark.parametrize(
    ("target", "country", "says"),
    [
        (AMERICAN, None, "the country is not known"),
        (AMERICAN, "JP", "no fair share of JP is public"),
        (replace(AMERICAN, base_year_population=None), "US", "the populations of the base year and of 2030 are not both known"),
        (replace(AMERICAN, base_year_population=0), "US", "the populations of the base year and of 2030 are not both known"),
        (replace(AMERICAN, projected_population=None), "US", "the populations of the base year and of 2030 are not both known"),
        (replace(AMERICAN, target_year=2029), "US", "which does not lie between base year and target year"),
        (replace(AMERICAN, base_year=2030, target_year=2040), "US", "which does not lie between base year and target year"),
        (replace(AMERICAN, base_year=None), "US", "are not all known"),
        (replace(AMERICAN, reduction_percent=None), "US", "are not all known"),
        (replace(AMERICAN, uses_credits=True), "US", "it counts carbon credits"),
        (replace(AMERICAN, sector="waste"), "US", "only the sector waste"),
    ],
)
def test_what_cannot_be_tested_says_why(target: Target, country: str | None, says: str) -> None:
    test = fair_share.test(target, Context(country=country))
    assert test["passed"] is None
    assert test["reason"].startswith("Not assessed, because ")
    assert says in test["reason"]


def test_kaohsiungs_rate_stands_beside_the_indicator() -> None:
    kaohsiung = Target("base_year_absolute", 2005, D(67372856), D(20), 2030)
    assert figures(fair_share.test(kaohsiung, Context(country="TW")))["annual_rate_points"] == 0.8
    assert figures(fair_share.test(replace(kaohsiung, reduction_percent=D(30)), Context()))["annual_rate_points"] == 1.2


@pytest.mark.parametrize(("one", "two"), list(product((True, False, None), repeat=2)))
def test_the_verdict(one: bool | None, two: bool | None) -> None:
    verdict, reason = verdict_of({"ndc": one, "fair_share_1_5c": two})
    if False in (one, two):
        assert verdict == "not_enough"
    elif None not in (one, two):
        assert verdict == "enough"
    else:
        assert verdict == ("not_assessed" if one is two else "partly_assessed")
    assert reason.endswith(".")
    assert reason.count(". ") == 0


def test_real_cities() -> None:
    kyoto = Target("base_year_absolute", 2013, D(7840000), D(40), 2030)
    assert sufficiency(kyoto, Context(country="JP")) | {"tests": []} == {
        "verdict": "not_enough",
        "reason": "It is less than the nation's contribution (NDC).",
        "tests": [],
    }
    more = sufficiency(replace(kyoto, reduction_percent=D(46)), Context(country="JP"))
    assert (more["verdict"], [test["name"] for test in more["tests"]]) == ("partly_assessed", ["ndc", "fair_share_1_5c"])
    assert more["reason"] == "It is at least the nation's contribution (NDC), but it could not be compared with a fair share of 1.5 °C."
    taiwan = sufficiency(kyoto, Context(country="TW"))
    assert taiwan["verdict"] == "not_assessed"
    assert "the nation's contribution (NDC) or a fair share of 1.5 °C" in taiwan["reason"]


@given(st.decimals(1, 100, places=2), st.integers(1, 10**7), st.integers(1, 10**7), st.decimals("0.001", 10**6, places=3))
def test_law_the_unit_of_emissions_and_of_people_changes_no_verdict(percent: Decimal, before: int, after: int, factor: Decimal) -> None:
    target = replace(AMERICAN, reduction_percent=percent, base_year_population=before, projected_population=after)
    scaled = replace(target, base_year_emissions_t=D(1000000) * factor, base_year_population=before * 7, projected_population=after * 7)
    assert sufficiency(target, US)["verdict"] == sufficiency(scaled, US)["verdict"]


@given(st.decimals(0, 100, places=1), st.integers(1, 10**7), st.integers(1, 10**7))
def test_law_more_people_need_less_of_an_absolute_cut(per_person: Decimal, before: int, after: int) -> None:
    share = fair_share_percent(per_person, before, after)
    assert fair_share_percent(per_person, before, after + 1) <= share <= 100
    assert (share <= per_person) == (after >= before or per_person == 100)
