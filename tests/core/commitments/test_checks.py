"""What the standards say of a stored target: each rule, each severity, each pointer."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.core.commitments import checks
from services.core.commitments.inventories import Inventory, SectorCell
from services.core.commitments.progress import standing
from services.core.commitments.rules import BaselineScenario, Context, Finding, Intensity, Measure, Target

D = Decimal
GASES = ("CO2", "CH4", "N2O")
JAPANESE = Target(
    "base_year_absolute", 2013, D(21590000), D(46), 2030, 2018, sector="all", boundary="same", gases=GASES, scopes=(1, 2),
    conditional_percent=D(0), uses_credits=False, net_zero=False, reported_target_year_emissions_t=D(11658600),
)  # fmt: skip
SECTORS = (SectorCell("energy", D(9000000)), SectorCell("transport", D(4000000)), SectorCell("waste", D(1000000)))
INVENTORY = Inventory(
    2019, D(14000000), boundary="same", gases=GASES, scopes=(1, 2), sectors=SECTORS, reported_on=date(2020, 5, 1),
)  # fmt: skip
CONTEXT = Context(2021, (), "JP", 3776146, date(2017, 1, 1), (INVENTORY,))


def assess(target: Target = JAPANESE, context: Context = CONTEXT) -> list[Finding]:
    return checks.assess(target, context, standing(target, context.inventories, context.reporting_year))


def codes(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f.rule, f.severity, f.pointer) for f in findings]


def of(rule: str, findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.severity, f.pointer) for f in findings if f.rule == rule]


def reporting(**members: Any) -> Context:
    return replace(CONTEXT, inventories=(replace(INVENTORY, **members),))


def test_a_sound_target_with_a_sound_inventory_has_no_findings() -> None:
    assert assess() == []


def test_what_cannot_be_assessed_says_so_and_is_never_a_pass() -> None:
    found = assess(Target("base_year_absolute", 2005, D(1000), D(20), 2040), Context())
    assert [f.rule for f in found] == [
        "R1", "R2", "R4", "R5", "R5", "R7", "R8", "R8", "R9", "R10", "R10", "R13", "year_set", "regressing",
    ]  # fmt: skip
    for finding in found:
        assert finding.severity == "info"
        assert finding.message.startswith("Not assessed, because ")


def test_r1_ambition_against_the_nation() -> None:
    below = assess(replace(JAPANESE, reduction_percent=D(30), reported_target_year_emissions_t=D(15113000)))
    assert codes(below) == [("R1", "warning", "/reduction_percent")]
    assert "46 percent below 2013 by 2030; this target comes to 30 percent" in below[0].message
    taiwan = assess(context=replace(CONTEXT, country="TW"))
    assert codes(taiwan) == [("R1", "info", "/reduction_percent"), ("R5", "info", "/target_year")]
    assert taiwan[0].message == "Not assessed, because TW is no party to the UNFCCC, so it has no NDC."
    for country, clause in (
        ("TW", "TW is no party to the UNFCCC"),
        ("US", "no NDC of US is on file here"),
        (None, "the country is not known"),
    ):
        said = [f.message for f in assess(context=replace(CONTEXT, country=country)) if f.rule in {"R1", "R5"}]
        assert len(said) == 2
        assert all(f"Not assessed, because {clause}" in each for each in said), "in the same words"


@pytest.mark.parametrize(
    ("boundary", "severity"),
    [("government_operations", "warning"), ("partial", "warning"), ("smaller", "info"), ("larger", "info")],
)
def test_r2_boundary(boundary: str, severity: str) -> None:
    found = assess(replace(JAPANESE, boundary=boundary), reporting(boundary=boundary))
    assert of("R2", found) == [(severity, "/boundary")]
    if boundary == "government_operations":
        assert any("not the city's headline target" in f.message for f in found)


def test_r2_goyangs_energy_target_is_not_city_wide() -> None:
    found = [f for f in assess(replace(JAPANESE, sector="energy")) if f.rule == "R2"]
    assert codes(found) == [("R2", "info", "/sector")]
    assert "not a city-wide headline target" in found[0].message


def test_r2_the_inventory_is_about_the_same() -> None:
    differing = [f for f in assess(context=reporting(boundary="larger")) if f.rule == "R2"]
    assert codes(differing) == [("R2", "warning", "/progress_reports/2019/boundary")]
    assert "The 2019 inventory covers a larger area than the city, but the target covers the whole city." in differing[0].message
    assert of("R2", assess(context=reporting(boundary=None))) == [("info", "/progress_reports/2019/boundary")]
    assert of("R2", assess(context=replace(CONTEXT, inventories=()))) == [("info", "/progress_reports")]


def test_r4_what_the_city_states_follows_from_its_own_numbers() -> None:
    half = replace(JAPANESE, reported_target_year_emissions_t=D(11658600 + 107950))
    assert assess(half) == []
    wrong = assess(replace(half, reported_target_year_emissions_t=D(11658600 + 107951)))
    assert codes(wrong) == [("R4", "warning", "/reported_target_year_emissions_t")]
    assert "states 11,766,551 t for the target year; its own numbers give 11,658,600 t" in wrong[0].message
    assert codes(assess(replace(JAPANESE, reported_target_year_emissions_t=None))) == [("R4", "info", "/reported_target_year_emissions_t")]
    small = replace(JAPANESE, base_year_emissions_t=D(150), boundary="government_operations")
    stated = D("81") + 1
    assert of("R4", assess(replace(small, reported_target_year_emissions_t=stated))) == []
    assert of("R4", assess(replace(small, reported_target_year_emissions_t=stated + D("0.1")))) == [
        ("warning", "/reported_target_year_emissions_t")
    ]


@pytest.mark.parametrize(
    ("city", "base", "percent", "stated"),
    [  # CDP-ICLEI 2021 city targets
        ("Kaohsiung", "67372856", "20", "53898284.8"),
        ("Yokohama", "21590000", "30", "15113000"),
        ("Kyoto", "7840000", "40", "4704000"),
        ("Batangas City", "421884", "25", "316413"),
        ("Goyang", "6143602", "15.6", "5185200.088"),
        ("Shizuoka", "55422500", "90.97", "5004651.75"),
        ("Yala", "32993.54", "0.1", "32960.54646"),
    ],
)
def test_r4_real_rows_hold(city: str, base: str, percent: str, stated: str) -> None:
    target = Target("base_year_absolute", 2013, D(base), D(percent), 2030, reported_target_year_emissions_t=D(stated))
    assert of("R4", assess(target)) == [], city


def test_r5_a_far_target_needs_an_interim_one() -> None:
    far = replace(JAPANESE, target_year=2050, reduction_percent=D(100), reported_target_year_emissions_t=D(0))
    assert of("R5", assess(far)) == [("warning", "/target_year")]
    assert of("R5", assess(far, replace(CONTEXT, interim_target_years=(2035,)))) == [("warning", "/target_year")]
    assert of("R5", assess(far, replace(CONTEXT, interim_target_years=(2035, 2030)))) == []
    assert of("R5", assess(far, replace(CONTEXT, interim_target_years=None))) == [("info", "/target_year")]
    assert of("R5", assess(replace(far, is_interim=True))) == []
    assert of("R5", assess(replace(JAPANESE, target_year=None))) == [("info", "/target_year")]


def test_r5_not_before_the_nations_year() -> None:
    early = [f for f in assess(replace(JAPANESE, target_year=2025)) if f.rule == "R5"]
    assert codes(early) == [("R5", "warning", "/target_year")]
    assert "2025 is earlier than the 2030 of the NDC of JP" in early[0].message
    assert of("R5", assess(replace(JAPANESE, target_year=2025, is_interim=True))) == []
    for later, findings in (((2030,), 0), ((2027, 2050), 0), ((2029,), 1)):
        context = replace(CONTEXT, later_target_years=later)
        assert len(of("R5", assess(replace(JAPANESE, target_year=2025), context))) == findings, later


def test_r6_what_the_city_does_not_estimate_is_said() -> None:
    """Jakarta and Suwon, CDP-ICLEI 2021."""
    jakarta = Target("baseline_scenario", 2010, D(9341782), D(30), 2030, baseline_scenario=BaselineScenario(D(35000000)))
    found = [f for f in assess(jakarta) if f.rule in {"R4", "R6"}]
    assert codes(found) == [("R6", "info", "/reported_target_year_emissions_t")]
    assert found[0].message == "The city gives no estimate of its emissions in 2030. From its numbers they are 24,500,000 t."
    suwon = Target("base_year_intensity", 2005, None, D(40), 2030, intensity=Intensity("per_capita", D("5.54"), D(1200000)))
    assert "are 3,988,800 t." in next(f.message for f in assess(suwon) if f.rule == "R6")
    assert of("R6", assess(replace(jakarta, reported_target_year_emissions_t=D(24500000)))) == []
    assert of("R4", assess(replace(jakarta, reported_target_year_emissions_t=D(24500000)))) == []
    assert of("R4", assess(replace(jakarta, reported_target_year_emissions_t=D(25000000)))) == [
        ("warning", "/reported_target_year_emissions_t")
    ]
    unknown = next(f for f in assess(replace(jakarta, baseline_scenario=None)) if f.rule == "R6")
    assert unknown.message.startswith("Not assessed, because ")


def test_r7_an_old_inventory_is_stale() -> None:
    assert of("R7", assess(context=replace(CONTEXT, reporting_year=2023))) == []
    old = [f for f in assess(context=replace(CONTEXT, reporting_year=2024)) if f.rule == "R7"]
    assert codes(old) == [("R7", "warning", "/progress_reports/2019/year")]
    assert old[0].message == "The 2019 inventory is 5 years old; 4 are the most. Report a newer one."
    assert of("R7", assess(context=replace(CONTEXT, reporting_year=None))) == [("info", "/progress_reports/2019")]


def test_r8_gases_of_the_target() -> None:
    only = [f for f in assess(replace(JAPANESE, gases=("CO2",))) if f.rule == "R8"]
    assert codes(only) == [("R8", "warning", "/gases")]
    assert "only CO2" in only[0].message
    two = [f for f in assess(replace(JAPANESE, gases=("CO2", "N2O"))) if f.rule == "R8"]
    assert "The target lacks CH4." in two[0].message
    assert assess(replace(JAPANESE, gases=("N2O", "HFC", "CH4", "CO2")), reporting(gases=(*GASES, "HFC"))) == []


def test_r8_the_inventory_minimum() -> None:
    assert of("R8", assess(context=reporting(gases=("CO2",)))) == [("warning", "/progress_reports/2019/gases")]
    assert of("R8", assess(context=reporting(scopes=(1,)))) == [("warning", "/progress_reports/2019/scopes")]
    assert of("R8", assess(context=reporting(gases=(), scopes=(), sectors=()))) == [
        ("info", "/progress_reports/2019/gases"),
        ("info", "/progress_reports/2019/scopes"),
        ("info", "/progress_reports/2019/sectors"),
    ]
    two = (*SECTORS[:2], SectorCell("waste", notation_key="NE"))
    found = [f for f in assess(context=reporting(sectors=two, emissions_t=D(13000000))) if f.rule == "R8"]
    assert codes(found) == [("R8", "warning", "/progress_reports/2019/sectors")]
    assert "covers 2 of at least 3 sectors: energy, transport." in found[0].message


@pytest.mark.parametrize(("key", "covers"), [("IE", True), ("C", True), ("NO", False), ("NE", False)])
def test_r8_a_sector_is_covered_by_a_value_or_where_its_emissions_are_counted(key: str, covers: bool) -> None:
    sectors = (*SECTORS[:2], SectorCell("waste", notation_key=key))
    found = of("R8", assess(context=reporting(sectors=sectors, emissions_t=D(13000000))))
    assert (("warning", "/progress_reports/2019/sectors") not in found) == covers


def gpc(*rows: tuple[str, int | str]) -> tuple[SectorCell, ...]:
    return tuple(SectorCell(code, None, value) if isinstance(value, str) else SectorCell(code, D(value)) for code, value in rows)


@pytest.mark.parametrize(
    ("rows", "grid", "severity"),
    [
        ((("I", 900), ("II", 400), ("III", 100)), None, None),
        ((("I.1", 500), ("I.2", 400), ("II.1", 400), ("III.1", "NO"), ("III.4", 100)), None, None),
        ((("I", 900), ("I.1", 500), ("I.2", 400), ("II", 400), ("III", 100)), None, None),
        ((("I", "IE"), ("I.1", 500), ("I.2", 400), ("II", 400), ("III", 100)), None, None),
        ((("I", 900), ("II", 400), ("III", 92)), None, "warning"),
        ((("I", 900), ("II", 400), ("III", 93)), None, None),
        ((("I", 900), ("II", 400), ("III", 100), ("I.4.4", 600)), None, None),
        ((("I.1", 900), ("II", 400), ("III", 100), ("I.4.4", 600)), None, None),
        ((("I.1", 300), ("II", 400), ("III", 100), ("I.4.4", 600)), True, None),
        ((("I", 900), ("II", 400), ("III.1", 100), ("III.1.3", 50)), None, None),
        ((("I", 900), ("II", 400), ("III.1.1", 100), ("III.1.3", 50)), None, None),
        ((("I", 900), ("II", 400), ("III", "C")), None, "info"),
    ],
)  # fmt: skip
def test_r8_a_total_is_the_sum_of_its_rows(rows: tuple[tuple[str, int | str], ...], grid: bool | None, severity: str | None) -> None:
    context = reporting(emissions_t=D(1400), sectors=gpc(*rows), includes_grid_generation=grid)
    found = [each for each in of("R8", assess(context=context)) if "emissions_t" in each[1]]
    assert found == ([(severity, "/progress_reports/2019/emissions_t")] if severity else [])


def test_r8_taichungs_total_was_one_of_its_rows() -> None:
    found = [f for f in assess(context=reporting(emissions_t=D(9000000))) if f.rule == "R8"]
    assert found[0].message == "The 2019 inventory says 9,000,000 t in all, but its sectors add up to 14,000,000 t. Correct one."


def test_r9_the_clock_runs_from_joining() -> None:
    joined = replace(CONTEXT, joined_on=date(2015, 6, 1))
    assert of("R9", assess(context=joined)) == [("warning", "/year_set")]
    assert of("R9", assess(context=replace(joined, joined_on=date(2016, 1, 1)))) == []
    assert of("R9", assess(context=replace(CONTEXT, joined_on=None))) == [("info", "/year_set")]
    assert of("R9", assess(replace(JAPANESE, year_set=None))) == [("info", "/year_set")]


def test_r9_a_report_every_two_years() -> None:
    assert of("R9", assess(context=replace(CONTEXT, reporting_year=2022))) == []
    late = [f for f in assess(context=replace(CONTEXT, reporting_year=2023)) if f.rule == "R9"]
    assert codes(late) == [("R9", "warning", "/progress_reports")]
    assert late[0].message == "The last report is of 2020. A report is due every 2 years."
    never = replace(CONTEXT, inventories=(), joined_on=date(2019, 1, 1))
    assert of("R9", assess(context=never)) == []
    assert of("R9", assess(context=replace(never, joined_on=date(2018, 12, 31)))) == [("warning", "/progress_reports")]
    assert of("R9", assess(context=reporting(reported_on=None))) == [("info", "/progress_reports")]


def test_r10_credits_and_conditions() -> None:
    assert of("R10", assess(replace(JAPANESE, uses_credits=True))) == [("warning", "/uses_credits")]
    step = [f for f in assess(replace(JAPANESE, uses_credits=True, is_interim=True)) if f.rule == "R10"]
    assert codes(step) == [("R10", "warning", "/uses_credits")] * 2
    assert "recommendation 3" in step[1].source
    assert of("R10", assess(replace(JAPANESE, conditional_percent=D(10)))) == [("info", "/conditional_percent")]
    assert of("R10", assess(replace(JAPANESE, conditional_percent=None))) == [("info", "/conditional_percent")]


def test_r13_net_zero_by_2050() -> None:
    zero = replace(JAPANESE, net_zero=True, reduction_percent=D(100))
    assert of("R13", assess(replace(zero, target_year=2051))) == [("warning", "/target_year")]
    assert of("R13", assess(replace(zero, target_year=2050))) == []
    assert of("R13", assess(replace(JAPANESE, net_zero=False, target_year=2060))) == []


ZERO = replace(JAPANESE, net_zero=True, reported_target_year_emissions_t=None)
FIXED_ZERO = replace(ZERO, target_type="fixed_level", reduction_percent=None, target_emissions_t=D(4318000))
BAU_ZERO = replace(ZERO, target_type="baseline_scenario", reduction_percent=D(80), baseline_scenario=BaselineScenario(D(21590000)))
HEADS_ZERO = replace(ZERO, target_type="base_year_intensity", reduction_percent=D(80), intensity=Intensity("per_capita", D(5), D(9000000)))


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (replace(ZERO, reduction_percent=D(80)), None),
        (replace(ZERO, reduction_percent=D("79.9")), "20.1 percent of the base year's emissions; 20 are the most."),
        (FIXED_ZERO, None),
        (replace(FIXED_ZERO, target_emissions_t=D(10795000)), "50 percent of the base year's emissions"),
        (BAU_ZERO, None),
        (replace(BAU_ZERO, baseline_scenario=BaselineScenario(D(43180000))), "40 percent of the base year's emissions"),
        (HEADS_ZERO, None),
        (replace(HEADS_ZERO, reduction_percent=D(60)), "40 percent of the base year's intensity"),
        (replace(ZERO, reduction_percent=D(10), net_zero=False), None),
        (replace(FIXED_ZERO, base_year_emissions_t=None, target_emissions_t=D(0)), None),
        (replace(FIXED_ZERO, base_year_emissions_t=None), "Not assessed, because"),
    ],
)
def test_r13_little_is_left_at_net_zero(target: Target, found: str | None) -> None:
    said = [f for f in assess(target) if f.rule == "R13"]
    assert len(said) == (0 if found is None else 1)
    assert found is None or found in said[0].message
    assert [(f.severity, f.pointer) for f in said] in ([], [("warning", "/net_zero")], [("info", "/base_year_emissions_t")])


def test_a_year_set_after_the_reporting_year_is_a_typing_error() -> None:
    assert codes(assess(replace(JAPANESE, year_set=2022), replace(CONTEXT, joined_on=date(2020, 1, 1)))) == [
        ("year_set", "warning", "/year_set")
    ]
    assert of("year_set", assess(context=replace(CONTEXT, reporting_year=None))) == [("info", "/year_set")]


def test_regressing_names_the_numbers() -> None:
    sectors = gpc(("energy", 20000000), ("transport", 2000000), ("waste", 668000))
    found = [f for f in assess(context=reporting(emissions_t=D(22669500), sectors=sectors)) if f.rule == "regressing"]
    assert codes(found) == [("regressing", "warning", "/progress_reports/2019/emissions_t")]
    assert "The 2019 inventory (22,669,500 t) is 5 percent above the base year" in found[0].message
    assert of("regressing", assess(context=reporting(emissions_t=D(21590000)))) == []


def typing(target: Target, year: int, emissions: str, typed: str) -> list[Finding]:
    inventory = Inventory(year, D(emissions), typed_percent=D(typed))
    return [f for f in assess(target, replace(CONTEXT, inventories=(inventory,))) if f.rule == "F4"]


def test_f4_typed_and_computed() -> None:
    kyoto = Target("base_year_absolute", 2013, D(7840000), D(40), 2030)
    found = typing(kyoto, 2018, "6540648", "74")
    assert codes(found) == [("F4", "warning", "/progress_reports/2018/reported_percent_achieved")]
    assert found[0].message == "74 percent achieved was typed; the reported figures give 41.4334."
    suwon = Target("base_year_absolute", 2005, D(5843189), D(25), 2030)
    assert typing(suwon, 2019, "5709157", "9.2") == []
    adelaide = Target("base_year_absolute", 2007, D(1252913), D(35), 2020)
    assert typing(adelaide, 2020, "986161", "60.83") == []


def test_f4_says_which_number_was_typed() -> None:
    """Kaohsiung typed 12.09, which is its reduction if its emissions were 12.09 % under those of 2005."""
    kaohsiung = Target("base_year_absolute", 2005, D(67372856), D(20), 2030)
    emissions = str(D(67372856) * (100 - D("12.09")) / 100)
    found = typing(kaohsiung, 2019, emissions, "12.09")
    assert "the reported figures give 60.45. The typed number is the reduction against the base year (12.09)" in found[0].message
    zero = replace(kaohsiung, reduction_percent=D(100), target_year=2050)
    assert typing(zero, 2019, emissions, "12.09") == []


def test_f4_is_not_assessed_where_the_inventory_does_not_count() -> None:
    early = Inventory(2012, D(1), typed_percent=D(44))
    found = [f for f in assess(context=replace(CONTEXT, inventories=(early,))) if f.rule == "F4"]
    assert codes(found) == [("F4", "info", "/progress_reports/2012/reported_percent_achieved")]
    assert "the city typed 44 percent achieved for 2012, and that inventory does not count." in found[0].message
    both = [f for f in assess(context=replace(CONTEXT, inventories=(early, INVENTORY))) if f.rule == "F4"]
    assert both[0].message.endswith("The one of 2019 does.")


def academy(*indicators: tuple[str, str, str | None, str | None]) -> list[Finding]:
    given = tuple((name, D(value), "people", day, source) for name, value, day, source in indicators)
    context = replace(CONTEXT, measures=(Measure("Net-Zero Academy", given[:1]), Measure("Trainings", given[1:])))
    return [f for f in assess(context=context) if f.rule == "measures"]


def test_measures_contradicting_figures_stand_side_by_side() -> None:
    """Both counts of the Net-Zero Academy's trainees are public."""
    found = academy(
        ("Trainees", "3000", "2025-03-21", "talkofthecities.iclei.org"), (" trainees", "4500", "2025-03-21", "iclei.org"),
    )  # fmt: skip
    assert codes(found) == [("measures", "info", "/measures/1/indicators/0")]
    assert "3,000 people (2025-03-21, talkofthecities.iclei.org), and as 4,500 people (2025-03-21, iclei.org)" in found[0].message
    assert academy(("Trainees", "3000", "2024-01-01", "iclei.org"), ("Trainees", "4500", "2025-01-01", "iclei.org")) == []
    assert academy(("Trainees", "3000", "2025-01-01", "a"), ("Trainees", "3000.0", "2025-01-01", "b")) == []


def test_measures_a_figure_without_date_or_source() -> None:
    found = academy(("Trainees", "3000", None, "iclei.org"), ("Courses", "4", "2025-01-01", None))
    assert [f.message for f in found] == [
        "“Trainees” is given as 3,000 people without a date. A reader cannot check it.",
        "“Courses” is given as 4 people without a source. A reader cannot check it.",
    ]
