"""What a cell says: headers in every spelling, numbers in every form, words that mean “nothing is known”."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.sync import cells, countries


@pytest.mark.parametrize(
    "spelling",
    [
        "Land area (in square km)",
        "Land.area..in.square.km.",
        "\ufeffLand area (in square km)",
        "land\u00a0area\u200b (in square KM)",
        "  LAND_AREA in-square km  ",
        "Ｌａｎｄ area (in square ㎞)",
    ],
)
def test_a_column_is_known_in_every_spelling(spelling: str) -> None:
    assert cells.key(spelling) == "land area in square km"


def test_different_columns_stay_different() -> None:
    assert cells.key("Population") != cells.key("Population Year")
    assert cells.key("名称") != cells.key("名前")
    assert cells.key("café") != cells.key("cafe")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("8e+05", 800_000),
        ("3.5e+07", 35_000_000),
        ("2765932", 2_765_932),
        ("2,765,932", 2_765_932),
        ("2\u202f765\u00a0932", 2_765_932),
        ("2'765'932", 2_765_932),
        ("2.765.932", 2_765_932),
        ("12,34,567", 1_234_567),
        ("1.234,5", Decimal("1234.5")),
        ("27,36", Decimal("27.36")),
        ("1,234", 1_234),
        ("1.234", Decimal("1.234")),
        ("−41.2", Decimal("-41.2")),
        ("１２３", 123),
        ("0", 0),
        ("NE", None),
        ("IE", None),
    ],
)
def test_a_number_is_read_in_every_form(said: str, number: Decimal | int | None) -> None:
    assert cells.number(cells.text(said)) == number


@pytest.mark.parametrize("said", ["about 2 million", "碳排總量", "1e999999999", "1,2,3", "12 34", "0x10", "٣٤", "5 %", "1" * 60, "--5"])
def test_what_is_no_number_is_told(said: str) -> None:
    with pytest.raises(cells.Unreadable, match="number"):
        cells.number(cells.text(said))


@pytest.mark.parametrize(
    ("said", "year"), [("2020", 2020), ("2020.0", 2020), ("2020-04", 2020), ("2021-10-04T09:30:14.243", 2021), ("0", None)]
)
def test_a_year_is_read_and_zero_means_missing(said: str, year: int | None) -> None:
    assert cells.year(said) == year


@pytest.mark.parametrize("said", ["2013-04-01 - 2014-03-31", "20", "20201", "last year", "２０２"])
def test_what_is_no_year_is_told(said: str) -> None:
    with pytest.raises(cells.Unreadable, match="year"):
        cells.year(said)


def test_a_point_has_its_longitude_first() -> None:
    assert cells.point("POINT (120.312 22.6203)") == (Decimal("22.6203"), Decimal("120.312"))
    for wrong in ("120.3, 22.6", "POINT (120.3)", "POINT (east north)", "POINT (NE NE)", "POLYGON ((1 2))"):
        with pytest.raises(cells.Unreadable):
            cells.point(wrong)


@pytest.mark.parametrize(
    "said",
    ["", "NA", "N/A", "n/a", "-", "–", "Question not applicable", "Do not know", "This data is not available to report", "NULL", "unknown"],
)
def test_words_for_nothing_count_as_missing(said: str) -> None:
    assert cells.is_missing(said)


@pytest.mark.parametrize("said", ["Nan", "No", "Na", "0", "None", "Anand", "Nagano"])
def test_names_of_places_do_not_count_as_missing(said: str) -> None:
    assert not cells.is_missing(said)


def test_text_is_one_clean_line() -> None:
    assert cells.text("Pingtung\u00a0County\u200b\n ") == "Pingtung County"
    assert cells.text("Kyo\u0000to\ud800") == "Kyo\ufffdto\ufffd"
    assert cells.text("\u202eeKYOTO") == "eKYOTO"
    assert cells.text(["en", "zh-Hant"]) == "en; zh-Hant"
    assert cells.text(31112) == "31112"
    assert cells.text(None) == ""
    with pytest.raises(cells.Unreadable):
        cells.text({"a": 1})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Taiwan", "TW"),
        ("Taiwan, Greater China", "TW"),
        ("TWN", "TW"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("Korea, Rep.", "KR"),
        ("Hong Kong", "HK"),
        ("China, Hong Kong Special Administrative Region", "HK"),
        ("China", "CN"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("the philippines", "PH"),
        ("JPN", "JP"),
        ("jp", "JP"),
        ("日本", "JP"),
        ("台灣", "TW"),
        ("Cote d'Ivoire", "CI"),
        ("CÔTE D’IVOIRE", "CI"),
        ("U.S.A.", "US"),
        ("North Korea", "KP"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Atlantis", None),
        ("East Asia", None),
        ("", None),
    ],
)
def test_a_country_is_known_by_every_name(said: str, code: str | None) -> None:
    assert countries.alpha_2(said) == code


def test_a_state_is_found_within_its_country_only() -> None:
    assert countries.subdivision("New South Wales", "AU") == "AU-NSW"
    assert countries.subdivision("JP-14", "JP") == "JP-14"
    assert countries.subdivision("Kanagawa", "JP") == "JP-14"
    assert countries.subdivision("Kanagawa", "AU") is None
    assert countries.subdivision("Kanagawa", "XX") is None


@given(st.text(max_size=300))
def test_no_text_is_too_odd_for_a_cell(said: str) -> None:
    clean = cells.text(said)
    assert "\n" not in clean
    clean.encode()
    cells.key(said)
    cells.is_missing(clean)
    for parse in (cells.number, cells.whole, cells.year, cells.point):
        try:
            parse(clean)
        except cells.Unreadable as unreadable:
            str(unreadable).encode()
