"""When a changed target counts as weakened: each aspect, the limits of each, and the laws that hold for all of them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.commitments.ambition import step_to_more, weakenings
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.commitments.terms import BREADTH, hidden
from services.core.commitments.weakening import Weakening

KAOHSIUNG = Target(
    target_type="base_year_absolute",
    base_year=2005,
    base_year_emissions_t=Decimal(67_372_856),
    reduction_percent=Decimal(30),
    target_year=2030,
    year_set=2021,
    sector="all",
    boundary="same",
    gases=("CO2", "CH4", "N2O"),
    scopes=(1, 2),
    conditional_percent=Decimal(0),
    uses_credits=False,
    net_zero=True,
    status_in_law="In law",
    is_interim=True,
)
FIXED = Target("fixed_level", target_emissions_t=Decimal(1_000), target_year=2050)
PER_HEAD = Target(
    "base_year_intensity",
    base_year=2005,
    reduction_percent=Decimal(40),
    target_year=2030,
    intensity=Intensity("per_capita", Decimal("5.5"), Decimal(1_000_000)),
)
SCENARIO = Target(
    "baseline_scenario", reduction_percent=Decimal(30), target_year=2030, baseline_scenario=BaselineScenario(Decimal(35_000_000))
)


def aspects(before: Target, after: Target) -> set[str]:
    return {each.aspect for each in weakenings(before, after)}


def one(before: Target, after: Target) -> Weakening:
    (found,) = weakenings(before, after)
    return found


WEAKER: list[tuple[str, Target, dict[str, Any]]] = [
    ("target_year", KAOHSIUNG, {"target_year": 2035}),
    ("boundary", KAOHSIUNG, {"boundary": "smaller"}),
    ("boundary", KAOHSIUNG, {"boundary": "government_operations"}),
    ("boundary", replace(KAOHSIUNG, boundary="smaller"), {"boundary": "partial"}),
    ("sector", KAOHSIUNG, {"sector": "transport"}),
    ("sector", replace(KAOHSIUNG, sector="energy"), {"sector": "waste"}),
    ("gases", KAOHSIUNG, {"gases": ("CO2",)}),
    ("scopes", KAOHSIUNG, {"scopes": (1,)}),
    ("conditional_percent", KAOHSIUNG, {"conditional_percent": Decimal(20)}),
    ("uses_credits", KAOHSIUNG, {"uses_credits": True}),
    ("net_zero", KAOHSIUNG, {"net_zero": False}),
    ("status_in_law", KAOHSIUNG, {"status_in_law": "policy document"}),
    ("status_in_law", replace(KAOHSIUNG, status_in_law="pledge"), {"status_in_law": "Proposed"}),
    ("interim_of", KAOHSIUNG, {"is_interim": False}),
    ("fixed_level", FIXED, {"target_emissions_t": Decimal(1_001)}),
    ("fixed_level", replace(FIXED, target_emissions_t=Decimal(0)), {"target_emissions_t": Decimal("0.1")}),
    ("emissions", PER_HEAD, {"intensity": Intensity("per_capita", Decimal("5.5"), Decimal(1_200_000))}),
    ("boundary", replace(KAOHSIUNG, boundary="larger"), {"boundary": "partial"}),
]


@pytest.mark.parametrize(("aspect", "target", "change"), WEAKER)
def test_each_aspect_is_recognised_alone_and_its_reverse_is_none(aspect: str, target: Target, change: dict[str, Any]) -> None:
    changed = replace(target, **change)
    assert aspects(target, changed) == {aspect}
    back = aspects(changed, target)
    assert back == ({"sector"} if target.sector == "energy" else set()), "one sector for another is neither more nor less"


UNSAID = ["target_year", "boundary", "gases", "scopes", "conditional_percent", "uses_credits", "net_zero", "status_in_law", "sector"]


@pytest.mark.parametrize("name", [*UNSAID, "reduction_percent", "base_year_emissions_t", "base_year"])
def test_what_is_not_said_any_more_can_no_longer_be_checked(name: str) -> None:
    unsaid: dict[str, Any] = {name: () if name in ("gases", "scopes") else None}
    silent = replace(KAOHSIUNG, **unsaid)
    wanted = {"base_year_emissions_t": "base", "base_year": "base"}.get(name, name)
    assert wanted in aspects(KAOHSIUNG, silent)
    assert aspects(silent, KAOHSIUNG) == set(), "to say more is no weakening"


@pytest.mark.parametrize(
    "change",
    [
        {"boundary": "larger"},
        {"year_set": 2024},
        {"status_in_law": "in policy document, says the mayor"},
        {"gases": ("N2O", "CH4", "CO2")},
        {"gases": ("CO2", "CH4", "N2O", "SF6")},
        {"reduction_percent": Decimal(50), "target_year": 2029},
        {"base_year_population": 1},
        {"base_year": 2004},
        {"base_year_emissions_t": Decimal(60_000_000)},
        {"base_year_emissions_t": Decimal("67372856.4")},
    ],
)
def test_what_asks_for_as_much_is_no_weakening(change: dict[str, Any]) -> None:
    assert weakenings(KAOHSIUNG, replace(KAOHSIUNG, **change)) == []


def test_free_words_on_law_are_not_judged_but_given_up_they_are() -> None:
    free = replace(KAOHSIUNG, status_in_law="council resolution 12/2021")
    assert aspects(free, replace(free, status_in_law="draft")) == set()
    assert aspects(free, replace(free, status_in_law="in law")) == set()
    assert aspects(free, replace(free, status_in_law=None)) == {"status_in_law"}


def test_a_lower_percentage_is_told_with_what_it_allows() -> None:
    found = weakenings(KAOHSIUNG, replace(KAOHSIUNG, reduction_percent=Decimal(20)))
    assert [(each.aspect, each.pointer) for each in found] == [
        ("emissions", "/target_year_emissions_t"),
        ("reduction_percent", "/reduction_percent"),
    ]
    assert found[0].message == "The target year allows 53,898,284.8 t CO2e instead of 47,160,999.2 t CO2e."
    assert found[1].message == "The reduction is 20 % instead of 30 %."
    assert (found[1].before, found[1].after) == (30, 20)


def test_a_later_year_is_a_later_year_even_with_a_deeper_cut() -> None:
    found = one(KAOHSIUNG, replace(KAOHSIUNG, reduction_percent=Decimal(60), target_year=2040))
    assert (found.aspect, found.message) == ("target_year", "The target year is 2040 instead of 2030.")


def test_a_percentage_that_fell_counts_even_if_the_base_fell_with_it() -> None:
    lower = replace(KAOHSIUNG, reduction_percent=Decimal(25), base_year_emissions_t=Decimal(50_000_000))
    assert aspects(KAOHSIUNG, lower) == {"reduction_percent"}


def test_a_base_that_moved_is_named_only_when_it_allows_more() -> None:
    later = replace(KAOHSIUNG, base_year=2010, base_year_emissions_t=Decimal(70_000_000))
    found = {each.aspect: each for each in weakenings(KAOHSIUNG, later)}
    assert set(found) == {"emissions", "base"}
    assert found["base"].message == (
        "It is measured from 70,000,000 instead of 67,372,856 (base year 2010 instead of 2005), so more is allowed."
    )
    deeper = one(KAOHSIUNG, replace(later, reduction_percent=Decimal(40)))
    assert (deeper.aspect, deeper.pointer) == ("path", "/base_year"), "a deeper cut does not make up for what is allowed on the way"


def test_the_base_of_an_intensity_counts_per_unit_and_in_one_unit_only() -> None:
    fewer_people = replace(PER_HEAD, intensity=Intensity("per_capita", Decimal(6), Decimal(900_000)))
    assert aspects(PER_HEAD, fewer_people) == {"base"}
    other_unit = replace(PER_HEAD, intensity=Intensity("per_gdp", Decimal(6), Decimal(900_000)))
    found = one(PER_HEAD, other_unit)
    assert (found.aspect, found.pointer, found.before, found.after) == ("intensity", "/intensity/unit", "per_capita", "per_gdp")
    assert found.message == "It is measured per unit of the economy instead of per person, so the two can no longer be compared."
    assert aspects(other_unit, PER_HEAD) == {"emissions", "intensity"}, "either way"


UNSPOKEN: list[tuple[str, Any, str]] = [
    ("conditional_percent", Decimal(60), "60 % of it depends on others; nothing of that was said before."),
    ("uses_credits", True, "It counts carbon credits, which it did not say before."),
    ("boundary", "smaller", "The boundary is narrower: smaller; none was given before, which stood for the whole city."),
    ("boundary", "partial", "The boundary is narrower: partial; none was given before, which stood for the whole city."),
    (
        "boundary", "government_operations",
        "The boundary is narrower: government operations; none was given before, which stood for the whole city.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "message"), UNSPOKEN)
def test_what_was_not_said_stood_for_the_stronger(name: str, value: Any, message: str) -> None:
    unspoken: dict[str, Any] = {name: None}
    silent = replace(KAOHSIUNG, **unspoken)
    assert [(each.aspect, each.message) for each in weakenings(silent, replace(silent, **{name: value}))] == [(name, message)]


@pytest.mark.parametrize("harmless", [{"conditional_percent": Decimal(0)}, {"uses_credits": False}, {"boundary": "larger"}])
def test_to_say_what_was_assumed_is_no_weakening(harmless: dict[str, Any]) -> None:
    silent = replace(KAOHSIUNG, **dict.fromkeys(harmless), gases=(), scopes=())  # type: ignore[arg-type]
    assert weakenings(silent, replace(silent, **harmless, gases=("CO2",), scopes=(1,))) == []


BAU = replace(
    SCENARIO, base_year=2013, base_year_emissions_t=Decimal(10_000),
    baseline_scenario=BaselineScenario(Decimal(20_000), ((2020, Decimal(13_000)),)),
)  # fmt: skip
ABSOLUTE = Target("base_year_absolute", 2013, Decimal(10_000), Decimal(50), 2030)
LEVEL = Target("fixed_level", 2013, Decimal(10_000), None, 2030, target_emissions_t=Decimal(5_000))
TWICE: dict[str, Any] = {"base_year_emissions_t": Decimal(20_000)}
TWICE_SAID = "For 2013 it is measured against 20,000 t CO2e instead of 10,000, so the same emissions look like more progress."
UNNOTICED: list[tuple[Target, Target, str, str]] = [
    (
        BAU, replace(BAU, baseline_scenario=BaselineScenario(Decimal(20_000), ((2020, Decimal(26_000)),))), "/baseline_scenario",
        "For 2020 it is measured against 26,000 t CO2e instead of 13,000, so the same emissions look like more progress.",
    ),
    (BAU, replace(BAU, **TWICE), "/base_year_emissions_t", TWICE_SAID),
    (ABSOLUTE, replace(ABSOLUTE, **TWICE, reduction_percent=Decimal(75)), "/base_year_emissions_t", TWICE_SAID),
    (ABSOLUTE, replace(ABSOLUTE, base_year=2023), "/base_year", "On the way, in 2023, it allows 10,000 t CO2e instead of 7,058.8235."),
    (LEVEL, replace(LEVEL, **TWICE), "/base_year_emissions_t", TWICE_SAID),
    (ABSOLUTE, replace(LEVEL, **TWICE), "/base_year_emissions_t", TWICE_SAID),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "pointer", "message"), UNNOTICED)
def test_a_path_that_was_lifted_is_seen_though_it_ends_at_the_same(before: Target, after: Target, pointer: str, message: str) -> None:
    found = one(before, after)
    assert (found.aspect, found.pointer) == ("path", pointer)
    assert found.message.startswith(message)
    assert "path" not in aspects(after, before)


def test_what_it_is_measured_against_is_looked_at_without_a_base_year_too() -> None:
    found = one(SCENARIO, replace(SCENARIO, reduction_percent=Decimal(60), baseline_scenario=BaselineScenario(Decimal(50_000_000))))
    assert (found.aspect, found.pointer, found.before, found.after) == ("path", "/baseline_scenario", 35_000_000, 50_000_000)


def test_every_type_is_lifted_by_a_later_base_year() -> None:
    per_head = replace(PER_HEAD, base_year_emissions_t=Decimal(5_000_000))
    for target in (ABSOLUTE, LEVEL, BAU, PER_HEAD, per_head):
        assert "path" in aspects(target, replace(target, base_year=2023)), target.target_type


def test_a_base_that_is_no_longer_before_the_old_target_year_is_lifted_too() -> None:
    moved = replace(ABSOLUTE, base_year=2032, target_year=2040)
    assert aspects(ABSOLUTE, moved) == {"path", "target_year"}


def test_a_later_target_year_alone_is_told_once() -> None:
    for target in (ABSOLUTE, LEVEL, PER_HEAD):
        assert aspects(target, replace(target, target_year=2035)) == {"target_year"}
    assert aspects(ABSOLUTE, replace(ABSOLUTE, target_year=2035, base_year=2023)) == {"target_year", "path"}


def test_what_is_stronger_lifts_no_path() -> None:
    for target in (ABSOLUTE, LEVEL, BAU):
        assert weakenings(target, replace(target, base_year_emissions_t=Decimal(8_000))) == []
        assert target is BAU or weakenings(target, replace(target, base_year=2010)) == []
    lower = BaselineScenario(Decimal(20_000), ((2020, Decimal(12_000)),))
    assert weakenings(BAU, replace(BAU, baseline_scenario=lower)) == []
    assert weakenings(BAU, replace(BAU, reduction_percent=Decimal(40))) == []


def test_more_people_and_a_deeper_cut_per_head_are_no_weakening() -> None:
    known = replace(PER_HEAD, base_year_population=900_000)
    more = replace(known, reduction_percent=Decimal(50), intensity=Intensity("per_capita", Decimal("5.5"), Decimal(1_050_000)))
    assert weakenings(known, more) == []
    many = replace(known, reduction_percent=Decimal(80), intensity=Intensity("per_capita", Decimal("5.5"), Decimal(3_000_000)))
    found = one(known, many)
    assert (found.aspect, found.pointer) == ("path", "/intensity")
    assert found.message.startswith("On the way, in 20")
    higher = replace(PER_HEAD, reduction_percent=Decimal(80), intensity=Intensity("per_capita", Decimal(11), Decimal(1_000_000)))
    assert "measured against 11 t CO2e per unit instead of 5.5," in one(PER_HEAD, higher).message


def test_fewer_may_see_it() -> None:
    def told(was: str, now: str) -> list[str]:
        return [f"{each.aspect}: {each.message}" for each in hidden(was, now)]

    assert told("public", "members") == told("public", "private") == ["visibility: It is no longer public."]
    assert told("members", "private") == ["visibility: It is no longer shown to the members of its communities."]
    for was, now in (("private", "members"), ("members", "public"), ("private", "public"), ("public", "public")):
        assert told(was, now) == []


def test_a_step_to_a_target_that_allows_more_was_a_stronger_target() -> None:
    (found,) = step_to_more(ABSOLUTE, Decimal(6_000))
    assert found.message == "It is only a step now, to a target that allows 6,000 t CO2e; this one allows 5,000 t CO2e."
    for target, goal in ((ABSOLUTE, Decimal(5_000)), (ABSOLUTE, None), (replace(ABSOLUTE, is_interim=True), Decimal(6_000))):
        assert list(step_to_more(target, goal)) == []


def test_a_higher_business_as_usual_is_a_moved_base() -> None:
    higher = replace(SCENARIO, baseline_scenario=BaselineScenario(Decimal(40_000_000)))
    found = {each.aspect: each for each in weakenings(SCENARIO, higher)}
    assert set(found) == {"emissions", "base"}
    assert found["base"].pointer == "/baseline_scenario/target_year_emissions_t"


@pytest.mark.parametrize(
    ("before", "after", "is_weaker"),
    [
        (KAOHSIUNG, SCENARIO, True),
        (KAOHSIUNG, PER_HEAD, True),
        (FIXED, PER_HEAD, True),
        (SCENARIO, FIXED, False),
        (PER_HEAD, SCENARIO, False),
        (KAOHSIUNG, FIXED, False),
    ],
)
def test_a_type_that_lets_emissions_grow_is_weaker(before: Target, after: Target, is_weaker: bool) -> None:
    assert ("target_type" in aspects(before, after)) == is_weaker
    assert "reduction_percent" not in aspects(before, after), "percentages of two types do not compare"


def test_the_same_level_stated_in_another_way_is_no_weakening() -> None:
    absolute = Target("base_year_absolute", 2005, Decimal(100_000), Decimal(30), 2030)
    level = Target("fixed_level", 2005, Decimal(100_000), None, 2030, target_emissions_t=Decimal(70_000))
    assert weakenings(absolute, level) == []
    assert weakenings(level, absolute) == []
    assert aspects(absolute, replace(level, target_emissions_t=Decimal(70_001))) == {"emissions"}


def test_half_a_tonne_is_rounding_in_a_city_and_not_in_a_village() -> None:
    assert weakenings(FIXED, replace(FIXED, target_emissions_t=Decimal("1000.1"))) == []
    city = replace(FIXED, target_emissions_t=Decimal(47_161_000))
    assert weakenings(city, replace(city, target_emissions_t=Decimal("47161000.5"))) == []
    assert aspects(city, replace(city, target_emissions_t=Decimal("47161000.6"))) == {"fixed_level"}
    village = replace(FIXED, target_emissions_t=Decimal(10))
    assert aspects(village, replace(village, target_emissions_t=Decimal("10.5"))) == {"fixed_level"}


AMOUNT = st.integers(1, 10**6).map(lambda thousands: Decimal(thousands * 1000))
SHARE = st.decimals(min_value=1, max_value=99, places=1)
TARGETS = st.builds(
    Target,
    target_type=st.just("base_year_absolute"),
    base_year=st.just(2005),
    base_year_emissions_t=AMOUNT,
    reduction_percent=SHARE,
    target_year=st.integers(2025, 2060),
    sector=st.just("all"),
    boundary=st.sampled_from([None, *BREADTH]),
    gases=st.sets(st.sampled_from(["CO2", "CH4", "N2O", "SF6"])).map(lambda names: tuple(sorted(names))),
    scopes=st.sets(st.sampled_from([1, 2, 3])).map(lambda scopes: tuple(sorted(scopes))),
    conditional_percent=st.none() | SHARE,
    uses_credits=st.none() | st.booleans(),
    net_zero=st.none() | st.booleans(),
    is_interim=st.booleans(),
)


@given(TARGETS)
def test_law_nothing_is_weaker_than_itself(target: Target) -> None:
    assert weakenings(target, target) == []


@given(TARGETS, TARGETS)
def test_law_not_weaker_and_another_number_means_weaker_the_other_way(one: Target, other: Target) -> None:
    for name in ("reduction_percent", "target_year", "conditional_percent"):
        moved, was = getattr(other, name), getattr(one, name)
        changed = replace(one, **{name: moved})
        if moved != was and not weakenings(one, changed):
            assert name in aspects(changed, one) or was is None


@given(TARGETS, TARGETS, TARGETS)
def test_law_steps_that_do_not_weaken_lead_nowhere_weaker(first: Target, second: Target, third: Target) -> None:
    """Nobody can weaken a target by steps of which none counts (amounts here differ by a tonne or more, so none is rounding)."""
    full = [replace(each, boundary=each.boundary or "same", conditional_percent=each.conditional_percent or Decimal(0)) for each in
            (first, second, third)]  # fmt: skip
    full = [replace(each, uses_credits=bool(each.uses_credits), net_zero=bool(each.net_zero)) for each in full]
    if not weakenings(full[0], full[1]) and not weakenings(full[1], full[2]):
        assert weakenings(full[0], full[2]) == []


@given(TARGETS, st.sampled_from(["reduction_percent", "target_year", "boundary", "uses_credits"]))
def test_law_strengthening_everything_is_never_weakening(target: Target, extra: str) -> None:
    stronger = replace(
        target,
        reduction_percent=min(Decimal(100), (target.reduction_percent or Decimal(0)) + 1),
        target_year=(target.target_year or 2030) - 1,
        boundary="same",
        gases=("CH4", "CO2", "N2O", "SF6"),
        scopes=(1, 2, 3),
        conditional_percent=Decimal(0),
        uses_credits=False,
        net_zero=True,
        is_interim=True,
    )
    assert weakenings(target, stronger) == []
    assert extra in aspects(stronger, replace(target, conditional_percent=Decimal(5), uses_credits=True, boundary="partial"))


@given(TARGETS, TARGETS, st.sampled_from([Decimal(10), Decimal(1000)]))
def test_law_a_city_that_is_larger_is_judged_alike(before: Target, after: Target, times: Decimal) -> None:
    def scaled(target: Target) -> Target:
        return replace(target, base_year_emissions_t=(target.base_year_emissions_t or Decimal(0)) * times)

    assert aspects(before, after) <= aspects(scaled(before), scaled(after)), "only rounding weighs less in a larger city"
