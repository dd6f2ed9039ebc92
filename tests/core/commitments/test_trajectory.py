"""The arithmetic of targets against published numbers, and its laws."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.core.commitments.formulas import (
    achieved_percent,
    annual_rate_compound,
    annual_rate_points,
    expected_percent,
    expected_reduction_percent,
    reduction_percent,
    required_level,
    shown,
)
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.commitments.trajectory import (
    Inventory,
    PathYear,
    Progress,
    path,
    progress,
    target_year_emissions,
    typed_difference,
)

D = Decimal
T = TypeVar("T")


def some(value: T | None) -> T:
    assert value is not None
    return value


def absolute(base: int | str, percent: int | str, base_year: int = 2005, target_year: int = 2030) -> Target:
    return Target("base_year_absolute", base_year, D(base), D(percent), target_year)


KAOHSIUNG = absolute("67372856", 20)
V1 = absolute(10_000, 50, 2020, 2030)


def test_v1_the_published_walk_through_is_ahead() -> None:
    """crediblesg.com target progress: 10,000 (2020) -> 7,000 (2025), 50 % by 2030."""
    assert progress(V1, [Inventory(2025, D(7000))]) == Progress(2025, D(30), D(60), D(50), "ahead")
    assert expected_reduction_percent(D(50), 2020, 2030, 2025) == 25


def test_published_tonnes_of_theprimecalculator() -> None:
    assert reduction_percent(D(500), D(350)) == 30
    assert reduction_percent(D(500), D(250)) == 50
    assert required_level(D(500), D(250), 2020, 2030, 2030) == 250


@pytest.mark.parametrize(
    ("base", "percent", "base_year", "target_year", "year", "emissions", "achieved"),
    [
        ("19835303", 30, 2005, 2030, 2019, "18688721.55", "19.2684"),  # V2 New Taipei
        ("5843189", 25, 2005, 2030, 2019, "5709157", "9.1753"),  # V3 Suwon
        ("1252913", 35, 2007, 2020, 2020, "986161", "60.8301"),  # V4 Adelaide
        ("7840000", 40, 2013, 2030, 2018, "6540648", "41.4334"),  # V6 Kyoto, printed 41.43
    ],
)
def test_v2_v3_v4_v6_percent_achieved_of_real_cities(
    base: str, percent: int, base_year: int, target_year: int, year: int, emissions: str, achieved: str
) -> None:
    target = absolute(base, percent, base_year, target_year)
    assert progress(target, [Inventory(year, D(emissions))]).achieved_percent == D(achieved)


def test_v4_adelaide_fixed_level_needs_its_reference_year() -> None:
    target = Target("fixed_level", 2007, D(1252913), target_year=2025, target_emissions_t=D(438520))
    inventories = [Inventory(2020, D(986161))]
    assert progress(target, inventories).achieved_percent == D("32.7547")
    without = Target("fixed_level", target_year=2025, target_emissions_t=D(438520))
    found = progress(without, inventories)
    assert [found.status, found.achieved_percent] == ["no_data", None]
    assert some(found.reason).startswith("Not assessed, because")
    assert target_year_emissions(without) == 438520
    assert path(without, inventories) == []


def test_v5_kaohsiung_target_path_and_rates() -> None:
    assert target_year_emissions(KAOHSIUNG) == D("53898284.8")
    levels = {row.year: row.required_t for row in path(KAOHSIUNG, [])}
    assert levels[2019] == D("59827096.128")
    assert levels[2018] - levels[2019] == D("538982.848")
    assert annual_rate_points(D(20), 2005, 2030) == D("0.8")
    assert shown(some(annual_rate_compound(D("67372856"), D("53898284.8"), 25))) == D("0.8886")


def test_kaohsiung_after_the_2024_ordinance() -> None:
    raised = absolute("67372856", 30)
    assert target_year_emissions(raised) == D("47160999.2")
    assert target_year_emissions(absolute("67372856", 100, 2005, 2050)) == 0
    levels = {row.year: row.required_t for row in path(raised, [])}
    assert levels[2019] == D("56054216.192")
    assert levels[2018] - levels[2019] == D("808474.272")
    assert annual_rate_points(D(30), 2005, 2030) == D("1.2")
    assert shown(some(annual_rate_compound(D("67372856"), D("47160999.2"), 25))) == D("1.4166")


def test_kaohsiungs_typed_reduction_is_not_its_share_of_the_target() -> None:
    emissions = D("67372856") * (1 - D("0.1209"))
    found = {p: progress(absolute("67372856", p), [Inventory(2019, emissions)]).achieved_percent for p in (20, 30, 100)}
    assert found == {20: D("60.45"), 30: D("40.3"), 100: D("12.09")}


def test_compound_rates_of_new_taipei_and_of_halving() -> None:
    assert shown(some(annual_rate_compound(D("18688721.55"), D("13884712.1"), 11))) == D("2.6650")
    assert shown(some(annual_rate_compound(D(2), D(1), 12))) == D("5.6126")


def test_v6_kyotos_typed_74_is_flagged_and_a_typed_reduction_is_named() -> None:
    achieved, reduced = D("41.4334"), D("16.5733")
    found = some(typed_difference(D(74), achieved, reduced))
    assert [found.rule, found.severity, found.pointer] == ["F4", "warning", "/reported_percent_achieved"]
    assert "41.4334" in found.message
    assert "reduction against the base year" not in found.message
    assert "reduction against the base year" in some(typed_difference(D("16.6"), achieved, reduced)).message
    assert typed_difference(D("41.43"), achieved, reduced) is None
    assert typed_difference(D("42.4334"), achieved, reduced) is None
    assert typed_difference(D("42.44"), achieved, reduced) is not None


# V7: facts from "CDP-ICLEI 2021 city targets" (base t, percent, published target-year t); self-reported.
PUBLISHED = [
    ("Kaohsiung 2030", "67372856", "20", "53898284.8"),
    ("Kaohsiung 2050", "67372856", "100", "0"),
    ("Yokohama", "21590000", "30", "15113000"),
    ("Kyoto", "7840000", "40", "4704000"),
    ("Batangas City", "421884", "25", "316413"),
    ("Goyang, energy", "6143602", "15.6", "5185200.088"),
]


@pytest.mark.parametrize(("name", "base", "percent", "published"), PUBLISHED)
def test_v7_the_computed_target_equals_the_published_one(name: str, base: str, percent: str, published: str) -> None:
    computed = some(target_year_emissions(absolute(base, percent)))
    assert abs(computed - D(published)) <= max(D(1), D(base) * D("0.005")), name
    assert computed == D(published)


def test_v10_suwon_intensity() -> None:
    target = Target("base_year_intensity", 2005, None, D(40), 2030, intensity=Intensity("per_capita", D("5.54"), D(1)))
    assert target_year_emissions(target) == D("3.324")


@pytest.mark.parametrize(
    ("base", "year", "bau", "percent", "goal", "change"),
    [
        ("1323755", 2012, "2639566", 20, "2111652.8", "-59.5199"),  # Malang
        ("9341782", 2010, "35000000", 30, "24500000", "-162.2626"),  # Jakarta
    ],
)
def test_v11_a_baseline_target_may_allow_growth_and_says_so(base: str, year: int, bau: str, percent: int, goal: str, change: str) -> None:
    target = Target("baseline_scenario", year, D(base), D(percent), 2030, baseline_scenario=BaselineScenario(D(bau)))
    assert target_year_emissions(target) == D(goal)
    found = progress(target, [Inventory(2030, D(goal))])
    assert [found.achieved_percent, found.status] == [100, "achieved"]
    assert found.reduction_percent == D(change)


BAU = Target("baseline_scenario", 2010, D(100), D(50), 2030, baseline_scenario=BaselineScenario(D(200)))


def test_f9_is_measured_against_the_baseline_of_the_same_year() -> None:
    found = progress(BAU, [Inventory(2020, D(120))])  # U_2020 = 150, so (150-120)/(150*0.5)
    assert [found.achieved_percent, found.expected_percent, found.reduction_percent] == [40, 50, -20]
    assert found.status == "behind"
    levels = {row.year: row.required_t for row in path(BAU, [])}
    assert [levels[2010], levels[2020], levels[2030]] == [100, D("112.5"), 100]


def test_f9_follows_a_given_series_and_stays_at_u_after_the_target_year() -> None:
    scenario = BaselineScenario(D(200), ((2020, D(180)),))
    target = Target("baseline_scenario", 2010, D(100), D(50), 2030, baseline_scenario=scenario)
    assert progress(target, [Inventory(2020, D(135))]).achieved_percent == 50
    assert progress(target, [Inventory(2025, D(95))]).achieved_percent == 100  # U_2025 = 190
    assert progress(target, [Inventory(2035, D(150))]).achieved_percent == 50


def test_a_baseline_target_without_base_year_is_known_only_where_the_scenario_is() -> None:
    target = Target("baseline_scenario", None, None, D(50), 2030, baseline_scenario=BaselineScenario(D(200)))
    assert progress(target, [Inventory(2020, D(120))]).status == "no_data"
    assert progress(target, [Inventory(2030, D(150))]).achieved_percent == 50
    assert progress(target, [Inventory(2030, D(150))]).reason == ("Not assessed, because base year and target year do not span a path.")


def test_f8_intensity_uses_the_denominator_of_the_inventory() -> None:
    target = Target("base_year_intensity", 2010, D(1000), D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)))
    found = progress(target, [Inventory(2020, D(960), D(120))])  # 8 t per head: a fifth less
    assert [found.reduction_percent, found.achieved_percent, found.expected_percent] == [20, 40, 50]
    levels = {row.year: row.required_t for row in path(target, [])}
    assert [levels[2010], levels[2020], levels[2030]] == [1000, 900, 700]  # 120 people at 7.5 t
    assert progress(target, [Inventory(2020, D(960))]).status == "no_data"
    unknown = Target("base_year_intensity", 2010, None, D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)))
    assert [row.year for row in path(unknown, [])] == [2030]


@pytest.mark.parametrize(
    ("emissions", "status"),
    [("7250", "ahead"), ("7251", "on_track"), ("7500", "on_track"), ("7750", "on_track"), ("7751", "behind"),
     ("5000", "achieved"), ("5001", "ahead"), ("11000", "behind")],
)  # fmt: skip
def test_status_and_its_tolerance(emissions: str, status: str) -> None:
    assert progress(V1, [Inventory(2025, D(emissions))]).status == status


def test_tolerance_is_an_argument() -> None:
    assert progress(V1, [Inventory(2025, D(7000))], tolerance=11).status == "on_track"


def test_edge_base_zero_and_percent_zero_have_no_share() -> None:
    assert reduction_percent(D(0), D(5)) is None
    assert achieved_percent(D(0), D(5), D(0)) is None
    assert achieved_percent(D(100), D(90), D(100)) is None  # p = 0
    assert achieved_percent(D(100), D(110), D(120)) is None  # a fixed level above its reference allows growth
    assert progress(absolute(0, 50), [Inventory(2020, D(5))]).status == "no_data"
    assert progress(absolute(100, 0), [Inventory(2020, D(5))]).status == "no_data"


def test_edge_no_years_between() -> None:
    assert expected_percent(2020, 2020, 2020) is None
    assert expected_percent(2030, 2020, 2025) is None
    assert required_level(D(100), D(50), 2020, 2020, 2020) is None
    assert annual_rate_points(D(50), 2020, 2020) is None
    assert path(absolute(100, 50, 2020, 2020), [Inventory(2020, D(100))]) == []
    assert progress(absolute(100, 50, 2020, 2020), [Inventory(2020, D(90))]).status == "no_data"


def test_edge_rates_without_years_or_emissions() -> None:
    assert annual_rate_compound(D(100), D(50), 0) is None
    assert annual_rate_compound(D(100), D(50), -1) is None
    assert annual_rate_compound(D(0), D(0), 5) is None
    assert annual_rate_compound(D(100), D(-1), 5) is None
    assert annual_rate_compound(D(100), D(0), 5) == 100
    assert annual_rate_compound(D(100), D(200), 1) == -100


def test_edge_growth_keeps_its_sign() -> None:
    found = progress(V1, [Inventory(2025, D(11000))])
    assert [found.reduction_percent, found.achieved_percent, found.status] == [-10, -20, "behind"]


def test_edge_more_than_the_target() -> None:
    found = progress(V1, [Inventory(2025, D(4000))])
    assert [found.achieved_percent, found.status] == [120, "achieved"]


def test_edge_inventories_before_the_base_year_do_not_count() -> None:
    found = progress(V1, [Inventory(2019, D(4000))])
    assert [found.status, found.latest_year] == ["no_data", None]
    assert found.reason == "The inventories are older than the base year."
    assert [row.year for row in path(V1, [Inventory(2019, D(4000))])] == list(range(2020, 2031))
    assert expected_percent(2020, 2030, 2015) == 0


def test_edge_overdue_has_no_tolerance_left() -> None:
    assert progress(V1, [Inventory(2030, D(5100))]).status == "on_track"  # 98 % in the target year itself
    found = progress(V1, [Inventory(2031, D(5100))])
    assert [found.expected_percent, found.achieved_percent, found.status] == [100, 98, "behind"]
    assert path(V1, [Inventory(2033, D(5100))])[-1] == PathYear(2033, D(5000), D(5100), D(100))


def test_the_latest_year_with_a_total_counts() -> None:
    found = progress(V1, [Inventory(2024, D(8000)), Inventory(2026, None), Inventory(2022, D(9000))])
    assert found.latest_year == 2024
    assert progress(V1, []) == Progress(None, None, None, None, "no_data", "No inventory total is reported.")
    assert progress(V1, [Inventory(2026, None)]).reason == "No inventory total is reported."


def test_path_shows_what_was_reported_and_the_gap() -> None:
    rows = {row.year: row for row in path(V1, [Inventory(2025, D(7000)), Inventory(2026, None)])}
    assert rows[2025] == PathYear(2025, D(7500), D(7000), D(-500))
    assert rows[2026] == PathYear(2026, D(7000), None, None)
    assert len(rows) == 11


def test_nothing_is_promised_by_half_a_target() -> None:
    assert target_year_emissions(Target("base_year_absolute", base_year_emissions_t=D(5))) is None
    assert target_year_emissions(Target("base_year_absolute", reduction_percent=D(5))) is None
    assert target_year_emissions(Target("base_year_intensity", reduction_percent=D(5))) is None
    assert target_year_emissions(Target("baseline_scenario", reduction_percent=D(5))) is None
    assert target_year_emissions(Target("something_else", reduction_percent=D(5))) is None
    half = Target("base_year_intensity", reduction_percent=D(5), intensity=Intensity("per_gdp", D(2)))
    assert target_year_emissions(half) is None


def test_figures_are_shown_half_to_even_whatever_the_callers_context() -> None:
    assert (shown(D("1.00005")), shown(D("1.00015"))) == (D("1.0000"), D("1.0002"))
    with localcontext(prec=3):
        assert target_year_emissions(KAOHSIUNG) == D("53898284.8")
        assert progress(KAOHSIUNG, [Inventory(2019, D("59827096.128"))]).achieved_percent == 56
        assert path(KAOHSIUNG, [Inventory(2019, D("59827097.128"))])[14].gap_t == 1


tonnes = st.decimals(min_value=1, max_value=10**9, places=2)
percents = st.decimals(min_value="0.01", max_value=100, places=2)
years = st.tuples(st.integers(1990, 2030), st.integers(1, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def four_types(base: D, percent: D, span: tuple[int, int], people: D) -> Iterator[Target]:
    """The same base, percentage and years in all four types."""
    first, last = span
    intensity = Intensity("per_capita", base / people, people)
    yield Target("base_year_absolute", first, base, percent, last)
    yield Target("fixed_level", first, base, None, last, target_emissions_t=base * (100 - percent) / 100)
    yield Target("base_year_intensity", first, base, percent, last, intensity=intensity)
    yield Target("baseline_scenario", first, base, percent, last, baseline_scenario=BaselineScenario(base * 2))


@given(tonnes, percents, years, st.integers(1, 10**7).map(D))
def test_law_exactly_one_hundred_percent_at_the_target(base: D, percent: D, span: tuple[int, int], people: D) -> None:
    for target in four_types(base, percent, span, people):
        goal = target_year_emissions(target)
        found = progress(target, [Inventory(span[1], goal, people)])
        assert [found.achieved_percent, found.status] == [100, "achieved"], target.target_type


@given(tonnes, percents, years, st.integers(1, 10**7).map(D))
def test_law_the_path_meets_base_and_target(base: D, percent: D, span: tuple[int, int], people: D) -> None:
    for target in four_types(base, percent, span, people):
        rows = path(target, [])
        assert [row.year for row in rows] == list(range(span[0], span[1] + 1))
        assert rows[0].required_t == shown(base)
        assert rows[-1].required_t == shown(some(target_year_emissions(target)))


@given(tonnes, percents, years)
def test_law_the_path_of_an_absolute_target_falls_evenly(base: D, percent: D, span: tuple[int, int]) -> None:
    rows = [row.required_t for row in path(Target("base_year_absolute", span[0], base, percent, span[1]), [])]
    assert rows == sorted(rows, reverse=True)


@given(years, st.integers(1980, 2100), st.integers(1980, 2100))
def test_law_what_is_expected_never_falls(span: tuple[int, int], one: int, other: int) -> None:
    early, late = sorted((one, other))
    assert 0 <= some(expected_percent(*span, early)) <= some(expected_percent(*span, late)) <= 100


@given(tonnes, tonnes, percents, years, st.sampled_from([D("0.001"), D(7), D(1000), D("907.18474")]))
def test_law_units_do_not_change_percentages(base: D, emissions: D, percent: D, span: tuple[int, int], factor: D) -> None:
    one = progress(Target("base_year_absolute", span[0], base, percent, span[1]), [Inventory(span[1], emissions)])
    other = progress(
        Target("base_year_absolute", span[0], base * factor, percent, span[1]),
        [Inventory(span[1], emissions * factor)],
    )
    assert one == other


@given(tonnes, tonnes, percents, years)
def test_law_two_ways_to_state_the_same_target_agree(base: D, emissions: D, percent: D, span: tuple[int, int]) -> None:
    stated = Target("base_year_absolute", span[0], base, percent, span[1])
    fixed = Target("fixed_level", span[0], base, None, span[1], target_emissions_t=target_year_emissions(stated))
    inventories = [Inventory((span[0] + span[1]) // 2, emissions)]
    assert progress(stated, inventories) == progress(fixed, inventories)
    assert path(stated, inventories) == path(fixed, inventories)


@given(tonnes, tonnes, tonnes, percents, years)
def test_law_less_emitted_is_never_less_achieved(base: D, one: D, other: D, percent: D, span: tuple[int, int]) -> None:
    assume(one != other)
    target = Target("base_year_absolute", span[0], base, percent, span[1])
    low, high = (some(progress(target, [Inventory(span[1], e)]).achieved_percent) for e in sorted((one, other)))
    assert low >= high


@given(tonnes, percents, years)
def test_law_compounding_the_yearly_rate_ends_at_the_target(base: D, percent: D, span: tuple[int, int]) -> None:
    assume(percent < 100)
    n = span[1] - span[0]
    goal = some(target_year_emissions(Target("base_year_absolute", span[0], base, percent, span[1])))
    rate = some(annual_rate_compound(base, goal, n))
    with localcontext(prec=50):
        assert abs(base * (1 - rate / 100) ** D(n) - goal) < D("1e-20")
