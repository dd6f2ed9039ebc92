"""The formulas of progress against published numbers, and their edges."""

from decimal import Decimal, localcontext

import pytest

from services.core.commitments.formulas import (
    achieved_percent,
    annual_rate_compound,
    annual_rate_points,
    expected_percent,
    expected_reduction_percent,
    figure,
    reduction_percent,
    required_level,
    shown,
    written,
)

D = Decimal


def rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else shown(value)


def test_the_walk_through_of_crediblesg() -> None:
    """crediblesg.com, target progress: 10,000 (2020) -> 7,000 (2025), 50 % by 2030."""
    assert reduction_percent(D(10_000), D(7_000)) == 30
    assert achieved_percent(D(10_000), D(7_000), D(5_000)) == 60
    assert expected_percent(2020, 2030, 2025) == 50
    assert expected_reduction_percent(D(50), 2020, 2030, 2025) == 25


def test_the_tonnes_of_theprimecalculator() -> None:
    """theprimecalculator.com: 500 -> 350 with a target of 250: 150 t or 30 % less, 100 t remain, 50 % was promised."""
    assert reduction_percent(D(500), D(350)) == 30
    assert reduction_percent(D(500), D(250)) == 50
    assert achieved_percent(D(500), D(350), D(250)) == 60
    assert required_level(D(500), D(250), 2020, 2030, 2030) == 250


def test_european_union_1990_to_2030() -> None:
    """European Climate Law: at least 55 % below 1990 by 2030. 40 years: 1.375 points of 1990 a year; half way 27.5 % are due."""
    assert annual_rate_points(D(55), 1990, 2030) == D("1.375")
    assert expected_reduction_percent(D(55), 1990, 2030, 2010) == D("27.5")
    assert required_level(D(100), D(45), 1990, 2030, 2020) == D("58.75")


def test_sbti_absolute_contraction_is_42_percent_in_ten_years() -> None:
    """SBTi: 4.2 points of the base a year for 1.5 °C, that is 42 % from 2020 to 2030."""
    assert annual_rate_points(D(42), 2020, 2030) == D("4.2")
    assert required_level(D(1000), D(580), 2020, 2030, 2021) == 958


def test_halving_each_decade_is_the_carbon_law() -> None:
    """Rockström et al., Science 355 (2017): halving every decade is about 7 % less each year than the year before (6.6967)."""
    assert rounded(annual_rate_compound(D(2), D(1), 10)) == D("6.6967")


def test_unep_emissions_gap_needs_7_6_percent_a_year() -> None:
    """UNEP Emissions Gap Report 2019: 7.6 % less each year from 2020 to 2030 for 1.5 °C: 54.6 % less in the end."""
    left = (1 - D("0.076")) ** 10
    assert rounded(annual_rate_compound(D(1), left, 10)) == D("7.6")
    assert shown(100 * (1 - left)) == D("54.6351")


@pytest.mark.parametrize(
    ("base", "goal", "years", "rate"),
    [
        ("67372856", "53898284.8", 25, "0.8886"),  # Kaohsiung, 20 % from 2005 to 2030
        ("67372856", "47160999.2", 25, "1.4166"),  # Kaohsiung, 30 %
        ("18688721.55", "13884712.1", 11, "2.6650"),  # New Taipei, from 2019 to 2030
        ("2", "1", 12, "5.6126"),  # halving in twelve years
    ],
)
def test_f7_compound_rates(base: str, goal: str, years: int, rate: str) -> None:
    assert rounded(annual_rate_compound(D(base), D(goal), years)) == D(rate)


def test_kaohsiungs_yearly_steps() -> None:
    base = D(67372856)
    for goal, level, step in (("53898284.8", "59827096.128", "538982.848"), ("47160999.2", "56054216.192", "808474.272")):
        assert required_level(base, D(goal), 2005, 2030, 2019) == D(level)
        before = required_level(base, D(goal), 2005, 2030, 2018)
        assert before is not None
        assert before - D(level) == D(step)
    assert annual_rate_points(D(20), 2005, 2030) == D("0.8")
    assert annual_rate_points(D(30), 2005, 2030) == D("1.2")


def test_taipeis_two_typed_figures_agree_with_f2() -> None:
    """Taipei typed 37.69 for 30 % by 2030 and 11.31 for 100 % by 2050, of one base: 37.69 * 0.30 = 11.307."""
    base = D(1_000_000)
    emissions = base * (1 - D("0.3769") * D("0.30"))
    assert achieved_percent(base, emissions, base * D("0.7")) == D("37.69")
    assert achieved_percent(base, emissions, D(0)) == D("11.307")


def test_edge_base_zero_and_a_goal_not_below_the_base_have_no_share() -> None:
    assert reduction_percent(D(0), D(5)) is None
    assert achieved_percent(D(0), D(5), D(0)) is None
    assert achieved_percent(D(100), D(90), D(100)) is None  # p = 0
    assert achieved_percent(D(100), D(110), D(120)) is None  # a fixed level above its reference allows growth


def test_edge_growth_keeps_its_sign_and_more_than_the_target_is_over_a_hundred() -> None:
    assert reduction_percent(D(100), D(110)) == -10
    assert achieved_percent(D(100), D(110), D(50)) == -20
    assert achieved_percent(D(100), D(40), D(50)) == 120
    assert achieved_percent(D(100), D(-10), D(0)) == 110  # sinks


def test_edge_years_before_the_base_and_after_the_target() -> None:
    assert [expected_percent(2020, 2030, year) for year in (2015, 2020, 2030, 2035)] == [0, 0, 100, 100]
    assert [required_level(D(100), D(50), 2020, 2030, year) for year in (2015, 2020, 2030, 2035)] == [100, 100, 50, 50]


def test_edge_no_years_between() -> None:
    assert expected_percent(2020, 2020, 2020) is None
    assert expected_percent(2030, 2020, 2025) is None
    assert expected_reduction_percent(D(50), 2020, 2020, 2020) is None
    assert required_level(D(100), D(50), 2020, 2020, 2020) is None
    assert annual_rate_points(D(50), 2020, 2020) is None


def test_edge_rates_without_years_or_emissions() -> None:
    assert annual_rate_compound(D(100), D(50), 0) is None
    assert annual_rate_compound(D(100), D(50), -1) is None
    assert annual_rate_compound(D(0), D(0), 5) is None
    assert annual_rate_compound(D(100), D(-1), 5) is None
    assert annual_rate_compound(D(100), D(0), 5) == 100
    assert annual_rate_compound(D(100), D(200), 1) == -100


def test_figures_are_rounded_half_to_even() -> None:
    assert (shown(D("1.00005")), shown(D("1.00015"))) == (D("1.0000"), D("1.0002"))
    assert shown(D("1.000050000000000000000000000001")) == D("1.0001")


def test_what_a_division_leaves_behind_decides_nothing() -> None:
    with localcontext(prec=50):
        third = D(1) / 3
        assert shown(third * 3 * D("0.00005")) == shown(D("0.00005")) == 0
        assert reduction_percent(D(1), 1 - third * 3) == 100


def test_nothing_depends_on_the_callers_context() -> None:
    with localcontext(prec=2):
        assert rounded(achieved_percent(D(19835303), D("18688721.55"), D("13884712.1"))) == D("19.2684")
        assert required_level(D(67372856), D("53898284.8"), 2005, 2030, 2019) == D("59827096.128")
        assert rounded(annual_rate_compound(D(67372856), D("53898284.8"), 25)) == D("0.8886")
        assert written(D("53898284.8")) == "53,898,284.8"


def test_numbers_in_sentences() -> None:
    numbers: list[Decimal | int] = [D("53898284.800000"), D(0), D("-0.00001"), D("1E+3"), 1200, D("3.324"), D("-12.5"), D("0.12345")]
    assert [written(number) for number in numbers] == ["53,898,284.8", "0", "0", "1,000", "1,200", "3.324", "-12.5", "0.1234"]
    assert written(D("59.5199"), 1) == "59.5"


def test_a_figure_shows_what_went_in() -> None:
    given = figure("name", "a * b", "t CO2e", D("1.00005"), a=D("0.5"), b=None)
    assert given == {
        "name": "name",
        "formula": "a * b",
        "unit": "t CO2e",
        "value": 1,
        "inputs": [{"name": "a", "value": 0.5}, {"name": "b", "value": None}],
    }
