"""Where a target stands: the published cases, which inventory counts and why, and each figure computed again from its formula."""

from decimal import Decimal, localcontext
from typing import Any

import pytest

from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.progress import UNASSESSED, figures, shown, standing
from services.core.commitments.rules import BaselineScenario, Intensity, Target
from services.core.commitments.trajectory import Standing, path
from tests.fixtures.figures import named, recomputed

D = Decimal
PER_HEAD = Target("base_year_intensity", 2010, D(1000), D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)))
BAU = Target("baseline_scenario", 2010, D(100), D(50), 2030, baseline_scenario=BaselineScenario(D(200)))


def absolute(base: int | str, percent: int | str, base_year: int = 2005, target_year: int = 2030, **more: object) -> Target:
    return Target("base_year_absolute", base_year, D(base), D(percent), target_year, **more)  # type: ignore[arg-type]


V1 = absolute(10_000, 50, 2020, 2030)


def stands(target: Target, *inventories: Inventory) -> list[Any]:
    found = standing(target, inventories)
    return [found.reduction_percent, found.achieved_percent, found.expected_percent, found.status]


def why_not(target: Target, *inventories: Inventory) -> str:
    found = standing(target, inventories)
    assert (found.status, found.achieved_percent is None or found.expected_percent is None) == ("no_data", True)
    assert found.reason is not None
    return found.reason.removeprefix("Not assessable, because ")


def passed_over(target: Target, inventory: Inventory) -> str:
    found = standing(target, [inventory])
    assert (found.status, found.latest_year, found.inventory) == ("no_data", None, None)
    assert found.reason == found.why
    assert found.reason.startswith(f"Not assessable, because the only inventory, of {inventory.year}, ")
    ((year, why),) = found.passed_over
    assert year == inventory.year
    return why


def test_v1_the_published_walk_through_is_ahead() -> None:
    """crediblesg.com target progress: 10,000 (2020) -> 7,000 (2025), 50 % by 2030."""
    assert stands(V1, Inventory(2025, D(7000))) == [30, 60, 50, "ahead"]


@pytest.mark.parametrize(
    ("base", "percent", "base_year", "target_year", "year", "emissions", "achieved", "status"),
    [
        ("19835303", 30, 2005, 2030, 2019, "18688721.55", "19.2684", "behind"),  # V2 New Taipei
        ("5843189", 25, 2005, 2030, 2019, "5709157", "9.1753", "behind"),  # V3 Suwon
        ("1252913", 35, 2007, 2020, 2020, "986161", "60.8301", "behind"),  # V4 Adelaide, FY2019-20
        ("7840000", 40, 2013, 2030, 2018, "6540648", "41.4334", "ahead"),  # V6 Kyoto, FY2018, printed 41.43
    ],
)
def test_v2_v3_v4_v6_percent_achieved_of_real_cities(
    base: str, percent: int, base_year: int, target_year: int, year: int, emissions: str, achieved: str, status: str
) -> None:
    found = standing(absolute(base, percent, base_year, target_year), [Inventory(year, D(emissions))])
    assert (found.achieved_percent, found.status) == (D(achieved), status)


def test_v4_adelaides_fixed_level_needs_its_reference_year() -> None:
    target = Target("fixed_level", 2007, D(1252913), target_year=2025, target_emissions_t=D(438520))
    assert standing(target, [Inventory(2020, D(986161))]).achieved_percent == D("32.7547")
    without = Target("fixed_level", target_year=2025, target_emissions_t=D(438520))
    assert why_not(without, Inventory(2020, D(986161))) == "the emissions of the base year are not given."


def test_kaohsiungs_typed_reduction_is_not_its_share_of_the_target() -> None:
    emissions = D("67372856") * (1 - D("0.1209"))
    found = {p: standing(absolute("67372856", p), [Inventory(2019, emissions)]).achieved_percent for p in (20, 30, 100)}
    assert found == {20: D("60.45"), 30: D("40.3"), 100: D("12.09")}


def test_kaohsiungs_inventory_of_2019_has_another_frame() -> None:
    """57,062,134.79 direct and 15,587,107.67 indirect are together above the base year: power plants are counted twice."""
    total = D("57062134.79") + D("15587107.67")
    assert total == D("72649242.46")
    reason = passed_over(absolute("67372856", 20), Inventory(2019, total, includes_grid_generation=True))
    assert reason == "It counts power plants that feed the grid, so that their electricity is counted twice."
    assert standing(absolute("67372856", 20), [Inventory(2019, total)]).achieved_percent == D("-39.1581")


@pytest.mark.parametrize(
    ("base", "year", "bau", "percent", "goal", "change"),
    [
        ("1323755", 2012, "2639566", 20, "2111652.8", "-59.5199"),  # Malang
        ("9341782", 2010, "35000000", 30, "24500000", "-162.2626"),  # Jakarta
    ],
)
def test_v11_a_baseline_target_may_allow_growth_and_says_so(base: str, year: int, bau: str, percent: int, goal: str, change: str) -> None:
    target = Target("baseline_scenario", year, D(base), D(percent), 2030, baseline_scenario=BaselineScenario(D(bau)))
    assert stands(target, Inventory(2030, D(goal))) == [D(change), 100, 100, "achieved"]


def test_f9_is_measured_against_the_baseline_of_the_same_year() -> None:
    assert stands(BAU, Inventory(2020, D(120))) == [-20, 40, 50, "behind"]  # U_2020 = 150, so (150-120)/(150*0.5)
    scenario = BaselineScenario(D(200), ((2020, D(180)),))
    target = Target("baseline_scenario", 2010, D(100), D(50), 2030, baseline_scenario=scenario)
    by_year = {year: standing(target, [Inventory(year, D(e))]).achieved_percent for year, e in ((2020, 135), (2025, 95), (2035, 150))}
    assert by_year == {2020: 50, 2025: 100, 2035: 50}  # U_2025 = 190, and U stays after the target year


def test_a_baseline_target_without_base_year_is_known_only_where_the_scenario_is() -> None:
    target = Target("baseline_scenario", None, None, D(50), 2030, baseline_scenario=BaselineScenario(D(200)))
    assert why_not(target, Inventory(2020, D(120))).startswith("business as usual in 2020 is not known")
    assert why_not(target, Inventory(2030, D(150))).startswith("the base year is not given")
    assert standing(target, [Inventory(2030, D(150))]).achieved_percent == 50


def test_f8_intensity_uses_the_denominator_of_the_inventory() -> None:
    assert stands(PER_HEAD, Inventory(2020, D(960), D(120))) == [20, 40, 50, "behind"]  # 8 t per head: a fifth less
    assert why_not(PER_HEAD, Inventory(2020, D(960))) == "the inventory of 2020 does not give the population."
    assert why_not(PER_HEAD, Inventory(2020, D(960), D(0))) == "what it would be measured against is zero."
    per_gdp = Target("base_year_intensity", 2010, None, D(50), 2030, intensity=Intensity("per_gdp", D(10), D(140)))
    assert stands(per_gdp, Inventory(2020, D(960), D(120))) == [20, 40, 50, "behind"]
    assert why_not(per_gdp, Inventory(2020, D(960))) == "the inventory of 2020 does not give the denominator (such as GDP)."


@pytest.mark.parametrize(
    ("emissions", "status"),
    [("7250", "ahead"), ("7251", "on_track"), ("7500", "on_track"), ("7750", "on_track"), ("7751", "behind"),
     ("5000", "achieved"), ("5001", "ahead"), ("11000", "behind")],
)  # fmt: skip
def test_status_and_its_tolerance(emissions: str, status: str) -> None:
    assert standing(V1, [Inventory(2025, D(emissions))]).status == status


def test_tolerance_is_an_argument() -> None:
    assert standing(V1, [Inventory(2025, D(7000))], tolerance=11).status == "on_track"


def test_edge_base_zero_and_percent_zero_have_no_share() -> None:
    assert why_not(absolute(0, 50), Inventory(2020, D(5))) == "what it would be measured against is zero."
    assert why_not(absolute(100, 0), Inventory(2020, D(5))).startswith("the target allows as much as before")
    assert why_not(absolute(100, 50, 2020, 2020), Inventory(2020, D(90))) == "the target year is not later than the base year."
    assert why_not(Target("base_year_intensity", 2010), Inventory(2020, D(5), D(5))) == "the target does not give all that its type needs."


def test_edge_growth_and_more_than_the_target() -> None:
    assert stands(V1, Inventory(2025, D(11000))) == [-10, -20, 50, "behind"]
    assert stands(V1, Inventory(2025, D(4000))) == [60, 120, 50, "achieved"]


def test_edge_overdue_has_no_tolerance_left() -> None:
    assert standing(V1, [Inventory(2030, D(5100))]).status == "on_track"  # 98 % in the target year itself
    assert stands(V1, Inventory(2031, D(5100))) == [49, 98, 100, "behind"]


def test_no_inventory_at_all() -> None:
    reason = "Not assessable, because no inventory has been reported."
    assert standing(V1, []) == Standing(None, None, None, None, "no_data", reason, D(10_000), None, reason)


def test_the_latest_comparable_year_counts_and_the_others_say_why_not() -> None:
    found = standing(V1, [Inventory(2024, D(8000)), Inventory(2026, None, notation_key="NE"), Inventory(2022, D(9000))])
    assert found.latest_year == 2024
    assert found.why == "2024 is the latest year with emissions that can be compared with the target."
    assert found.passed_over == (
        (2026, "It has no total, only the notation key NE (not estimated)."),
        (2022, "It could count, but the inventory of 2024 is later."),
    )
    assert [inventory.year for inventory in found.comparable] == [2022, 2024]


def test_when_none_can_be_compared_the_latest_one_says_why() -> None:
    target = absolute(10_000, 50, 2020, 2030, boundary="same")
    reason = why_not(target, Inventory(2019, D(1)), Inventory(2022, D(1), boundary="partial"))
    assert reason == (
        "none of the 2 inventories can be compared with the target; the latest, of 2022, covers part of the city,"
        " but the target covers the whole city."
    )


SAME = absolute(10_000, 50, 2020, 2030, boundary="same", gases=("CO2", "CH4", "N2O"), scopes=(1, 2), sector="all")


@pytest.mark.parametrize(
    ("inventory", "why"),
    [
        (Inventory(2025, None), "It has no total."),
        (Inventory(2025, None, notation_key="C"), "It has no total, only the notation key C (confidential)."),
        (Inventory(2019, D(1)), "It is older than the base year 2020."),
        (
            Inventory(2025, D(1), boundary="government_operations"),
            "It covers the local government's own operations, but the target covers the whole city.",
        ),
        (Inventory(2025, D(1), gases=("CO2",)), "It leaves out CH4, N2O, which the target covers."),
        (Inventory(2025, D(1), scopes=(1, 3)), "It leaves out scope 2, which the target covers."),
    ],
)
def test_an_inventory_of_another_frame_is_passed_over(inventory: Inventory, why: str) -> None:
    assert passed_over(SAME, inventory) == why


def test_what_is_not_stated_is_taken_as_the_targets_and_that_is_said() -> None:
    found = standing(SAME, [Inventory(2025, D(7000))])
    assert found.status == "ahead"
    assert found.why.endswith("It does not state its boundary, gases, scopes; taken as the target's.")
    frame = Inventory(2025, D(7000), boundary="same", gases=("CO2", "CH4", "N2O", "SF6"), scopes=(1, 2, 3), includes_grid_generation=False)
    found = standing(SAME, [frame])
    assert found.why.endswith("It also counts scope 3, which the target does not cover, so progress may look too small.")
    assert standing(V1, [frame]).why == "2025 is the latest year with emissions that can be compared with the target."


def sectors(**cells: int | str) -> tuple[SectorCell, ...]:
    named = {code.replace("_", "."): value for code, value in cells.items()}
    return tuple(SectorCell(c, None, v) if isinstance(v, str) else SectorCell(c, D(v)) for c, v in named.items())


@pytest.mark.parametrize(
    ("sector", "cells", "counts"),
    [
        ("transport", sectors(II=7, I=5), 7),
        ("transport", sectors(transport=6, II=7), 6),
        ("transport", sectors(II_1=3, II_2=2, II_1_1=3, II_3="NO"), 5),
        ("transport", sectors(II_1_1=3, II_1_2=4, III=9), 7),
        ("waste", sectors(iii=9), 9),
        ("energy", sectors(I=5), 5),
        ("ippu", sectors(IV=4), 4),
        ("afolu", sectors(V=-2), -2),
        ("other", sectors(VI=1), 1),
        ("buildings", sectors(I_1=3, I_2_1=2, I_2_2=2, I_3=50), 7),
        ("all", sectors(I=5), 100),
        ("transport", (), 100),
    ],
)
def test_a_sector_target_counts_its_sectors_cell(sector: str, cells: tuple[SectorCell, ...], counts: int) -> None:
    inventory = Inventory(2025, D(100), sectors=cells)
    target = absolute(10_000, 50, 2020, 2030, sector=sector)
    found = standing(target, [inventory])
    assert found.inventory is not None
    assert found.inventory.emissions_t == counts
    assert ("Of this inventory the sector" in found.why) == (counts != 100)
    assert path(target, [inventory])[5].reported_t == counts


@pytest.mark.parametrize(
    ("sector", "cells", "why"),
    [
        ("transport", sectors(I=5), "It has no figure for the sector transport."),
        ("transport", sectors(I=5, II="IE"), "It has no figure for the sector transport, only the notation key IE (included elsewhere)."),
        ("transport", sectors(II="NE", II_1=4), "It has no figure for the sector transport, only the notation key NE (not estimated)."),
        ("transport", sectors(II_1="NE"), "It has no figure for the sector transport."),
        ("buildings", sectors(I=9, I_1=5), "It has no figure for the sector buildings."),
    ],
)
def test_a_sector_that_is_not_reported_cannot_be_compared(sector: str, cells: tuple[SectorCell, ...], why: str) -> None:
    assert passed_over(absolute(10_000, 50, 2020, 2030, sector=sector), Inventory(2025, D(100), sectors=cells)) == why


def test_power_plants_matter_only_to_targets_that_cover_energy() -> None:
    inventory = Inventory(2025, D(100), sectors=sectors(I=90, III=6), includes_grid_generation=True)
    by_sector = {name: standing(absolute(10, 50, 2020, 2030, sector=name), [inventory]).status for name in ("all", "energy", "waste")}
    assert by_sector == {"all": "no_data", "energy": "no_data", "waste": "ahead"}


def test_a_recalculated_base_year_replaces_the_promised_one_from_its_inventory_on() -> None:
    recalculated = Inventory(2025, D(9000), base_year_emissions_t=D(12_000))
    found = standing(V1, [recalculated])
    assert [found.reduction_percent, found.achieved_percent, found.base_year_emissions_t] == [25, 50, 12_000]
    assert found.why.endswith("Measured against the base year as recalculated with the inventory of 2025: 12,000 t CO2e instead of 10,000.")
    later = standing(V1, [recalculated, Inventory(2027, D(6000))])
    assert [later.achieved_percent, later.base_year_emissions_t] == [100, 12_000]
    earlier = standing(V1, [Inventory(2024, D(8000)), Inventory(2025, None, base_year_emissions_t=D(12_000))])
    assert [earlier.achieved_percent, earlier.base_year_emissions_t] == [40, 10_000]


def test_a_recalculated_base_year_in_the_other_types() -> None:
    per_head = standing(PER_HEAD, [Inventory(2020, D(960), D(100), base_year_emissions_t=D(1200))])  # 12 t per head, then 9.6
    assert [per_head.reduction_percent, per_head.achieved_percent, per_head.base_year_emissions_t] == [20, 40, 1200]
    bau = standing(BAU, [Inventory(2020, D(120), base_year_emissions_t=D(120))])  # U_2020 = 160
    assert [bau.reduction_percent, bau.achieved_percent] == [0, 50]
    fixed = Target("fixed_level", 2010, D(100), target_year=2030, target_emissions_t=D(50))
    assert standing(fixed, [Inventory(2020, D(125), base_year_emissions_t=D(150))]).achieved_percent == 25
    per_gdp = Target("base_year_intensity", 2010, None, D(50), 2030, intensity=Intensity("per_gdp", D(10), D(140)))
    cannot = standing(per_gdp, [Inventory(2020, D(960), D(100), base_year_emissions_t=D(1200))])
    assert cannot.reduction_percent == 4
    assert cannot.why.endswith("Its recalculated base year is not used, because the population or GDP of the base year is not known.")
    people = Target(
        "base_year_intensity", 2010, None, D(50), 2030, intensity=Intensity("per_capita", D(10), D(140)), base_year_population=100
    )
    assert standing(people, [Inventory(2020, D(960), D(100), base_year_emissions_t=D(1200))]).reduction_percent == 20


def test_of_two_inventories_of_a_year_the_verified_one_counts_else_the_higher() -> None:
    one, other = Inventory(2025, D(7000)), Inventory(2025, D(8000))
    found = standing(V1, [one, other])
    assert (found.inventory, found.passed_over) == (other, ((2025, "It is the second one of its year."),))
    verified = Inventory(2025, D(7000), verified=True)
    assert standing(V1, [other, verified]).inventory == verified


CASES = [
    (V1, (Inventory(2025, D(7000)),)),
    (V1, (Inventory(2025, D(9000), base_year_emissions_t=D(12_000)), Inventory(2033, D("6999.5")))),
    (Target("fixed_level", 2007, D(1252913), target_year=2025, target_emissions_t=D(438520)), (Inventory(2020, D(986161)),)),
    (PER_HEAD, (Inventory(2020, D(960), D(120)), Inventory(2023, D(900), D(117), base_year_emissions_t=D(1100)))),
    (BAU, (Inventory(2013, D(120)),)),
    (BAU, (Inventory(2030, D(120)),)),
    (BAU, (Inventory(2035, D(120), base_year_emissions_t=D(90)),)),
]


@pytest.mark.parametrize(("target", "inventories"), CASES)
def test_each_figure_can_be_computed_again_from_its_formula_and_inputs(target: Target, inventories: tuple[Inventory, ...]) -> None:
    found = standing(target, inventories)
    as_shown = shown(target, found)
    given = [figure for figure in (*as_shown["figures"], *figures(target, found)) if figure["value"] is not None]
    assert len(given) >= 9
    for figure in given:
        assert recomputed(figure) == figure["value"], figure
    for name in ("reduction_percent", "achieved_percent", "expected_percent"):
        assert named(as_shown["figures"], name)["value"] == as_shown[name]
    level = named(figures(target, found), "years.required_t")
    for row in path(target, inventories):
        assert recomputed(level, year=row.year) == float(row.required_t), row
        assert row.gap_t is None or row.gap_t == row.reported_t - row.required_t  # type: ignore[operator]


def test_names_of_the_figures_are_unique() -> None:
    for target, inventories in CASES:
        names = [figure["name"] for figure in figures(target, standing(target, inventories))]
        assert len(set(names)) == len(names)
        assert {"target_year_emissions_t", "annual_rate_points", "annual_rate_compound", "years.required_t", "years.gap_t"} <= set(names)


def test_it_is_shown_in_the_agreed_shape() -> None:
    inventory = Inventory(2025, D("7000.5"), typed_percent=D("60.1"))
    as_shown = shown(V1, standing(V1, [inventory, Inventory(2024, None)]))
    assert as_shown.keys() == UNASSESSED["progress"].keys() == shown(V1, standing(V1, [])).keys()
    assert (as_shown["emissions_t"], as_shown["reported_percent_achieved"], as_shown["base_year_emissions_t"]) == (7000.5, 60.1, 10_000)
    assert as_shown["inventory"]["year"] == 2025
    assert as_shown["inventory"]["passed_over"] == [{"year": 2024, "why": "It has no total."}]
    nothing = shown(V1, standing(V1, []))
    assert (nothing["figures"], nothing["inventory"]["year"], nothing["emissions_t"]) == ([], None, None)
    assert nothing["inventory"]["why"] == nothing["reason"]


def test_the_rates_of_the_path_start_from_the_inventory_that_counts() -> None:
    target = absolute("19835303", 30)
    found = figures(target, standing(target, [Inventory(2019, D("18688721.55"))]))
    assert named(found, "annual_rate_compound")["value"] == 2.665
    assert named(figures(target, standing(target, [])), "annual_rate_compound")["value"] == 1.4166
    over = figures(target, standing(target, [Inventory(2031, D(19))]))
    assert named(over, "annual_rate_compound")["value"] is None


def test_the_rate_of_an_intensity_target_is_that_of_the_intensity() -> None:
    found = figures(PER_HEAD, standing(PER_HEAD, [Inventory(2020, D(960), D(120))]))  # from 8 to 5 t per head in 10 years
    assert named(found, "annual_rate_compound")["value"] == 4.5913


def test_nothing_depends_on_the_callers_context() -> None:
    target = absolute("19835303", 30)
    with localcontext(prec=3):
        found = standing(target, [Inventory(2019, D("18688721.55"))])
    assert found.achieved_percent == D("19.2684")
