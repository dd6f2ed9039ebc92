"""Counting words in any script, so that a text and its translation weigh about the same."""

import re
import unicodedata
from collections.abc import Mapping
from itertools import groupby
from typing import Final

_JOINERS: Final = re.compile(r"(?<=\w)['’‐‑-](?=\w)|(?<=\d)[.,](?=\d)")
_HAN_AND_KANA: Final = re.compile("[々-〇ぁ-ゟ゠-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff]")
_UNSPACED: Final = re.compile("[\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u104f\u1780-\u17d3]")
_LETTERS_PER_WORD: Final[Mapping[str, int]] = {"han_and_kana": 2, "unspaced": 5}


def word_count(text: str) -> int:
    """Count the words of `text`; the rule is the same for every language.

    A run of letters, digits and their marks is one word; apostrophe and hyphen join, point and comma join digits.
    Scripts written without spaces are counted by letters, each run rounded up: two Han or kana letters, or five
    Thai, Lao, Khmer or Burmese letters, are one word. Korean is written with spaces and counts by them.
    The text is normalised (NFKC) first. The ratios are ComP Hub's own: translators' rules of thumb, rounded.
    """
    joined = _JOINERS.sub("", unicodedata.normalize("NFKC", text))
    words = 0
    for script, run in groupby(joined, _script):
        if script == "spaced":
            words += 1
        elif script:
            letters = sum(not unicodedata.category(letter).startswith("M") for letter in run)
            words += -(-letters // _LETTERS_PER_WORD[script])
    return words


def _script(letter: str) -> str:
    if _HAN_AND_KANA.match(letter):
        return "han_and_kana"
    if _UNSPACED.match(letter):
        return "unspaced"
    # Marks (the vowel signs of Indic scripts, for example) and the zero-width joiners belong to their word.
    return "spaced" if unicodedata.category(letter)[0] in "LMN" or letter in "\u200c\u200d" else ""
