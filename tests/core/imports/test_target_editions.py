"""A file of city targets is known by its header: the editions of 2020 and 2021, in every dialect of CSV; unknown headers are named."""

import random
from dataclasses import replace

import pytest

from services.core.imports import edition, reading
from services.core.imports.edition import UnknownFile
from services.core.sync import cells as words
from services.core.sync import mapping as mappings
from services.core.sync import tabular
from tests.fixtures.target_files import ABSOLUTE, EXTRACT, HEADER_2020, HEADER_2021, cells, extract, written

ROWS = [cells(description="One; two, three | four"), cells(account="31171", organization="Seoul", city="", country="South Korea")]
DOTTED = EXTRACT.read_text(encoding="utf-8").splitlines()[0].split(",")


@pytest.mark.parametrize(
    ("header", "name"), [(HEADER_2020, "cdp_targets_2020"), (HEADER_2021, "cdp_targets_2021"), (DOTTED, "cdp_targets_2021")]
)
def test_an_edition_is_known_by_its_header_and_knows_all_of_it(header: list[str], name: str) -> None:
    for columns in (header, header[::-1], [column.upper() for column in header]):
        found = edition.detect(columns)
        assert (found.name, edition.unknown(columns, found)) == (name, [])
        assert found.attribution == "collected in partnership by CDP and ICLEI"


def test_the_edition_says_the_year_where_a_row_does_not() -> None:
    for header, year in ((HEADER_2020, 2020), (HEADER_2021, 2021)):
        found, lines = edition.parse(written([cells(year=""), cells(year="2019")], header))
        first, second = reading.read_all(found, lines)
        assert (first.year_reported, second.year_reported) == (year, 2019)
        assert first.target is not None
        assert first.target["year_set"] == 2010


def test_an_unknown_header_is_named_and_does_no_harm() -> None:
    header = ["Colour of the target" if column == "Access" else column for column in HEADER_2021]
    found, lines = edition.parse(written(ROWS, header))
    assert edition.unknown(header, found) == ["Colour of the target"]
    assert edition.unknown(["", " ", *header], found) == ["Colour of the target"]
    assert [row.status for row in reading.read_all(found, lines)] == ["target", "target"]


@pytest.mark.parametrize("column", ["Account Number", "Type of target", "Base year", "Percentage reduction target", "Target year"])
def test_a_file_without_a_needed_column_is_refused_by_its_name(column: str) -> None:
    header = ["Something else" if each == column else each for each in HEADER_2021]
    with pytest.raises(UnknownFile, match=f"has no column “{column}”$"):
        edition.parse(written(ROWS, header))


def test_either_of_two_columns_is_enough() -> None:
    header = ["name" if each == "City" else "iso" if each == "Country" else "x" if each == "Organization" else each for each in HEADER_2021]
    found, lines = edition.parse(written([cells(city="Kaohsiung", country="TWN")], header))
    assert reading.read(found, lines[0]).jurisdiction["jurisdiction"]["country"] == "TW"  # type: ignore[index]


def test_a_file_of_something_else_is_refused_with_all_that_is_missing() -> None:
    with pytest.raises(UnknownFile, match=r"editions 2020, 2021.*“Type of target” and “Base year” and"):
        edition.parse(b"Account Number,City,Country\n31112,Kaohsiung,Taiwan\n")
    for content, why in (
        (b"", "is empty"),
        (b"PK\x03\x04", "is a spreadsheet"),
        (b"\xff\xfea", "UTF-16"),
        (b'a,b\n"1,2\n', "never closed"),
    ):
        with pytest.raises(tabular.Unusable, match=why):
            edition.parse(content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", [HEADER_2020, HEADER_2021])
def test_every_dialect_gives_the_same(delimiter: str, header: list[str]) -> None:
    plain = reading.read_all(*edition.parse(written(ROWS, header)))
    content = written(ROWS, header, delimiter)
    for dialect in (content, b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n")):
        assert reading.read_all(*edition.parse(dialect)) == plain


def test_the_order_of_columns_does_not_matter() -> None:
    order = list(range(len(HEADER_2021)))
    random.Random(4).shuffle(order)
    shuffled = "\n".join(
        ";".join(line.split(";")[place] for place in order) for line in written([cells()], delimiter=";").decode().splitlines()
    )
    assert reading.read_all(*edition.parse(shuffled.encode())) == reading.read_all(*edition.parse(written([cells()])))


def test_dotted_headers_give_the_same_as_those_of_the_portal() -> None:
    dotted = [column for column in DOTTED if column not in {"name", "entity_type", "iso"}]
    found, lines = edition.parse(written(ROWS, dotted))
    told = [(row.account, row.target, row.jurisdiction, row.key, row.hash) for row in reading.read_all(found, lines)]
    assert told == [
        (row.account, row.target, row.jurisdiction, row.key, row.hash) for row in reading.read_all(*edition.parse(written(ROWS)))
    ]


def test_other_spellings_of_headers_are_known() -> None:
    renamed = {
        "Organization": "Organisation",
        "Country": "Country/Area",
        "Target year absolute emissions (metric tonnes CO2e)": "Target year absolute emissions (metric tonnes CO2e) [Auto-calculated]",
        "Target boundary relative to city boundary": "Boundary of target relative to city boundary",
        "Base year emissions (metric tonnes CO2e)": "Base year emissions (t CO2e)",
        "Percentage reduction target": "Percentage reduction target [%]",
    }
    header = [renamed.get(column, column) for column in HEADER_2021]
    found, lines = edition.parse(written(ROWS, header))
    assert edition.unknown(header, found) == []
    assert [row.target for row in reading.read_all(found, lines)] == [row.target for row in reading.read_all(*edition.parse(written(ROWS)))]


def test_of_two_columns_for_one_field_the_better_name_counts_where_it_says_something() -> None:
    row, best, other = cells(), "Base year emissions (metric tonnes CO2e)", "Base year emissions"
    for first, second, expected in (("5", "7", 5), ("NA", "7", 7)):
        for line in ({best: first, other: second}, {other: second, best: first}):
            told = {column: cell for column, cell in row.items() if column != best}
            read = reading.read(edition.detect(HEADER_2021), edition.Line(2, line | told))
            assert read.target is not None
            assert read.target["base_year_emissions_t"] == expected


def test_a_later_edition_is_a_new_table(monkeypatch: pytest.MonkeyPatch) -> None:
    known = edition.shipped()["cdp_targets_2021"]
    later = replace(known, name="later", year=2031, fields={**known.fields, "account": ("Reporter",)})
    monkeypatch.setattr(edition, "shipped", lambda: {"cdp_targets_2021": known, "later": later})
    header = ["Reporter" if column == "Account Number" else column for column in HEADER_2021]
    found, lines = edition.parse(written(ROWS, header))
    assert (found.name, edition.unknown(header, found)) == ("later", [])
    assert [row.account for row in reading.read_all(found, lines)] == ["31112", "31171"]
    assert edition.detect(HEADER_2021).name == "cdp_targets_2021"


def test_a_row_knows_its_line_even_after_cells_of_several_lines_and_blank_lines() -> None:
    content = written([cells(description="one\ntwo\nthree"), cells(), cells()]).replace(b"\n2021", b"\n\n\n2021", 2)
    _, lines = edition.parse(content)
    assert [line.number for line in lines] == [4, 9, 10]


def test_the_facts_of_the_jurisdiction_are_those_that_an_import_of_jurisdictions_takes() -> None:
    for each in edition.shipped().values():
        assert {words.key(column) for columns in each.mapping.fields.values() for column in columns} == set(map(words.key, each.place))
        assert set(each.place.values()) <= set(each.fields)
    assert mappings.detect(HEADER_2020) == mappings.detect(HEADER_2021) == mappings.shipped()["cdp2021_targets"]


def test_the_real_rows_are_read() -> None:
    rows = extract()
    assert len(rows) == 24
    assert [row.line for row in rows] == list(range(2, 26))
    assert all(row.account and row.jurisdiction for row in rows)
    assert {row.target["target_type"] for row in rows if row.target} == {"base_year_absolute", "fixed_level", "baseline_scenario"}
    assert ABSOLUTE not in {row.reason for row in rows}


@pytest.mark.parametrize("name", ["a" + " " * 30_000 + "b", "a" + "[" * 30_000, "a" + "(" * 30_000])
def test_a_name_that_is_no_name_is_not_searched_through(name: str) -> None:
    with pytest.raises(tabular.Unusable, match="longer than 300 characters"):
        edition.parse(f"Account Number,{name}\n1,2\n".encode())


def test_a_table_of_ten_thousand_columns_is_none() -> None:
    with pytest.raises(tabular.Unusable, match="10000 columns"):
        edition.parse(",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n")
