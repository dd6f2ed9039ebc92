"""Rows of other registries become items, or findings; real rows that are known to be dirty, and invented ones."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.sync import mapping as mappings
from services.core.sync.mapping import BrokenMapping, Mapping
from services.core.sync.merging import merge
from services.core.sync.reading import Mapped, read

DATA = Path(__file__).parents[2] / "data"
COMMUNITY = "01890a5d-ac96-774b-bcce-b302099a8057"


def extract(name: str) -> tuple[Mapping, list[Mapped]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = mappings.detect(rows[0])
    assert found is not None
    return found, [read(found, row, number) for number, row in enumerate(rows, 1)]


def by_account(name: str) -> dict[str, dict[str, Any]]:
    return {group.external_id: group.item["jurisdiction"] for group in merge(extract(name)[1])}


def plain(**row: Any) -> Mapped:
    return read(mappings.shipped()["plain"], row, 1)


def details(mapped: Mapped) -> dict[str, str]:
    return {finding.column: finding.severity for finding in mapped.findings}


def test_every_row_of_the_targets_is_a_jurisdiction_whatever_its_target_says() -> None:
    found, rows = extract("cdp2021_targets_extract.csv")
    assert found.source == "cdp"
    assert all(row.item for row in rows)
    cities = by_account("cdp2021_targets_extract.csv")
    assert len(cities) == 19
    kaohsiung = cities["31112"]
    assert (kaohsiung["name"], kaohsiung["country"], kaohsiung["level"]) == ("Kaohsiung", "TW", "city")
    assert (kaohsiung["population"], kaohsiung["population_year"]) == (2_765_932, 2020)
    assert set(kaohsiung["aliases"]) == {"Kaohsiung City Government", "Kaoshiung"}


def test_empty_target_rows_are_filled_by_the_full_ones_beside_them() -> None:
    _, rows = extract("cdp2021_targets_extract.csv")
    goyang = next(group for group in merge(rows) if group.external_id == "44187")
    assert len(goyang.rows) == 3
    assert goyang.item["jurisdiction"]["population"] == 1_080_507
    assert goyang.item["jurisdiction"]["name"] == "Goyang"


def test_the_same_city_has_the_same_name_and_country_in_both_files() -> None:
    targets, emissions = by_account("cdp2021_targets_extract.csv"), by_account("cdp2021_emissions_extract.csv")
    both = targets.keys() & emissions.keys()
    assert {"31112", "31169", "44187", "55180"} <= both
    for account in both:
        assert [targets[account][member] for member in ("name", "country", "level")] == [
            emissions[account][member] for member in ("name", "country", "level")
        ]


def test_real_oddities_of_names() -> None:
    cities = by_account("cdp2021_targets_extract.csv")
    assert cities["57347"]["name"] == "Pingtung County"  # with a no-break space in the file
    assert cities["57347"]["level"] == "county"
    assert cities["54144"]["name"] == "Yarra"  # its office stands in Richmond
    assert cities["59996"]["name"] == "Batangas City"
    assert (cities["859147"]["name"], cities["859147"]["level"]) == ("Yosano", "town")
    assert cities["73755"]["country"] == "PH"


def test_areas_in_another_unit_and_years_of_zero_are_left_out_and_told() -> None:
    _, rows = extract("cdp2021_emissions_extract.csv")
    told = {row.external_id: row for row in rows}
    for account in ("50713", "863202", "50782"):  # 1,116,361 km²; 748,432 people on 1.261 km²; a metropolis on a city's area
        item = told[account].item
        assert item is not None
        assert "area_km2" not in item["jurisdiction"]
        assert details(told[account]) == {"Land area (in square km)": "warning"}
    shima = told["859138"].item
    assert shima is not None
    assert "population_year" not in shima["jurisdiction"]
    assert told["859138"].findings == []
    kaohsiung = told["31112"].item
    assert kaohsiung is not None
    assert kaohsiung["jurisdiction"]["area_km2"] == 2947.62


def test_a_population_that_is_ten_times_too_large_is_left_out() -> None:
    yokohama = plain(external_id="31113", name="Yokohama", country="JP", population="37,341,317", area_km2="438")
    assert yokohama.item is not None
    assert "population" not in yokohama.item["jurisdiction"]
    assert "no municipality has 37,341,317 inhabitants" in yokohama.findings[0].detail
    province = plain(external_id="1", name="Guangdong Province", level="province", country="CN", population="126,012,510")
    assert province.item is not None
    assert province.item["jurisdiction"]["population"] == 126_012_510


@pytest.mark.parametrize("missing", ["external_id", "name", "country"])
@pytest.mark.parametrize("said", ["", "NA", "Question not applicable", None])
def test_without_its_identity_a_row_is_an_error(missing: str, said: str | None) -> None:
    row: dict[str, Any] = {"external_id": "1", "name": "Kyoto", "country": "JP"} | {missing: said}
    mapped = plain(**row)
    assert mapped.item is None
    assert [(each.severity, each.column, each.code) for each in mapped.findings] == [("error", missing, "missing")]


def test_an_unknown_country_names_what_was_written() -> None:
    mapped = plain(external_id="1", name="Kyoto", country="East Asia")
    assert mapped.item is None
    assert mapped.errors[0].code == "unknown-country"
    assert "“East Asia”" in mapped.errors[0].detail


@pytest.mark.parametrize(
    ("column", "said", "member"),
    [
        ("population", "about two million", "population"),
        ("population", "-5", "population"),
        ("population", "12.5", "population"),
        ("area_km2", "12 34", "area_km2"),
        ("latitude", "95.1", "location"),
        ("subdivision", "Nowhere", "subdivision"),
        ("time_zone", "Asia/Nowhere", "time_zone"),
        ("website", "not a site", "website"),
        ("languages", "Klingon!", "languages"),
        ("cdp", "abc", "external_ids"),
        ("unlocode", "JP YOK", "external_ids"),
    ],
)
def test_a_wrong_optional_value_is_left_out_and_told(column: str, said: str, member: str) -> None:
    mapped = plain(external_id="1", name="Kaohsiung", country="TW", longitude="120.3", **{column: said})
    assert mapped.item is not None
    assert member not in mapped.item["jurisdiction"]
    assert details(mapped) == {column: "warning"}


def test_everything_that_a_row_can_tell() -> None:
    mapped = plain(
        external_id="K-1", name="Kaohsiung", name_zh_hant="高雄市", aliases="Takao", level="Metropolitan", country="Taiwan, Greater China",
        subdivision="Kaohsiung", population="2,765,932", population_year="2020", area_km2="2952", location="POINT (120.312 22.6203)",
        time_zone="Asia/Taipei", languages="zh-Hant; en", website="www.kcg.gov.example", cdp="31112", unlocode="TW KHH",
        climate_zone="Aw", coastal="yes", gdp_per_capita="2.5e4", if_version="3", community_id=COMMUNITY, membership_kind="Chair",
        membership_standing="active", political_name="Mayor", political_email="mayor@kaohsiung.example", technical_email="staff",
    )  # fmt: skip
    assert mapped.item == {
        "external_id": "K-1",
        "if_version": 3,
        "jurisdiction": {
            "name": "Kaohsiung", "names": {"zh-Hant": "高雄市"}, "aliases": ["Takao"], "level": "metropolitan", "country": "TW",
            "subdivision": "TW-KHH", "population": 2_765_932, "population_year": 2020, "area_km2": 2952,
            "location": {"latitude": 22.6203, "longitude": 120.312}, "time_zone": "Asia/Taipei", "languages": ["zh-Hant", "en"],
            "website": "https://www.kcg.gov.example",
            "external_ids": [{"source": "cdp", "value": "31112"}, {"source": "unlocode", "value": "TW KHH"}],
            "context": {"gdp_per_capita": 25_000, "climate_zone": "Aw", "coastal": True},
        },
        "membership": {"community_id": COMMUNITY, "kind": "chair", "standing": "active"},
        "representatives": [{"name": "Mayor", "email": "mayor@kaohsiung.example", "role": "political"}],
    }  # fmt: skip
    assert details(mapped) == {"technical_email": "warning"}


@pytest.mark.parametrize(("column", "said"), [("membership_standing", "expelled"), ("membership_kind", "guest"), ("community_id", "ComP")])
def test_a_standing_that_is_not_understood_is_not_guessed(column: str, said: str) -> None:
    mapped = plain(external_id="1", name="Kyoto", country="JP", **({"community_id": COMMUNITY} | {column: said}))
    assert mapped.item is not None
    assert "membership" not in mapped.item
    assert details(mapped) == {column: "warning"}


def test_a_table_of_iclei_offices() -> None:
    row = {
        "ICLEI ID": "AU-0042", "Official\u00a0name": "City of Newcastle", "English name": "City of Newcastle",
        "State / Province": "New South Wales", "COUNTRY": "Australia", "Population": "165 571", "Territory size (km²)": "186.8",
        "Web site": "newcastle.example", "Leader": "A Mayor", "Political contact": "A Councillor",
        "Political contact e-mail": "councillor@newcastle.example", "Staff liaison": "An Officer", "Key liaison": "staff",
        "Community ID": str(UUID(COMMUNITY)).upper(), "Standing": "In good standing",
    }  # fmt: skip
    found = mappings.detect(row)
    assert found is mappings.shipped()["iclei_offices"]
    item = read(found, row, 1).item
    assert item is not None
    assert item["external_id"] == "AU-0042"
    told = item["jurisdiction"]
    assert (told["name"], told["aliases"], told["country"], told["subdivision"]) == ("Newcastle", ["City of Newcastle"], "AU", "AU-NSW")
    assert (told["population"], told["area_km2"], told["website"]) == (165_571, 186.8, "https://newcastle.example")
    assert item["membership"] == {"community_id": COMMUNITY, "kind": "member", "standing": "active"}
    assert item["representatives"] == [{"name": "A Councillor", "email": "councillor@newcastle.example", "role": "political"}]


def test_an_account_number_is_digits_however_a_spreadsheet_wrote_it() -> None:
    emissions = mappings.shipped()["cdp2021_emissions"]
    row = {"Organization": "Kyoto", "Country": "Japan"}
    for written in ("49389", "49,389", "49389.0", "4.9389e4", 49389, " 49389\u200b"):
        assert read(emissions, row | {"Account Number": written}, 1).external_id == "49389"
    for wrong in ("49389a", "0", "12", "-49389"):
        mapped = read(emissions, row | {"Account Number": wrong}, 1)
        assert mapped.item is None
        assert mapped.errors[0].column == "Account Number"


def test_two_cities_of_one_name_stay_two() -> None:
    rows = [
        plain(external_id="54265", name="Newcastle", country="Australia"),
        plain(external_id="13113", name="Newcastle", country="United Kingdom"),
    ]
    assert [(group.external_id, group.item["jurisdiction"]["country"]) for group in merge(rows)] == [("54265", "AU"), ("13113", "GB")]


def test_the_first_row_leads_and_later_ones_fill_its_gaps() -> None:
    rows = [
        read(mappings.shipped()["plain"], {"external_id": "1", "name": "Kyoto", "country": "JP"} | more, number)
        for number, more in enumerate(
            (
                {"population": "1452549", "aliases": "Miyako"},
                {"population": "9", "population_year": "1999", "aliases": "Kioto", "area_km2": "828", "cdp": "49389"},
                {"country": "Atlantis"},
                {"area_km2": "1", "cdp": "99999", "wikidata": "Q34600"},
            ),
            1,
        )
    ]
    (group,) = merge(rows)
    assert group.rows == [1, 2, 4]
    told = group.item["jurisdiction"]
    assert told["population"] == 1_452_549
    assert told["population_year"] is None, "a year belongs to its own population"
    assert told["aliases"] == ["Miyako", "Kioto"]
    assert told["area_km2"] == 828
    assert told["external_ids"] == [{"source": "cdp", "value": "49389"}, {"source": "wikidata", "value": "Q34600"}]


def test_json_rows_are_read_by_pointer() -> None:
    described = mappings.load(
        'title = "x"\nsource = "xx"\nkind = "json"\nrows = "/data"\n[fields]\nexternal_id = "/ids/0/value"\nname = "/name/en"\n'
        'country = ["/place/country", "land"]\n[constants]\nlevel = "county"\n',
        "x.toml",
    )
    item = read(described, {"ids": [{"value": 7}], "name": {"en": "Kyoto"}, "Land": "Japan"}, 1).item
    assert item == {"external_id": "7", "jurisdiction": {"name": "Kyoto", "level": "county", "country": "JP"}}
    assert read(described, {"ids": [], "name": "Kyoto"}, 1).item is None


@pytest.mark.parametrize("row", [None, 5, "Kyoto", ["Kyoto"], {}, {"name": {"first": []}}, {1: 2}])
def test_what_is_no_row_is_an_error_and_nothing_else(row: Any) -> None:
    mapped = read(mappings.shipped()["plain"], row, 9)
    assert mapped.item is None
    assert mapped.errors


NASTY = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["NA", "8e+05", "1e400", "POINT (NaN 1)", "POINT (1e9 1)", "\ud800", "\x00", "٣", "{}", "A" * 6000, "-0", "∞", "²"]),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NASTY),
    lambda more: st.one_of(st.lists(more, max_size=3), st.dictionaries(NASTY, more, max_size=3)),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_cell_makes_the_mapping_fail(data: st.DataObject) -> None:
    found = mappings.shipped()[data.draw(st.sampled_from(sorted(mappings.shipped())))]
    columns = [column for several in found.fields.values() for column in several]
    valid = {
        columns[0]: "31112",
        "name": "Kyoto",
        "City": "Kyoto",
        "English name": "Kyoto",
        "country": "JP",
        "Country": "JP",
        "iso3": "JPN",
    }
    row = valid | data.draw(st.dictionaries(st.one_of(st.sampled_from(columns), NASTY), VALUES, max_size=12))
    mapped = read(found, row, 1)
    assert mapped.item is not None or mapped.errors
    for group in merge([mapped, mapped]):
        repr(group.item).encode()


@pytest.mark.parametrize(
    ("head", "more", "told"),
    [
        ("title = ", "", "not TOML"),
        ('source = "X y"', "", "source"),
        ('source = "xx"\nrows = "a"', "", "pointer"),
        ('source = "xx"', 'mayor = "d"', "mayor"),
        ('source = "xx"', '[pull]\nurl = "ftp://x"', "url"),
        ('source = "xx"', '[pull]\nurl = "https://user:word@x"', "url"),
        ('source = "xx"', '[pull]\nurl = "https://x"\nevery = "soon"', "every"),
        ('source = "xx"', '[pull]\nurl = "https://x"\n[pull.auth]\nsecret = "s"', "auth"),
        ('source = "xx"', '[pull]\nurl = "https://x"\n[pull.auth]\nscheme = "x"', "env"),
    ],
)
def test_a_broken_mapping_says_where(head: str, more: str, told: str) -> None:
    with pytest.raises(BrokenMapping, match=told):
        mappings.load(f'title = "x"\n{head}\n[fields]\nexternal_id = "a"\nname = "b"\ncountry = "c"\n{more}', "mine.toml")


def test_a_mapping_without_what_is_needed_says_what() -> None:
    with pytest.raises(BrokenMapping, match="nothing about external_id and country"):
        mappings.load('title = "x"\nsource = "xx"\n[fields]\nname = "b"', "mine.toml")


def test_every_shipped_mapping_is_found_by_its_own_columns() -> None:
    for found in mappings.shipped().values():
        assert mappings.detect(found.detect) is found
    assert mappings.detect(["target_id", "actor_id", "target_type"]) is None
    assert mappings.detect([]) is None
