"""What was deleted from a text and what was inserted, in pieces that people read, whatever the script.

Words where a script puts spaces between them, single characters with their marks where it does not (Han, kana, Thai, Lao,
Khmer, Burmese). Nothing is lost: the equal and the inserted pieces joined are the later text, the equal and the deleted ones
the earlier. Pure: texts in, pieces out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, Literal

from rapidfuzz.distance import Indel

Op = Literal["equal", "delete", "insert"]

_MOST_CELLS: Final = 64_000_000
"""Tokens of one text times tokens of the other that are aligned at once, in bits of memory: 8 MB, about 15 ms."""

_LONGEST_CRUMB: Final = 2
"""Characters that may be the same by chance, as 的 and “a” are."""

_SENTENCES: Final = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]+\s*|[^.!?。！？\n]+")
_STRETCHES: Final = re.compile(r"\S+\s*|\s+")

_UNSPACED: Final = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
    "\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u104f\u1780-\u17d3]"
)
_HANGING: Final = re.compile("[\u0e33\u0eb3\uff9e\uff9f\u200c\U0001f3fb-\U0001f3ff]")
"""What belongs to the character before it, though Unicode calls it no mark."""

_TOKEN: Final = re.compile(r"[wn][wnmj]*(?:(?:a(?=[wn])|(?<=n)x(?=n))[wnmj]+)*|(?:s+|rr)[mj]*|.[mj]*(?:(?<=j)[cpr][mj]*)*")
"""A token in the kinds of its characters (`_kind`): a word or number, a run of spaces, a flag, or one character with what hangs on it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece that stands in both texts, in the earlier one only, or in the later one only."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What stands at one place of both texts."""

    before: str
    after: str

    @property
    def is_equal(self) -> bool:
        return self.before == self.after

    @property
    def size(self) -> int:
        return max(len(self.before), len(self.after))


def edits(before: str, after: str) -> tuple[Edit, ...]:
    """How ``before`` became ``after``. Looked at from the other side, insertions are deletions and nothing else differs.

    Two long texts are compared by sentences first and finer where the sentences differ; where nothing coarse is common, one
    is replaced by the other. So the effort stays small for whatever two texts of 20,000 characters.
    """
    if before > after:  # one direction is computed, the other is its mirror image
        swapped = [_Stretch(each.after, each.before) for each in _readable(_compared(after, before))]
        return tuple(_told(swapped))
    return tuple(_told(_readable(_compared(before, after))))


def tokens(text: str) -> list[str]:
    """``text`` in the smallest pieces that are compared; joined they are the text."""
    kinds = "".join(map(_kind, text))
    return [text[found.start() : found.end()] for found in _TOKEN.finditer(kinds)]


@lru_cache(maxsize=16_384)
def _kind(character: str) -> str:
    """Of which kind it is, as one letter.

    w letter, n digit, a apostrophe or hyphen, x point or comma, s space, m mark, j joiner, c unspaced letter, r half a flag, p other.
    """
    category = unicodedata.category(character)
    if character.isspace():
        return "s"
    if category[0] == "M" or _HANGING.match(character):
        return "m"
    if _UNSPACED.match(character):
        return "c"
    if category[0] in "LN":
        return category[0].replace("L", "w").lower()
    if "\U0001f1e6" <= character <= "\U0001f1ff":
        return "r"
    return {"\u200d": "j", ".": "x", ",": "x"}.get(character, "a" if character in "'’‘‐‑-" else "p")


def _compared(before: str, after: str) -> list[_Stretch]:
    """The stretches of both texts, in their order; what both begin and end with is set aside first."""
    one, other = tokens(before), tokens(after)
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    head, tail = "".join(one[:start]), "".join(one[len(one) - end :])
    middle = _aligned("".join(one[start : len(one) - end]), "".join(other[start : len(other) - end]))
    return [_Stretch(head, head), *middle, _Stretch(tail, tail)]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first tokens are the same."""
    return next((place for place, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs), min(len(one), len(other)))


def _aligned(before: str, after: str) -> list[_Stretch]:
    """By tokens where that is cheap enough; else by sentences or spaces, and finer within what differs."""
    one, other = tokens(before), tokens(after)
    if len(one) * len(other) <= _MOST_CELLS:
        return _common_order(one, other)
    for coarse in (_SENTENCES, _STRETCHES):
        one, other = coarse.findall(before), coarse.findall(after)
        if len(one) * len(other) > _MOST_CELLS:
            continue
        found = _merged(_common_order(one, other))
        if any(each.is_equal for each in found):
            return [finer for each in found for finer in ([each] if each.is_equal else _aligned(each.before, each.after))]
    return [_Stretch(before, after)]


def _common_order(one: list[str], other: list[str]) -> list[_Stretch]:
    """Along the longest sequence of pieces that both have in the same order."""
    places = Indel.opcodes(one, other)
    return [_Stretch("".join(one[op.src_start : op.src_end]), "".join(other[op.dest_start : op.dest_end])) for op in places]


def _merged(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Neighbours that are equal in one, and neighbours that differ in one."""
    found = []
    for _, run in groupby(stretches, key=lambda each: each.is_equal):
        parts = list(run)
        found.append(_Stretch("".join(each.before for each in parts), "".join(each.after for each in parts)))
    return [each for each in found if each.size]


def _readable(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Crumbs between two changes become part of them: spaces and signs alone, and a letter or two that happen to be the same."""
    kept: list[_Stretch] = []
    for each in _merged(stretches):
        if len(kept) > 1 and not each.is_equal and _is_crumb(kept[-1].before, min(kept[-2].size, each.size)):
            first, crumb = kept[-2:]
            kept[-2:] = [_Stretch(first.before + crumb.before + each.before, first.after + crumb.after + each.after)]
        else:
            kept.append(each)
    return kept


def _is_crumb(text: str, beside: int) -> bool:
    """Whether ``text`` is hardly worth showing as equal between two changes of at least ``beside`` characters."""
    return not any(map(str.isalnum, text)) or len(text) <= min(beside, _LONGEST_CRUMB)


def _told(stretches: Iterable[_Stretch]) -> Iterator[Edit]:
    for each in stretches:
        if each.is_equal:
            yield Edit("equal", each.before)
            continue
        if each.before:
            yield Edit("delete", each.before)
        if each.after:
            yield Edit("insert", each.after)
