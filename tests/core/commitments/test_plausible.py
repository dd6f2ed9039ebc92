"""Typing errors in real rows (CDP-ICLEI city targets, 2019-2021, self-reported) are caught, and sane rows are left alone."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.core.commitments.inventories import Inventory
from services.core.commitments.plausible import doubts
from services.core.commitments.rules import BaselineScenario, Context, Finding, Intensity, Target, blocking

D = Decimal
CONTEXT = Context(2021)
BASE, SCENARIO, STATED = "/base_year_emissions_t", "/baseline_scenario/target_year_emissions_t", "/reported_target_year_emissions_t"


def absolute(base: str, percent: str, years: tuple[int, int], **members: str) -> Target:
    return Target(
        "base_year_absolute",
        years[0],
        D(base),
        D(percent),
        years[1],
        boundary=members.get("boundary", "same"),
        sector=members.get("sector", "all"),
    )


def scenario(base: str | None, usual: str, percent: str, years: tuple[int, int], **members: str) -> Target:
    kept = absolute(base or "0", percent, years, **members)
    return replace(
        kept, target_type="baseline_scenario", base_year_emissions_t=D(base) if base else None, baseline_scenario=BaselineScenario(D(usual))
    )


def found(target: Target, population: int | None = None) -> list[tuple[str, str]]:
    return [(f.severity, f.pointer) for f in doubts(target, replace(CONTEXT, population=population))]


def only(target: Target, context: Context = CONTEXT) -> Finding:
    (finding,) = doubts(target, context)
    return finding


def test_shizuoka_too_steep_and_too_much_a_person() -> None:
    target = absolute("55422500", "90.97", (2013, 2022))
    assert only(target).message == "90.97 percent from 2013 to 2022 is 10.11 points a year. Are the years and the percentage right?"
    assert found(target, 690000) == [("info", BASE), ("warning", "/reduction_percent")]


def test_seberang_perai_per_person_in_fields_for_tonnes_and_a_year_among_them() -> None:
    assert found(scenario("8.05", "11.42", "60", (2016, 2022)), 1108000) == [("warning", BASE), ("warning", SCENARIO)]
    intensity = Target(
        "base_year_intensity", 2016, D(7434910), D(50), 2022, boundary="same", intensity=Intensity("per_capita", D("8.05")),
        reported_target_year_emissions_t=D(2022),
    )  # fmt: skip
    assert only(intensity, replace(CONTEXT, population=1108000)).message == "2022 looks like a year, but the field is for t CO2e."


def test_yasothon_business_as_usual_below_the_base_year() -> None:
    assert "4,300 t, less than the 6,500 t of the base year" in only(scenario("6500", "4300", "35", (2019, 2030), sector="waste")).message


def test_muar_and_an_intensity_target_that_allows_more() -> None:
    muar = Target(
        "base_year_intensity", 2017, D(1620000), D(63), 2030, 2030, intensity=Intensity("per_capita", D("5.8")),
        reported_target_year_emissions_t=D(4378000),
    )  # fmt: skip
    assert "4,378,000 t, more than the 1,620,000 t of the base year" in only(muar).message
    grows = replace(muar, reported_target_year_emissions_t=None, intensity=Intensity("per_capita", D("5.8"), D(2000000)))
    assert only(grows).pointer == "/intensity/projected_denominator"


def test_legazpi_typed_a_share() -> None:
    target = scenario("20863.56", "30000", "0.03", (2018, 2030), sector="afolu")
    assert only(target).message == "A reduction of 0.03 percent is very small. If a share was meant, it is 3 percent."


def test_nongsamrong_a_tenth_of_a_tonne() -> None:
    assert found(scenario("0.1", "0.16", "20", (2016, 2030)), 28913) == [("warning", BASE), ("warning", SCENARIO)]


def test_daegu_business_as_usual_790_times_the_base() -> None:
    target = scenario("249736", "197200000", "18.1", (2018, 2030), sector="buildings", boundary="smaller")
    assert "197,200,000 t, 790 times the 249,736 t" in only(target).message


def test_yokohamas_population_had_a_digit_too_many() -> None:
    target = replace(absolute("21590000", "30", (2013, 2030)), base_year_population=37341317, projected_population=3730000)
    assert only(target, replace(CONTEXT, population=3776146)).pointer == "/base_year_population"
    assert "37,341,317 people here, 3,776,146 elsewhere" in only(target, replace(CONTEXT, population=3776146)).message
    assert only(target).pointer == "/projected_population"
    per_head = replace(target, base_year_population=None, intensity=Intensity("per_capita", D("5.7"), D(3700000)))
    report = Inventory(2019, D(17000000), D(37341317))
    assert only(per_head, Context(2021, population=3776146, inventories=(report,))).pointer == "/progress_reports/2019/population"


def test_kinmens_unit_is_free_text_and_nothing_is_stored() -> None:
    target = Target("base_year_intensity", 2005, None, D(10), 2025, 2025, intensity=Intensity("other"))
    assert only(target).pointer == "/intensity/unit"
    assert [f.rule for f in blocking(target)] == ["R0", "R0"]


def test_dipolog_has_no_target_year_and_is_much_for_its_people() -> None:
    target = Target("base_year_absolute", 2021, D(12097327), D(75), None, 2030)
    assert [(f.rule, f.pointer) for f in blocking(target)] == [("R0", "/target_year")]
    assert found(target, 130759) == [("info", BASE)]


def test_goyangs_empty_rows_are_refused() -> None:
    for kind in ("fixed_level", "baseline_scenario"):
        assert {f.rule for f in blocking(Target(kind))} == {"R0"}


def test_other_units_and_years() -> None:
    assert found(absolute("25427", "100", (2010, 2050)), 1790000) == [("warning", BASE)]  # Kuala Lumpur, thousand tonnes
    assert found(absolute("65", "50", (2030, 2050)), 5685807) == [("warning", BASE), ("warning", "/base_year")]  # Singapore, Mt
    assert found(absolute("1.84", "5", (2014, 2020), boundary="government_operations")) == [("warning", BASE)]  # Matsubushi
    fixed = Target("fixed_level", 2007, D(1252913), target_year=2025, target_emissions_t=D(2025))
    assert only(fixed).pointer == "/target_emissions_t"
    assert only(replace(fixed, target_emissions_t=D(1300000))).pointer == "/target_emissions_t"


@pytest.mark.parametrize(
    ("target", "population"),
    [
        (absolute("67372856", "20", (2005, 2030)), 2765932),  # Kaohsiung
        (absolute("67372856", "100", (2005, 2050)), 2765932),
        (absolute("21590000", "30", (2013, 2030)), 3776146),  # Yokohama
        (absolute("7840000", "40", (2013, 2030)), 1452549),  # Kyoto
        (absolute("421884", "25", (2010, 2030)), 349565),  # Batangas City
        (absolute("1252913", "35", (2007, 2020)), 29889),  # Adelaide
        (absolute("5815521", "70", (2006, 2030)), 248736),  # Sydney
        (absolute("2242000", "1.8", (1990, 2020)), 570024),  # Itabashi
        (absolute("313.93", "97", (2018, 2023), boundary="government_operations"), None),  # Minamiise
        (absolute("2000", "40", (2013, 2030), boundary="government_operations"), 14736),
        (replace(absolute("3344", "40", (2013, 2030)), reported_target_year_emissions_t=D("2006.4")), None),
        (replace(absolute("4000", "50", (2013, 2030)), reported_target_year_emissions_t=D(2000)), None),
        (scenario("9341782", "35000000", "30", (2010, 2030)), 10562088),  # Jakarta
        (scenario("1323755", "2639566", "20", (2012, 2030)), 843810),  # Malang
        (scenario("954593", "5846878", "19.39", (2010, 2020)), 688318),  # Balikpapan
        (scenario("118381", "118381", "100", (2018, 2030), sector="waste", boundary="smaller"), 2446144),  # Daegu
        (Target("fixed_level", target_year=2050, target_emissions_t=D(0)), 1400000),  # Kyoto
    ],
)  # fmt: skip
def test_sane_rows_are_left_alone(target: Target, population: int | None) -> None:
    assert found(target, population) == []


def about(target: Target, *inventories: Inventory, reporting_year: int = 2026) -> list[tuple[str, str, str]]:
    found = doubts(target, Context(reporting_year, inventories=inventories))
    return [(f.severity, f.pointer, f.message) for f in found]


def test_an_inventory_of_a_year_to_come() -> None:
    target = absolute("10000", "50", (2020, 2030))
    ((severity, pointer, message),) = about(target, Inventory(2150, D(4000)), Inventory(2026, D(7000)))
    assert (severity, pointer) == ("warning", "/progress_reports/2150/year")
    assert message == "The inventory is of 2150, a year that is not over: the reporting year is 2026. Is the year a typing error?"


def test_the_base_year_and_its_own_inventory() -> None:
    target = absolute("10000", "50", (2020, 2030))
    ((severity, pointer, message),) = about(target, Inventory(2020, D(12000)))
    assert (severity, pointer) == ("warning", BASE)
    assert message.startswith("The target starts from 10,000 t in 2020; the inventory of that year says 12,000 t.")
    assert about(target, Inventory(2020, D(10050))) == []
    assert len(about(target, Inventory(2020, D(10051)))) == 1
    assert about(target, Inventory(2021, D(12000))) == []
    assert about(target, Inventory(2020, D(12000), boundary="partial")) == [], "another area is not compared"
    assert about(target, Inventory(2020, D(12000)), Inventory(2025, D(9000), base_year_emissions_t=D(12000))) == [], "recalculated"


def test_an_intensity_times_its_people_is_the_base_year() -> None:
    target = Target(
        "base_year_intensity", 2010, D(1000000), D(50), 2030, intensity=Intensity("per_capita", D(10)), base_year_population=100000
    )
    assert about(target) == []
    ((severity, pointer, message),) = about(replace(target, base_year_population=101000))
    assert (severity, pointer) == ("warning", "/intensity/base_value")
    assert "10 t a person for 101,000 people are 1,010,000 t, but the base year has 1,000,000 t." in message
    assert about(replace(target, base_year_population=100500)) == [], "half a percent"
    assert about(replace(target, intensity=Intensity("per_gdp", D(99)))) == []
    assert about(replace(target, base_year_emissions_t=None)) == []


def test_amounts_below_zero_are_net_removals_perhaps() -> None:
    fixed = Target("fixed_level", 2010, D(10000), target_year=2050, target_emissions_t=D(-500))
    ((severity, pointer, message),) = about(fixed)
    assert (severity, pointer) == ("info", "/target_emissions_t")
    assert message == "-500 t is less than nothing. Is more taken out of the air than is emitted (net removals)?"
    assert [each[:2] for each in about(replace(fixed, target_emissions_t=D(0)), Inventory(2020, D(-1)))] == [
        ("info", "/progress_reports/2020/emissions_t")
    ]
