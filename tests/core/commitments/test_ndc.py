"""Targets against the nation's contribution. Contributions: IGES NDC Database 7.7; targets: CDP-ICLEI 2021."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.commitments import ndc
from services.core.commitments.rules import BaselineScenario, Context, Intensity, Target

D = Decimal


def absolute(base_year: int, percent: str, target_year: int) -> Target:
    return Target(
        "base_year_absolute", base_year, D(7840000), D(percent), target_year, sector="all", conditional_percent=D(0), uses_credits=False,
    )  # fmt: skip


def judged(target: Target, country: str | None) -> dict[str, Any]:
    return ndc.test(target, Context(country=country))


def value(test: dict[str, Any], name: str) -> Any:
    return next(figure["value"] for figure in test["figures"] if figure["name"] == name)


@pytest.mark.parametrize(
    ("party", "kind", "base_year", "target_year", "number"),
    [
        ("JP", "base_year", 2013, 2030, 46), ("KR", "base_year", 2018, 2030, 40), ("AU", "base_year", 2005, 2030, 43),
        ("NZ", "base_year", 2005, 2030, 50), ("PH", "business_as_usual", None, 2030, 3), ("ID", "business_as_usual", None, 2030, 31),
        ("TH", "business_as_usual", None, 2030, 20), ("VN", "business_as_usual", None, 2030, 9),
        ("MY", "carbon_intensity", 2005, 2030, 45), ("IN", "carbon_intensity", 2005, 2030, 45),
        ("CN", "carbon_intensity", 2005, 2030, 65), ("SG", "cap", None, 2030, 65000000),
    ],
)  # fmt: skip
def test_the_contributions_of_the_region(party: str, kind: str, base_year: int | None, target_year: int, number: int) -> None:
    known = ndc.contribution(party)
    assert known is not None
    assert (known.kind, known.base_year, known.target_year, known.value) == (kind, base_year, target_year, D(number))


def test_the_database_says_what_it_is() -> None:
    database = ndc.database()
    assert len(database.parties) == 12
    assert (database.version, database.date, database.doi) == ("7.7", "2022-10", "10.57405/iges-5005")
    for party in database.parties.values():
        assert party.document.startswith("https://unfccc.int/")
        assert party.unit == ("t CO2e" if party.kind == "cap" else "percent")
        assert (party.base_year is None) == (party.kind not in {"base_year", "carbon_intensity"})
    test = judged(absolute(2013, "46", 2030), "JP")
    assert test["source_date"] == "2022-10"
    assert "IGES NDC Database, version 7.7, October 2022. doi 10.57405/iges-5005; https://unfccc.int/" in test["source"]


def test_the_same_base_year_and_target_year() -> None:
    assert judged(absolute(2013, "46", 2030), "JP")["passed"] is True
    kyoto = judged(absolute(2013, "40", 2030), "JP")
    assert kyoto["passed"] is False
    assert kyoto["reason"] == "The NDC of JP asks for 46 percent below 2013 by 2030; this target comes to 40 percent."
    assert [figure["name"] for figure in kyoto["figures"]] == ["effective_reduction_percent", "ndc_reduction_percent"]


def test_a_later_and_an_earlier_target_year_are_compared_on_the_line() -> None:
    later = judged(absolute(2013, "80", 2050), "JP")  # Tsukuba: 80 * 17/37
    assert (later["passed"], value(later, "reduction_at_year_percent")) == (False, 36.7568)
    assert "36.7568 percent in that year, on its straight line to 2050." in later["reason"]
    zero = judged(absolute(2013, "100", 2050), "JP")
    assert (zero["passed"], value(zero, "reduction_at_year_percent"), value(zero, "ndc_least_percent")) == (True, 45.9459, 45.5)
    assert zero["reason"].endswith("to 2050. 46 percent is rounded to whole percent, so 45.5 is enough here.")
    assert "rounded" not in later["reason"] + judged(absolute(2013, "110", 2050), "JP")["reason"], "only where it decides"
    short = judged(absolute(2013, "99", 2050), "JP")  # 45.4865
    assert (short["passed"], "rounded" in short["reason"]) == (False, False)
    assert judged(absolute(2013, "45.9", 2030), "JP")["passed"] is False, "what is no line has no allowance"
    early = judged(absolute(2013, "28", 2023), "JP")
    assert (early["passed"], value(early, "reduction_at_year_percent")) == (True, 47.6)


def test_different_base_years_are_compared_by_their_rates() -> None:
    test = judged(absolute(2005, "80", 2050), "JP")
    assert test["passed"] is False
    assert (value(test, "annual_rate_points"), value(test, "ndc_annual_rate_points")) == (1.7778, 2.7059)
    assert "1.7778 points of 2005 a year. The base years differ, so the yearly rates are compared." in test["reason"]
    assert judged(absolute(2010, "55", 2030), "JP")["passed"] is True


def test_only_the_unconditional_part_without_credits_counts() -> None:
    target = absolute(2013, "50", 2030)
    assert judged(target, "JP")["passed"] is True
    conditional = judged(replace(target, conditional_percent=D(20)), "JP")
    assert (conditional["passed"], value(conditional, "effective_reduction_percent")) == (False, 40)
    bought = judged(replace(target, uses_credits=True), "JP")
    assert bought["passed"] is None
    assert bought["reason"] == "Not assessed, because it counts carbon credits, and it is not stated how much of it they make up."
    unstated = judged(replace(target, uses_credits=None, conditional_percent=None), "JP")
    assert unstated["passed"] is True
    assert unstated["reason"].endswith("It does not state its credits and conditions; taken as none.")


def test_business_as_usual_against_business_as_usual() -> None:
    hua_hin = Target("baseline_scenario", 2016, D("781676.49"), D(10), 2030, baseline_scenario=BaselineScenario(D("952157.32")))
    assert judged(hua_hin, "TH")["passed"] is False
    assert judged(hua_hin, "VN")["passed"] is True
    assert judged(replace(hua_hin, base_year=None), "VN")["passed"] is True
    assert judged(replace(hua_hin, base_year=2030, target_year=2050), "VN")["passed"] is False
    unknown = judged(replace(hua_hin, base_year=None, target_year=2040), "VN")
    assert (unknown["passed"], "without a base year there is no line between. Compare by hand." in unknown["reason"]) == (None, True)


def test_intensity_against_intensity() -> None:
    target = Target("base_year_intensity", 2005, D(1), D(45), 2030, intensity=Intensity("per_gdp", D(1), D(1)))
    assert judged(target, "MY")["passed"] is True
    assert judged(target, "CN")["passed"] is False
    assert judged(replace(target, base_year=2010, reduction_percent=D(30)), "MY")["passed"] is False
    heads = judged(replace(target, intensity=Intensity("per_capita", D(1), D(1))), "MY")
    assert (heads["passed"], heads["reason"].endswith("Compare by hand.")) == (None, True)


def test_a_fixed_level_has_the_reduction_that_it_implies() -> None:
    fixed = Target("fixed_level", 2013, D(7840000), target_year=2030, target_emissions_t=D(3920000))
    test = judged(fixed, "JP")
    assert (test["passed"], value(test, "effective_reduction_percent")) == (True, 50)
    bare = judged(replace(fixed, base_year=None), "JP")
    assert bare["reason"] == "Not assessed, because a fixed level has no reduction without a base year and its emissions."


@pytest.mark.parametrize(
    ("target", "country", "says"),
    [
        (absolute(2005, "20", 2030), None, "the country is not known"),
        (absolute(2005, "20", 2030), "TW", "TW is no party to the UNFCCC, so it has no NDC"),
        (absolute(2005, "20", 2030), "SG", "a cap in tonnes.*Compare by hand"),
        (absolute(2005, "20", 2030), "BD", "no NDC of BD is on file"),
        (absolute(2005, "20", 2030), "TH", "business as usual.*Compare by hand"),
        (replace(absolute(2005, "20", 2030), sector="energy"), "JP", "only the sector energy"),
        (replace(absolute(2005, "20", 2030), boundary="government_operations"), "JP", "own operations"),
        (replace(absolute(2005, "20", 2030), boundary="partial"), "JP", "covers only part of the city"),
        (replace(absolute(2005, "20", 2030), target_year=None), "JP", "the target year is not given"),
        (replace(absolute(2005, "20", 2030), base_year=None), "JP", "the base year is not given"),
        (absolute(2030, "20", 2030), "JP", "not later than the base year"),
        (replace(absolute(2013, "20", 2030), reduction_percent=None), "JP", "cannot be computed"),
    ],
)
def test_what_cannot_be_compared_is_neither_passed_nor_failed(target: Target, country: str | None, says: str) -> None:
    test = judged(target, country)
    assert test["passed"] is None
    assert test["reason"].startswith("Not assessed, because ")
    assert re.search(says, test["reason"])


percents = st.decimals(1, 100, places=2)


@given(st.integers(1990, 2024), percents, percents, st.integers(2025, 2060), st.sampled_from(["JP", "KR", "AU", "NZ"]))
def test_law_more_ambition_never_fails_where_less_passed(base: int, one: Decimal, other: Decimal, end: int, country: str) -> None:
    less, more = (judged(absolute(base, str(percent), end), country) for percent in sorted((one, other)))
    assert more["passed"] or not less["passed"]


@given(st.integers(1990, 2024), percents, st.decimals("0.001", 10**6, places=3), st.sampled_from(["JP", "KR", "AU"]))
def test_law_the_unit_of_emissions_changes_no_verdict(base: int, percent: Decimal, factor: Decimal, country: str) -> None:
    target = absolute(base, str(percent), 2030)
    fixed = replace(target, target_type="fixed_level", reduction_percent=None, target_emissions_t=D(7840000) * (100 - percent) / 100)
    bigger = replace(fixed, base_year_emissions_t=D(7840000) * factor, target_emissions_t=D(7840000) * (100 - percent) / 100 * factor)
    verdicts = [judged(each, country) for each in (target, fixed, bigger)]
    assert len({(v["passed"], v["reason"]) for v in verdicts}) == 1
