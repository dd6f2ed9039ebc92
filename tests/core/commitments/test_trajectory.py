"""What a target allows and its path, against published numbers."""

from decimal import Decimal, localcontext

import pytest

from services.core.commitments.formulas import shown
from services.core.commitments.inventories import Inventory
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.commitments.trajectory import PathYear, baseline_level, between, path, target_year_emissions

D = Decimal


def absolute(base: int | str, percent: int | str, base_year: int = 2005, target_year: int = 2030, **more: object) -> Target:
    return Target("base_year_absolute", base_year, D(base), D(percent), target_year, **more)  # type: ignore[arg-type]


def levels(target: Target, *inventories: Inventory) -> dict[int, Decimal]:
    return {row.year: row.required_t for row in path(target, inventories)}


KAOHSIUNG = absolute("67372856", 20)
V1 = absolute(10_000, 50, 2020, 2030)
BAU = Target("baseline_scenario", 2010, D(100), D(50), 2030, baseline_scenario=BaselineScenario(D(200)))
PER_HEAD = Target("base_year_intensity", 2010, D(1000), D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)))


def test_v5_kaohsiung_target_and_path() -> None:
    assert target_year_emissions(KAOHSIUNG) == D("53898284.8")
    found = levels(KAOHSIUNG)
    assert found[2019] == D("59827096.128")
    assert found[2018] - found[2019] == D("538982.848")


def test_kaohsiung_after_the_2024_ordinance() -> None:
    raised = absolute("67372856", 30)
    assert target_year_emissions(raised) == D("47160999.2")
    assert target_year_emissions(absolute("67372856", 100, 2005, 2050)) == 0
    found = levels(raised)
    assert found[2019] == D("56054216.192")
    assert found[2018] - found[2019] == D("808474.272")


# Facts from "CDP-ICLEI 2021 city targets" (base t, percent, published target-year t); self-reported.
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
    assert target_year_emissions(absolute(base, percent)) == D(published), name


def test_v10_suwon_intensity() -> None:
    target = Target("base_year_intensity", 2005, None, D(40), 2030, intensity=Intensity("per_capita", D("5.54"), D(1)))
    assert target_year_emissions(target) == D("3.324")


@pytest.mark.parametrize(
    ("base", "year", "bau", "percent", "goal"),
    [("1323755", 2012, "2639566", 20, "2111652.8"), ("9341782", 2010, "35000000", 30, "24500000")],  # Malang, Jakarta
)
def test_v11_baseline_targets(base: str, year: int, bau: str, percent: int, goal: str) -> None:
    target = Target("baseline_scenario", year, D(base), D(percent), 2030, baseline_scenario=BaselineScenario(D(bau)))
    assert target_year_emissions(target) == D(goal)
    found = levels(target)
    assert (found[year], found[2030]) == (D(base), D(goal))


def test_the_path_of_a_baseline_target_bends_with_business_as_usual() -> None:
    found = levels(BAU)
    assert [found[2010], found[2020], found[2030]] == [100, D("112.5"), 100]  # U_2020 = 150, a quarter less
    scenario = BaselineScenario(D(200), ((2020, D(180)),))
    target = Target("baseline_scenario", 2010, D(100), D(50), 2030, baseline_scenario=scenario)
    assert [baseline_level(target, year) for year in (2009, 2010, 2015, 2020, 2025, 2030, 2040)] == [None, 100, 140, 180, 190, 200, 200]
    assert levels(target)[2020] == 135


def test_levels_between_known_years() -> None:
    known = {2010: D(100), 2020: D(200)}
    assert [between(known, year) for year in (2009, 2010, 2013, 2020, 2021)] == [None, 100, 130, 200, None]


def test_the_path_of_an_intensity_target_grows_with_the_city() -> None:
    found = levels(PER_HEAD)
    assert [found[2010], found[2020], found[2030]] == [1000, 900, 700]  # 120 people at 7.5 t
    assert levels(PER_HEAD, Inventory(2020, D(1), D(130)))[2020] == 975
    unknown = Target("base_year_intensity", 2010, None, D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)))
    assert list(levels(unknown)) == [2030]
    people = Target(
        "base_year_intensity", 2010, None, D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)), base_year_population=100
    )
    assert levels(people) == found


def test_path_shows_what_was_reported_and_the_gap() -> None:
    rows = {row.year: row for row in path(V1, [Inventory(2025, D(7000)), Inventory(2026, None)])}
    assert rows[2025] == PathYear(2025, D(7500), D(7000), D(-500))
    assert rows[2026] == PathYear(2026, D(7000), None, None)
    assert len(rows) == 11


def test_path_leaves_out_what_has_another_frame() -> None:
    target = absolute(10_000, 50, 2020, 2030, boundary="same")
    rows = {row.year: row for row in path(target, [Inventory(2025, D(7000), boundary="partial"), Inventory(2026, D(6900))])}
    assert rows[2025] == PathYear(2025, D(7500), None, None)
    assert rows[2026].gap_t == -100
    with_power_plants = [Inventory(2033, D(7000), includes_grid_generation=True)]
    assert [row.year for row in path(target, with_power_plants)] == list(range(2020, 2031))


def test_a_recalculated_base_year_moves_the_path_from_its_inventory_on() -> None:
    inventories = [Inventory(2024, D(8500)), Inventory(2025, D(9000), base_year_emissions_t=D(12_000)), Inventory(2027, D(8000))]
    rows = {row.year: row for row in path(V1, inventories)}
    assert [rows[year].required_t for year in (2020, 2024, 2025, 2026, 2030)] == [10_000, 8_000, 9_000, 8_400, 6_000]
    assert [rows[year].gap_t for year in (2024, 2025, 2027)] == [500, 0, 200]
    foreign = [Inventory(2025, D(9000), includes_grid_generation=True, base_year_emissions_t=D(12_000))]
    assert levels(V1, *foreign) == levels(V1)


def test_edge_no_years_between_or_half_a_target() -> None:
    assert path(absolute(100, 50, 2020, 2020), [Inventory(2020, D(100))]) == []
    assert path(Target("fixed_level", target_year=2025, target_emissions_t=D(438520)), []) == []
    assert target_year_emissions(Target("fixed_level", target_year=2025, target_emissions_t=D(438520))) == 438520
    for kind in ("base_year_absolute", "base_year_intensity", "baseline_scenario", "something_else"):
        assert target_year_emissions(Target(kind, reduction_percent=D(5))) is None
    assert target_year_emissions(Target("base_year_absolute", base_year_emissions_t=D(5))) is None
    half = Target("base_year_intensity", reduction_percent=D(5), intensity=Intensity("per_gdp", D(2)))
    assert target_year_emissions(half) is None


def test_edge_inventories_before_the_base_year_and_after_the_target_year() -> None:
    assert [row.year for row in path(V1, [Inventory(2019, D(4000))])] == list(range(2020, 2031))
    assert path(V1, [Inventory(2033, D(5100))])[-1] == PathYear(2033, D(5000), D(5100), D(100))


def test_the_path_is_rounded_whatever_the_callers_context() -> None:
    with localcontext(prec=3):
        assert target_year_emissions(KAOHSIUNG) == D("53898284.8")
        assert path(KAOHSIUNG, [Inventory(2019, D("59827097.128"))])[14].gap_t == 1
    thirds = levels(absolute(100, 10, 2020, 2023))
    assert thirds[2021] == shown(D(100) - D(10) / 3) == D("96.6667")
