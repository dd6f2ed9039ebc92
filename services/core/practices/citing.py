"""Quoting a submission: short, whole characters, and the same words whatever the order of its lists."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Final

from services.core.practices.submission import Evidence, Indicator

LONGEST: Final = 80
"""Characters of a quote, before the sign that it goes on."""
MOST: Final = 3
"""Quotes beside one check; more would say the same."""

_NEAR_THE_END: Final = 20
_EXTENDING: Final = frozenset("\u200d\u0e33\u0eb3") | {chr(code) for code in range(0x1F3FB, 0x1F400)}
"""What continues the character before it without being a mark: the joiner, the vowel AM of Thai and Lao, tones of skin."""


@dataclass(frozen=True, slots=True)
class Cite:
    """What a point stands on: where it is in the practice (RFC 6901), and what it says there, shortened."""

    pointer: str
    text: str


def cites(found: Iterable[tuple[str, str]]) -> tuple[Cite, ...]:
    """The first quotes of what was found (pointer, text), in the order of their texts, so that a list's order leaves no trace."""
    chosen = sorted(found, key=lambda item: (item[1], item[0]))[:MOST]
    return tuple(Cite(pointer, quote(text)) for pointer, text in chosen)


def quote(text: str, longest: int = LONGEST) -> str:
    """The beginning of `text` in one line, cut where a word ends, else where a character as readers see it does."""
    line = " ".join(text[: longest * 4].split())
    if len(line) <= longest:
        return line if len(text) <= longest * 4 else f"{line}…"
    end = longest
    while end > 1 and _continues(line, end):
        end -= 1
    blank = line.rfind(" ", longest - _NEAR_THE_END, end + 1)
    return f"{line[: blank if blank > 0 else end].rstrip()}…"


def figure(indicator: Indicator) -> str:
    """An indicator in one line: what, from where to where, in which unit, when."""
    baseline = "" if indicator.baseline is None else f"{plain_number(indicator.baseline)} → "
    result = "?" if indicator.result is None else plain_number(indicator.result)
    return f"{quote(indicator.name, 50)}: {baseline}{result} {quote(indicator.unit, 25)}, {indicator.year}"


def exhibit(evidence: Evidence) -> str:
    """A piece of evidence in one line."""
    return evidence.title.strip() or evidence.name.strip() or evidence.url.strip() or evidence.id


def plain_number(value: Decimal | int) -> str:
    """A number without exponent and without trailing zeros."""
    return str(value) if isinstance(value, int) else f"{value.normalize():f}" if value else "0"


def _continues(line: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it."""
    letter = line[at]
    if _is_flag(letter) and _is_flag(line[at - 1]):
        return sum(1 for _ in takewhile(_is_flag, reversed(line[:at]))) % 2 == 1
    return letter in _EXTENDING or line[at - 1] == "\u200d" or unicodedata.category(letter).startswith("M")


def _is_flag(letter: str) -> bool:
    """Whether it is one of the letters that make a flag in pairs."""
    return "\U0001f1e6" <= letter <= "\U0001f1ff"
