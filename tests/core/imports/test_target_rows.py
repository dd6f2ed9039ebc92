"""Rows of city targets become targets, are skipped, or are rejected by a named rule: real odd rows, and invented ones."""

from decimal import Decimal
from typing import Any

import pytest

from services.core.commitments.schemas import CommitmentCreate
from services.core.imports import edition, reading
from services.core.imports.outcome import Read
from tests.fixtures.target_files import ABSOLUTE, FIXED, HEADER_2020, INTENSITY, SCENARIO, cells, extract, one, written


def target(read: Read) -> dict[str, Any]:
    assert read.target is not None, read.findings
    CommitmentCreate.model_validate(read.target)
    return read.target


def notes(read: Read) -> list[tuple[str, str]]:
    return [(finding.column, finding.severity) for finding in read.findings if finding.rule == "cell"]


def by_account(account: str) -> list[Read]:
    return [row for row in extract() if row.account == account]


def test_a_complete_row_is_a_public_target_with_a_title_from_its_facts() -> None:
    row = one(achieved="12.09")
    assert (row.account, row.status, row.reason, row.rules, row.findings) == ("31112", "target", "", (), ())
    assert target(row) == {
        "title": "20 % below 2005 by 2030",
        "target_type": "base_year_absolute",
        "base_year": 2005,
        "base_year_emissions_t": Decimal(67372856),
        "reduction_percent": Decimal(20),
        "target_year": 2030,
        "year_set": 2010,
        "reported_target_year_emissions_t": Decimal("53898284.8"),
        "sector": "all",
        "boundary": "same",
        "reported_percent_achieved": Decimal("12.09"),
        "visibility": "public",
    }
    assert (row.target_year_emissions_t, row.year_reported) == (Decimal("53898284.8"), 2021)


def test_absolute_targets_of_real_rows_come_to_the_published_emissions() -> None:
    checked = 0
    for row in extract():
        if row.target and row.target["target_type"] == "base_year_absolute":
            published, base = row.target["reported_target_year_emissions_t"], row.target["base_year_emissions_t"]
            assert row.target_year_emissions_t is not None
            assert abs(row.target_year_emissions_t - published) <= max(Decimal(1), base * Decimal("0.005"))
            checked += 1
    assert checked == 8


def test_real_odd_rows() -> None:
    assert [(row.status, row.rules, row.reason) for row in by_account("859166")] == [("skipped", (), "no_target")]
    assert [(row.status, row.rules) for row in by_account("61467")] == [("rejected", ("R0",))]  # no target year
    assert [row.status for row in by_account("44187")] == ["rejected", "target", "rejected"]  # two empty rows beside a full one
    assert [(row.status, row.rules) for row in by_account("73755")] == [("rejected", ("R0",))]  # 0.03 percent below an unknown scenario
    assert {row.rules for row in by_account("834161") + by_account("841491") + by_account("31169")} == {("R0",)}  # no denominator
    assert next(target(row)["title"] for row in by_account("54144")).startswith("No emissions by 2030")


@pytest.mark.parametrize("label", ["", "NA", "N/A", "No target", "NO TARGET", "No target.", "Do not know", "Question not applicable", "no"])
def test_a_row_without_a_target_is_skipped_though_it_has_an_account(label: str) -> None:
    row = one(kind=label)
    assert (row.status, row.reason, row.rules, row.target, row.account) == ("skipped", "no_target", (), None, "31112")
    assert row.target_year_emissions_t is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        (ABSOLUTE, "base_year_absolute"),
        ("Base year emissions (absolute) Target ", "base_year_absolute"),
        ("base-year emissions target", "base_year_absolute"),
        (FIXED, "fixed_level"),
        ("Fixed-level target", "fixed_level"),
        (SCENARIO, "baseline_scenario"),
        ("Baseline scenario target (BAU)", "baseline_scenario"),
    ],
)
def test_types_of_targets_in_their_spellings(label: str, kind: str) -> None:
    assert target(one(kind=label, scenario="90000000"))["target_type"] == kind


def test_an_unknown_type_is_rejected_by_its_name() -> None:
    row = one(kind="A wish")
    assert (row.status, row.rules) == ("rejected", ("R0",))
    assert any("“A wish”" in finding.message and finding.column == "Type of target" for finding in row.findings)


def test_a_fixed_level_is_what_the_file_calls_the_emissions_of_the_target_year() -> None:
    row = one(kind=FIXED, level="2.1e+07", base="", base_year="", percent="")
    assert target(row)["target_emissions_t"] == row.target_year_emissions_t == Decimal(21_000_000)
    assert "reported_target_year_emissions_t" not in target(row)
    assert target(row)["title"] == "21,000,000 t CO2e by 2030"
    assert one(kind=FIXED, level="").rules == ("R0",)


def test_business_as_usual_is_the_level_of_the_scenario() -> None:
    row = one(kind=SCENARIO, scenario="2639566", percent="20", level="")  # Malang, 2021
    assert target(row)["baseline_scenario"] == {"target_year_emissions_t": Decimal(2639566)}
    assert row.target_year_emissions_t == Decimal("2111652.8")
    assert target(row)["title"] == "20 % below business as usual by 2030"


def test_an_intensity_needs_the_population_and_nothing_else_of_the_file_is_its_denominator() -> None:
    told = {"kind": INTENSITY, "intensity": "5.54", "percent": "40", "people": "1,200,000"}
    row = one(**told, unit="Metric tonnes of CO2e per capita")
    assert target(row)["intensity"] == {
        "unit": "per_capita", "base_value": Decimal("5.54"), "projected_denominator": Decimal(1_200_000),
    }  # fmt: skip
    assert row.target_year_emissions_t == Decimal(3_988_800)
    assert target(row)["projected_population"] == 1_200_000
    assert target(row)["title"] == "40 % less per person than in 2005 by 2030"
    assert one(**told, unit="Other, please specify: tonnes CO2eq per person").status == "target"
    for unit in ("Metric tonnes of CO2e per unit GDP", "Other, please specify: 碳排總量", ""):
        assert one(**told, unit=unit).rules == ("R0",)
    assert one(**(told | {"people": ""}), unit="Metric tonnes of CO2e per capita").rules == ("R0",)


@pytest.mark.parametrize(
    ("told", "rules"),
    [
        ({"base_year": "2030"}, ("R3",)),
        ({"base_year": "2035"}, ("R3",)),
        ({"year_set": "2031"}, ("R3",)),
        ({"year_set": "20300"}, ("R3",)),
        ({"percent": "0"}, ("R3",)),
        ({"percent": "-20"}, ("R3",)),
        ({"percent": "100.000001"}, ("R3",)),
        ({"percent": "250", "base": "NA"}, ("R0", "R3")),
        ({"base_year": "2040", "percent": ""}, ("R0", "R3")),
        ({"base_year": "20", "percent": "20"}, ("R3",)),
        ({"target_year": "20300"}, ("R3",)),
        ({"base": "-1"}, ("R0",)),
        ({"base": "1e15"}, ("R0",)),
        ({"base": "unclear"}, ("R0",)),
        ({"target_year": ""}, ("R0",)),
        ({"account": ""}, ("R0",)),
        ({"account": "Kaohsiung"}, ("R0",)),
        ({"kind": FIXED, "base_year": "2031"}, ("R3",)),
        ({"kind": FIXED, "percent": "0"}, ("R3",)),
        ({"kind": SCENARIO, "base_year": "2031"}, ("R0", "R3")),
        ({"kind": SCENARIO, "scenario": "-4"}, ("R0",)),
        ({"kind": INTENSITY, "percent": "101"}, ("R0", "R3")),
    ],
)
def test_what_is_rejected_names_its_rules_and_the_columns(told: dict[str, str], rules: tuple[str, ...]) -> None:
    row = one(**told)
    assert (row.status, row.rules, row.target, row.target_year_emissions_t, row.key) == ("rejected", rules, None, None, "")
    blocking = [finding for finding in row.findings if finding.severity == "blocking"]
    assert {finding.rule for finding in blocking} == set(rules)
    assert all(finding.message and finding.column for finding in blocking)


PER_PERSON = {"kind": INTENSITY, "unit": "Metric tonnes of CO2e per capita", "people": ""}


@pytest.mark.parametrize(
    ("told", "rule", "pointer", "words"),
    [
        (
            PER_PERSON | {"base_year": "2017", "year_set": "2018", "base": "1620000", "level": "4378000", "intensity": "5.8"},  # Muar
            "plausible", "/reported_target_year_emissions_t", "4378000 t",
        ),
        (
            PER_PERSON | {"base_year": "2016", "year_set": "", "base": "7434910", "level": "2022", "intensity": "8.05"},  # Seberang Perai
            "plausible", "/reported_target_year_emissions_t", "looks like a year",
        ),
        ({"kind": SCENARIO, "percent": "0.03", "scenario": "", "level": ""}, "plausible", "/reduction_percent", "3 percent"),  # Legazpi
        (
            {"kind": INTENSITY, "base": "", "level": "", "unit": "Other, please specify: 碳排總量"},  # Kinmen
            "plausible", "/intensity/unit", "neither per person",
        ),
        ({"base_year": "2021", "year_set": "2030", "target_year": ""}, "year_set", "/year_set", "2030"),  # Dipolog
        ({"target_year": "", "base": "673728560000", "population": "2773533"}, "plausible", "/base_year_emissions_t", "a person"),
    ],
)  # fmt: skip
def test_a_rejected_row_tells_what_else_looks_like_a_typing_error(told: dict[str, str], rule: str, pointer: str, words: str) -> None:
    row = one(**told)
    assert (row.status, row.rules) == ("rejected", ("R0",))
    found = next(each for each in row.findings if (each.rule, each.pointer) == (rule, pointer))
    assert words in found.message.replace(",", "")
    assert (found.severity != "blocking", bool(found.column)) == (True, True)


def test_only_a_rejected_row_is_asked_here_and_only_about_what_it_says() -> None:
    assert one(year_set="2023").findings == ()  # asked when it is assessed
    assert {each.rule for each in one(year_set="", target_year="").findings} == {"R0"}


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("8e+05", "800000"),
        ("3.5e+07", "35000000"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12,34,567", "1234567"),
        ("1 234 567", "1234567"),
        ("１２３４", "1234"),
        ("27,36", "27.36"),
        ("1234 tCO2e", "1234"),
        ("1,234.5 metric tonnes of CO₂e", "1234.5"),
        ("0.12345678", "0.123457"),
    ],
)
def test_amounts_in_their_many_forms(cell: str, number: str) -> None:
    assert target(one(base=cell))["base_year_emissions_t"] == Decimal(number)


@pytest.mark.parametrize("cell", ["NE", "IE", "NO", "C", "Question not applicable", "Do not know", "This data is not available to report"])
def test_words_in_numeric_cells_are_missing_and_noted_by_column(cell: str) -> None:
    row = one(base=cell)
    assert row.rules == ("R0",)
    assert notes(row) == [("Base year emissions (metric tonnes CO2e)", "info")]
    assert cell in row.findings[0].message
    assert one(base="NA").rules == ("R0",)
    assert notes(one(base="NA")) == []


@pytest.mark.parametrize("cell", ["about 5", "1.2 Mt", "10-15", "x" * 6_000, "1e99"])
def test_what_nobody_can_read_is_missing_and_named(cell: str) -> None:
    assert notes(one(base=cell)) == [("Base year emissions (metric tonnes CO2e)", "warning")]
    row = one(level=cell)
    assert row.status == "target"
    assert notes(row) == [("Target year absolute emissions (metric tonnes CO2e)", "warning")]


@pytest.mark.parametrize("cell", ["30%", "30 %", "30％", "30 percent", "30.0", "３０"])
def test_percentages_with_and_without_signs(cell: str) -> None:
    assert target(one(percent=cell))["reduction_percent"] == 30
    assert target(one(percent="0.3"))["reduction_percent"] == Decimal("0.3")


@pytest.mark.parametrize("cell", ["2030.0", "2030-12-31", "31/12/2030", "2030-12-31T00:00:00.000", "2,030", "FY2030", "２０３０", "2030年"])
def test_years_in_their_many_forms(cell: str) -> None:
    assert target(one(target_year=cell))["target_year"] == 2030


def test_a_number_that_an_optional_field_cannot_hold_is_left_out_and_named() -> None:
    row = one(year_set="202", people="9e12", level="1e14", achieved="1e9")
    left_out = {"year_set", "projected_population", "reported_target_year_emissions_t", "reported_percent_achieved"}
    assert set(target(row)) & left_out == set()
    assert {column for column, _ in notes(row)} == {
        "Year target was set", "Projected population in target year", "Target year absolute emissions (metric tonnes CO2e)",
        "Percentage of target achieved so far",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "boundary"),
    [
        ("Same (city-wide) – covers entire city and nothing else", "same"),
        ("Same – covers entire city and nothing else", "same"),
        ("Larger — covers the whole city and adjoining areas", "larger"),
        ("Smaller - covers only part of the city", "smaller"),
        ("Partial – covers part of the city and adjoining areas", "partial"),
        ("Local Government Operations - covers only emission sources owned and operated by local government", "government_operations"),
        ("Local Government Operations – covers only emission sources owned and operated by local government", "government_operations"),
    ],
)
def test_boundaries_with_every_dash(label: str, boundary: str) -> None:
    assert target(one(boundary=label))["boundary"] == boundary


def test_an_unknown_boundary_is_not_guessed() -> None:
    row = one(boundary="Other, please specify: the harbour")
    assert "boundary" not in target(row)
    assert notes(row) == [("Target boundary relative to city boundary", "warning")]
    assert "boundary" not in target(one(boundary="NA"))


@pytest.mark.parametrize(
    ("label", "sector", "title"),
    [
        ("Energy", "energy", "20 % below 2005 by 2030 (energy)"),
        ("Buildings", "buildings", "20 % below 2005 by 2030 (buildings)"),
        ("Industrial processes and product use (IPPU)", "ippu", "20 % below 2005 by 2030 (industrial processes)"),
        ("Agriculture, Forestry and Other Land Use (AFOLU)", "afolu", "20 % below 2005 by 2030 (land use)"),
        ("Other, please specify: Résidentiel", "other", "20 % below 2005 by 2030 (Résidentiel)"),
        ("Energía, Transporte y Residuos", "other", "20 % below 2005 by 2030 (Energía, Transporte y Residuos)"),
        ("Other, please specify:", "other", "20 % below 2005 by 2030 (other)"),
    ],
)
def test_sectors(label: str, sector: str, title: str) -> None:
    found = target(one(sector=label))
    assert (found["sector"], found["title"]) == (sector, title)


def test_a_blank_sector_is_the_whole_inventory_and_noted() -> None:
    row = one(sector="NA")
    assert target(row)["sector"] == "all"
    assert notes(row) == [("Sector", "info")]


def test_a_title_stays_one_short_line() -> None:
    assert target(one(description="Our climate\nplan"))["title"] == "20 % below 2005 by 2030: Our climate plan"
    assert target(one(description="long " * 50))["title"] == "20 % below 2005 by 2030"
    assert len(target(one(sector="Other: " + "x" * 400))["title"]) == 200
    operations = "Local Government Operations"
    assert target(one(boundary=operations))["title"] == "20 % below 2005 by 2030 (local government only)"


def test_net_zero_is_true_only_when_nothing_is_left_and_the_city_says_so() -> None:
    said = "Net-zero GHG emissions by 2050."
    assert target(one(percent="100", description=said))["net_zero"] is True
    assert target(one(kind=FIXED, level="0", description="We aim at carbon neutrality"))["net_zero"] is True
    for row in (one(percent="100"), one(percent="50", description=said), one(kind=FIXED, level="4", percent="100", description=said)):
        assert "net_zero" not in target(row)


def test_a_row_with_more_cells_than_the_header_is_rejected() -> None:
    content = written([cells()]).rstrip(b"\n") + b",more\n"
    found, lines = edition.parse(content)
    row = reading.read(found, lines[0])
    assert (row.status, row.rules, row.jurisdiction) == ("rejected", ("R0",), None)


def test_a_place_that_cannot_be_made_says_why() -> None:
    row = one(country="Atlantis")
    assert (row.status, row.jurisdiction) == ("target", None)
    assert any("Atlantis" in finding.message for finding in row.place)


def test_the_same_target_has_the_same_key_in_both_editions_and_a_new_hash_only_when_it_says_more() -> None:
    first = one(year="2020", boundary="Same – covers entire city and nothing else")
    found, lines = edition.parse(written([cells(year="2020")], HEADER_2020))
    older = reading.read_all(found, lines)[0]
    again, changed = one(base="6.7372856e7", percent="20.0%"), one(percent="25")
    assert older.year_reported == 2020
    assert {first.key, older.key, again.key, changed.key} == {"base_year_absolute/all/same/2030/1"}
    assert first.hash == older.hash == again.hash != changed.hash
    assert one(achieved="10").hash == one(achieved="10.0 %").hash != again.hash
    assert one(sector="Energy").key != again.key
    assert one(sector="Other, please specify: A").key != one(sector="Other, please specify: B").key


def test_targets_that_look_alike_keep_their_keys_when_the_file_is_in_another_order() -> None:
    rows = [cells(percent=percent) for percent in ("20", "30", "25", "20")] + [cells(account="7")]
    found, lines = edition.parse(written(rows))
    reads = reading.read_all(found, lines)
    assert [row.key.rsplit("/", 1)[1] for row in reads] == ["1", "4", "3", "2", "1"]
    turned = reading.read_all(found, lines[::-1])
    by_percent = {row.target["reduction_percent"]: row.key for row in reads[1:3] if row.target}
    assert all(by_percent.get(row.target["reduction_percent"], row.key) == row.key for row in turned if row.target)
