"""How words are counted in every script, in both ways, and that a text and its translation weigh about the same."""

import json
import random
import unicodedata
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.practices.words import new_share, pieces, said, weighed, word_count

PARALLEL: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "parallel_texts.json").read_text("utf-8"))
"""One practice in five languages, sentence for sentence."""


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("", 0, 0),
        (" \n— … !", 0, 0),
        ("Net zero by 2050", 4, 4),
        ("it's a well-known case of 1,250.5 MW", 7, 7),
        ("café", 1, 1),
        ("cafe\u0301", 1, 1),
        ("高雄市推動淨零", 4, 5),  # seven characters
        ("高雄市推動淨零。高雄", 5, 6),  # the first way rounds up each run, the second their sum
        ("カーボンニュートラル", 5, 4),
        ("CO2 減量 30%", 3, 4),
        ("탄소 중립 도시", 3, 3),
        ("도시에서는", 3, 3),  # five syllables: about two words and a half
        ("ประเทศไทยสวยงาม", 3, 5),
        ("กขคงจฉ", 2, 2),  # six letters
        ("กิกิกิกิกิ", 1, 2),  # five letters with their vowel signs
        ("हिन्दी भाषा", 2, 2),
        ("ｶｰﾎﾞﾝ", 2, 2),
        ("ＮＥＴ　ＺＥＲＯ", 2, 2),
        ("a_b", 2, 2),
        ("net\u00adwork zero\u200b\ufeff", 3, 2),  # a hyphen that is not seen, blanks without width
        ("n\u00ade\u200bt", 3, 1),
        ("\u200b \u200c\u200d \u2060", 1, 0),
        ("\u1112\u200b\u1161", 2, 1),  # a Korean syllable that was taken apart
        ("\u0301 \u0301\u0301", 2, 0),  # marks without a letter
        ("\u0301a\u0301 b", 2, 2),
        ("スマート・シティ", 4, 3),  # the middle dot is no letter, but counts as one in the first way no more than in the second
    ],
)
def test_words_are_counted_in_every_script(text: str, first: int, second: int) -> None:
    assert (word_count(text), word_count(text, 2)) == (first, second)


def test_the_first_way_is_what_it_was() -> None:
    """Against its rule told letter by letter: scripts by range, runs of a script, letters without marks."""

    def script(letter: str) -> str:
        ranges = (
            ("\u3005", "\u3007"),
            ("\u3041", "\u309f"),
            ("\u30a0", "\u30fa"),
            ("\u30fc", "\u30ff"),
            ("\u3400", "\u9fff"),
            ("\u8c48", "\ufaff"),
        )
        if any(first <= letter <= last for first, last in ranges):
            return "pairs"
        if "\u0e01" <= letter <= "\u0e4e":
            return "fives"
        return "spaced" if unicodedata.category(letter)[0] in "LMN" else ""

    def told(text: str) -> int:
        count = 0
        for kind, run in groupby(unicodedata.normalize("NFKC", text), script):
            letters = sum(not unicodedata.category(letter).startswith("M") for letter in run)
            count += {"": 0, "spaced": 1, "pairs": -(-letters // 2), "fives": -(-letters // 5)}[kind]
        return count

    dice = random.Random(1)
    for _ in range(2_000):
        text = "".join(dice.choices("ab1 !ー・市々ごカ\u3099กิำ\u0e47한글é\u0301\u3000हि", k=dice.randint(0, 20)))
        assert word_count(text) == told(text), text


@pytest.mark.parametrize("language", sorted(PARALLEL.keys() - {"en"}))
@pytest.mark.parametrize("name", sorted(PARALLEL["en"]))
def test_a_text_and_its_translation_have_about_as_many_words(language: str, name: str) -> None:
    words = word_count(PARALLEL["en"][name], 2)
    assert word_count(PARALLEL[language][name], 2) == pytest.approx(words, rel=0.3, abs=3)


@pytest.mark.parametrize("language", sorted(PARALLEL.keys() - {"en"}))
def test_a_whole_practice_and_its_translation_have_about_as_many_words(language: str) -> None:
    words, others = (sum(word_count(text, 2) for text in PARALLEL[each].values()) for each in ("en", language))
    assert others == pytest.approx(words, rel=0.15)


@pytest.mark.parametrize(
    ("language", "counting", "weighed_as"),
    [("vi", 2, 150), ("VI-VN", 2, 150), ("hi", 2, 172), ("en", 2, 188), ("tr", 2, 188), ("", 2, 188), ("vi", 1, 188), ("via", 2, 188)],
)
def test_words_of_languages_that_part_them_more_finely_weigh_less(language: str, counting: int, weighed_as: int) -> None:
    assert weighed(188, language, counting) == weighed_as


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (" Jobs. ", "jobs.", "jobs"),
        ("ｊｏｂｓ！", "ｊｏｂｓ！", "jobs"),
        ("Clean\u00adtech\u200b", "clean\u00adtech\u200b", "cleantech"),
        ("Old-age  care", "old-age  care", "old age care"),
        ("— … 👍", "— … 👍", ""),
        ("\u0301", "\u0301", ""),
        ("1.5 t", "1.5 t", "1 5 t"),
        ("कि", "कि", "कि"),  # its vowel is a mark, and tells it from का
        ("就業。", "就業。", "就業"),
        (" ", "", ""),
    ],
)
def test_how_items_of_a_list_are_compared(text: str, first: str, second: str) -> None:
    assert (said(text), said(text, 2)) == (first, second)


def test_how_much_of_a_text_is_new() -> None:
    assert new_share(pieces("word " * 40)) == Decimal(1) / 37
    assert new_share(pieces("淨零" * 20)) == Decimal(2) / 37
    assert new_share(pieces("one two")) == 1
    for texts in PARALLEL.values():
        assert new_share(pieces(texts["actions"])) > Decimal("0.8")
        assert new_share(pieces(texts["actions"] * 3)) < Decimal("0.4")


@given(st.text(), st.text())
def test_law_a_longer_text_never_has_fewer_words(one: str, other: str) -> None:
    both = f"{one} {other}"
    assert word_count(both) == word_count(one) + word_count(other)
    assert max(word_count(one, 2), word_count(other, 2)) <= word_count(both, 2) <= word_count(one, 2) + word_count(other, 2)
