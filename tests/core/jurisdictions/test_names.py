"""By which names a jurisdiction is found: what people add to a name must not stop them, and similar names stay apart."""

import json
from importlib.resources import files

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.jurisdictions import rules
from services.core.jurisdictions.names import ENDINGS, GENERIC, exonyms, search_query, search_vector
from services.core.kit import text

ENTRIES = json.loads((files("services.core.jurisdictions") / "exonyms.json").read_text(encoding="utf-8"))
LETTERS = st.sampled_from("aZéøß ’-京都東市府高雄臺서울시도さヨ津0")


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("kaohsiung city", "'kaohsiung':*"),
        ("City of Kaohsiung", "'kaohsiung':*"),
        ("Kaohsiung City Government", "'kaohsiung':*"),
        ("Dalian Municipal People's Government", "'dalian':*"),
        ("Goyang-si", "'goyang':*"),
        ("Kota Bogor", "'bogor':*"),
        ("高雄市", "'高雄'"),
        ("高雄市政府", "'高雄'"),
        ("京都府", "'京都'"),
        ("東京都", "'東京'"),
        ("東京都新宿区", "'東京' & '新宿'"),
        ("서울특별시", "'서울'"),
        ("수원 시", "'수원'"),
        ("경기도", "'경기'"),
        ("京都", "'京都'"),  # and not 京
        ("北海道", "'北海' & '海道'"),
        ("甲府", "'甲府'"),
        ("津市", "'津市'"),
        ("city", "'city':*"),
        ("市", "'市'"),
        ("City 市", "'city':* & '市'"),
    ],
)
def test_what_is_asked_for(typed: str, query: str) -> None:
    assert search_query(typed) == query


@pytest.mark.parametrize("typed", ["", " ", "…", "' & | ! ( ) : * \\ <->", "\u200b"])
def test_punctuation_alone_asks_for_nothing(typed: str) -> None:
    assert search_query(typed) is None


@given(st.text(LETTERS, min_size=1, max_size=12), st.sampled_from(["{}", "{} City", "City of {}", "{}市", "{}시"]))
def test_whatever_is_asked_for_stands_in_the_name_itself(name: str, form: str) -> None:
    """A name, typed as it is written, always finds itself: each term that is asked for is a term (or begins one)."""
    written = form.format(name)
    query = search_query(written)
    terms = {term.strip("'") for term in search_vector([written], {}).split(" ")}
    for part in (query or "").split(" & "):
        term = part.removesuffix(":*").strip("'")
        assert term in terms or query is None


async def test_kyoto_is_not_found_in_tokyo(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for typed, finds in (("京都", "京都市"), ("京都市", "京都市"), ("東京", "東京都"), ("東京都", "東京都")):
            for name in ("京都市", "東京都"):
                sql = "SELECT $1::text::tsvector @@ $2::text::tsquery"
                assert await connection.fetchval(sql, search_vector([name], {}), search_query(typed)) is (name == finds), (typed, name)
    finally:
        await connection.close()


def test_identifiers_find_with_and_without_their_space() -> None:
    assert {"'tw'", "'khh'", "'twkhh'", "'q181557'"} <= set(search_vector([], {"unlocode": "TW KHH", "wikidata": "Q181557"}).split(" "))


def test_a_city_with_a_latin_name_only_is_found_in_its_own_script() -> None:
    assert "高雄市" in exonyms({"cdp": "31112"})
    assert exonyms({"cdp": "31112", "wikidata": "Q181557"}) == exonyms({"unlocode": "TW KHH"})
    assert exonyms({"other": "31112"}) == ()


def test_the_list_of_exonyms_is_sound() -> None:
    seen: set[tuple[str, str]] = set()
    for entry in ENTRIES:
        assert set(entry) == {"name", "ids", "names"}
        assert len(set(entry["names"])) == len(entry["names"]) > 0, entry["name"]
        for source, value in entry["ids"].items():
            assert source in ("cdp", "wikidata", "unlocode")
            assert rules.external_id_finding(source, value) is None, entry["name"]
            assert (source, value) not in seen, entry["name"]
            seen.add((source, value))
        assert all(search_query(name) for name in entry["names"])


def test_generic_words_are_written_as_they_are_compared() -> None:
    assert all(text.fold(word) == word for word in (*GENERIC, *ENDINGS))


def test_no_ending_hides_a_longer_one() -> None:
    for position, earlier in enumerate(ENDINGS):
        assert not any(later.endswith(earlier) for later in ENDINGS[position + 1 :]), earlier
