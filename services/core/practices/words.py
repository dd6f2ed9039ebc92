"""Counting words in any script, so that a text and its translation weigh about the same.

There are two ways of counting, and a rubric says which one it uses. The first is as old as the first rubric, and stays
as it was for its sake. The second is fairer: its ratios were fitted to parallel texts, Korean is counted as the script
that it is, runs are not rounded up one by one, and what cannot be seen or read makes no word.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Final

_JOINERS: Final = re.compile(r"(?<=\w)['’‐‑-](?=\w)|(?<=\d)[.,](?=\d)")
_UNSPACED: Final = re.compile("[\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u104f\u1780-\u17d3]")

# The first way takes all of U+8C48 to U+FAFF for Han: Hangul too, and the rarer scripts between.
_EAST_ASIAN: Final = re.compile(
    "[\u3005-\u3007\u3041-\u309f\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\u8c48-\ufaff\U00020000-\U0003ffff]"
)
_RUNS: Final = re.compile("[eE]+|[uU]+|[sS]+")
_EAST_ASIAN_PER_WORD: Final = 2
_UNSPACED_PER_WORD: Final = 5

_HAN: Final = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA: Final = re.compile("[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]")
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff]")
_WORDS: Final = re.compile("s[sS]*")
_LETTERS_PER_WORD: Final[Mapping[str, Decimal]] = {"h": Decimal("1.5"), "k": Decimal("2.5"), "g": Decimal(2), "u": Decimal("3.5")}

_WEIGHTS: Final[Mapping[str, Decimal]] = {"vi": Decimal("0.8"), "hi": Decimal("0.92")}
"""What a written word weighs in languages that part their words more finely than English: Vietnamese parts its syllables."""


class _Kinds(dict[int, str]):
    """Code point -> the kind of its script, told once; for `str.translate`, which is many times faster than a loop."""

    def __init__(self, *scripts: tuple[re.Pattern[str], str]) -> None:
        super().__init__()
        self.scripts = scripts

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(chr(code), self.scripts)
        return kind


def _kind(letter: str, scripts: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """A mark (Thai's vowel signs, for example) is a capital: it belongs to its word, but is no letter of its own."""
    category = unicodedata.category(letter)[0]
    for pattern, kind in scripts:
        if pattern.match(letter):
            return kind.upper() if category == "M" else kind
    # Marks and the zero-width joiners belong to their word.
    return "S" if category == "M" or letter in "\u200c\u200d" else "s" if category in "LN" else " "


class _Said(dict[int, str]):
    """Code point -> the letter, number or mark itself, or a blank."""

    def __missing__(self, code: int) -> str:
        self[code] = said = chr(code) if unicodedata.category(chr(code))[0] in "LMN" else " "
        return said


_ALONE: Final = "".join(pattern.pattern[1:-1] for pattern in (_HAN, _KANA, _UNSPACED))
_PIECES: Final = re.compile(rf"[{_ALONE}]|[^\s{_ALONE}]+")
_UNSEEN: Final = frozenset(c for c in map(chr, (*range(0x20000), *range(0xE0000, 0xE0080))) if unicodedata.category(c) == "Cf")
"""What has no width (category Cf): soft hyphen, zero-width space, byte order mark …"""
_SAID: Final = _Said()


_BY_RUNS: Final = _Kinds((_EAST_ASIAN, "e"), (_UNSPACED, "u"))
_BY_LETTERS: Final = _Kinds((_HAN, "h"), (_KANA, "k"), (_HANGUL, "g"), (_UNSPACED, "u"))


def word_count(text: str, counting: int = 1) -> int:
    """The words of `text`, counted in way 1 or 2; each is the same for every language.

    A run of letters, digits and their marks is one word; apostrophe and hyphen join, point and comma join digits.
    The text is normalised (NFKC) first. Some scripts are counted by letters. Way 1: two Han, kana or Hangul letters, or
    five Thai, Lao, Khmer or Burmese letters, are one word, each run rounded up. Way 2: 1.5 Han, 2.5 kana, 2 Hangul, or
    3.5 Thai, Lao, Khmer or Burmese letters are one word, their sum rounded up; what has no width is left out first, and marks
    alone are no word.
    """
    return COUNTINGS[counting](text)


def weighed(words: int, language: str, counting: int = 1) -> int:
    """``words`` of a text in ``language`` (BCP 47) as they count against a limit that is meant for English; way 1 does not weigh.

    Never more than there are. Points do not depend on it: naming one's language must not lower them.
    """
    weight = _WEIGHTS.get(language.strip().casefold().partition("-")[0])
    return words if counting == 1 or weight is None else int(words * weight)


def said(text: str, counting: int = 1) -> str:
    """A short text as it is compared with others of its list; "" when it says nothing.

    Way 1: without case, and blanks around it. Way 2: without case, width, and all that is neither letter nor number.
    """
    if counting == 1:
        return text.strip().casefold()
    folded = unicodedata.normalize("NFKC", _visible(text).casefold())
    words = " ".join(folded.translate(_SAID).split())
    return words if any(letter.isalnum() for letter in words) else ""


def pieces(text: str) -> list[str]:
    """What is `said`, word by word, and letter by letter in scripts that write without blanks."""
    return _PIECES.findall(said(text, 2))


def new_share(text: Sequence[str]) -> Decimal:
    """How much of a text's pieces is new, 0..1: its different runs of four pieces, of all such runs. 1 when it has none."""
    runs = list(zip(text, text[1:], text[2:], text[3:], strict=False))
    return Decimal(len(set(runs))) / len(runs) if runs else Decimal(1)


def _visible(text: str) -> str:
    """The text, normalised (NFKC), without what has no width."""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isascii() or _UNSEEN.isdisjoint(plain):
        return plain
    # What is taken away may have kept letters apart that are written as one.
    return unicodedata.normalize("NFKC", "".join(letter for letter in plain if letter not in _UNSEEN))


def _by_runs(text: str) -> int:
    plain = _JOINERS.sub("", unicodedata.normalize("NFKC", text))
    return sum(map(_run, _RUNS.findall(plain.translate(_BY_RUNS))))


def _run(kinds: str) -> int:
    """The words of one run."""
    if kinds[0] in "eE":
        return -(-kinds.count("e") // _EAST_ASIAN_PER_WORD)
    return -(-kinds.count("u") // _UNSPACED_PER_WORD) if kinds[0] in "uU" else 1


def _by_letters(text: str) -> int:
    kinds = _JOINERS.sub("", _visible(text)).translate(_BY_LETTERS)
    letters = sum((kinds.count(kind) / per_word for kind, per_word in _LETTERS_PER_WORD.items() if kind in kinds), Decimal(0))
    return len(_WORDS.findall(kinds)) + int(letters.to_integral_value(ROUND_CEILING))


COUNTINGS: Final[Mapping[int, Callable[[str], int]]] = {1: _by_runs, 2: _by_letters}
