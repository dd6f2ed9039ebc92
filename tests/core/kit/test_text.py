"""Search terms: one way for writing and asking, in every script, and nothing in them that a query could stumble over."""

import re
import unicodedata

import asyncpg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.core.kit import text

HOSTILE = "' & | ! ( ) : * \\ <-> '' ''' \\' :* :A ; -- /* \x00 \ud7ff % _ $1 {} \u202e"
LETTERS = st.sampled_from("aZéÉøØłŁđĐßıİæŒåçñÅ高雄臺台市京都がガｶﾞヨｺ서울경กรุงเทमुं5９-’' ,.")
NAMES = st.text(LETTERS, min_size=1, max_size=30) | st.text(max_size=30)


def asked(typed: str) -> str | None:
    return text.query(list(text.runs(text.fold(typed))))


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("Kaohsiung City", {"kaohsiung", "city"}),
        ("KYŌTO", {"kyoto"}),
        ("Đà Nẵng", {"da", "nang"}),
        ("Xi’an", {"xian"}),
        ("Kan-onji", {"kan", "onji", "kanonji"}),
        ("Iida\u2010shi", {"iida", "shi", "iidashi"}),
        ("ＴＯＫＹＯ", {"tokyo"}),
        ("高雄市", {"高", "雄", "市", "高雄", "雄市"}),
        ("臺北", {"台", "北", "台北"}),
        ("津", {"津"}),
        ("ﾖｺﾊﾏ", {"ヨ", "コ", "ハ", "マ", "ヨコ", "コハ", "ハマ"}),
        ("さいたま", {"さ", "い", "た", "ま", "さい", "いた", "たま"}),
        ("서울", {"서", "울", "서울"}),
        ("東京2050", {"東", "京", "東京", "2050"}),
        ("กรุงเทพ", {"กรุงเทพ"}),
        ("मुंबई", {"मुंबई"}),
        ("A・B_C", {"a", "b", "c"}),
        ("“…”", set()),
    ],
)
def test_the_terms_of_a_name(name: str, terms: set[str]) -> None:
    assert text.terms([name]) == terms


def test_kana_keep_their_voice_and_hangul_their_syllables() -> None:
    assert text.fold("がば") == "がば"
    assert text.fold(unicodedata.normalize("NFD", "서울 ガ")) == "서울 ガ"


def test_what_is_asked_are_pairs_and_words_and_the_last_word_may_be_a_beginning() -> None:
    assert asked("高雄港") == "'高雄' & '雄港'"
    assert asked("津") == "'津'"
    assert asked("new taip") == "'new' & 'taip':*"
    assert asked("Kaohsiung 高雄") == "'kaohsiung':* & '高雄'"
    assert asked("…") is None


def test_a_word_without_end_is_cut_on_both_sides() -> None:
    word = "a" * 200
    assert text.terms([word]) == {"a" * text.LONGEST}
    assert asked(word) == f"'{'a' * text.LONGEST}':*"


@given(NAMES)
@example("ｶ’ﾞ")
def test_folding_and_normal_forms_make_no_difference(name: str) -> None:
    terms = text.terms([name])
    assert text.terms([text.fold(name)]) == terms
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert text.terms([unicodedata.normalize(form, name)]) == terms


@given(st.text(LETTERS, max_size=30))
def test_capitals_make_no_difference(name: str) -> None:
    assert text.terms([name.casefold()]) == text.terms([name.upper()]) == text.terms([name])


@given(NAMES)
def test_a_term_holds_letters_digits_and_marks_alone(name: str) -> None:
    for term in text.terms([name]):
        assert term
        assert all(character.isalnum() or unicodedata.category(character).startswith("M") for character in term)
        assert len(term) <= text.LONGEST


async def test_postgresql_finds_every_name_by_itself_and_stumbles_over_nothing(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    names = ["Kaohsiung City", "Kan-onji", "高雄市", "臺北市", "さいたま市", "서울특별시", "กรุงเทพมหานคร", "Đà Nẵng", "東京2050", "a" * 200]
    try:
        for name in [*names, f"x {HOSTILE}"]:
            found = await connection.fetchval("SELECT $1::text::tsvector @@ $2::text::tsquery", text.vector([name]), asked(name))
            assert found is True, name
        assert await connection.fetchval("SELECT $1::text::tsvector::text", text.vector([HOSTILE.replace("1", "").replace("A", "")])) == ""
        other = await connection.fetchval("SELECT $1::text::tsvector @@ $2::text::tsquery", text.vector(["高松市"]), asked("高雄"))
        assert other is False
    finally:
        await connection.close()


@given(st.lists(st.text(st.sampled_from("aZ9 -_'`\nかガー・々城臺台市é’"), max_size=12), max_size=4))
def test_what_is_seen_to_be_plain_is_found_like_all_else(names: list[str]) -> None:
    """Names of letters and common characters take a shorter way to the same terms."""
    shorter = text.terms(names), text.fold("\n".join(names))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_PLAIN", re.compile("(?!)"))
        assert (text.terms(names), text.fold("\n".join(names))) == shorter


def test_no_plain_character_has_another_usual_form() -> None:
    plain = [character for character in map(chr, range(0x80, 0x10000)) if text._PLAIN.fullmatch(character)]
    assert plain
    for character in plain:
        assert text._PLAIN_CJK.fullmatch(character)
        assert unicodedata.normalize("NFKC", character).casefold() == character
