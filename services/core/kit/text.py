"""Search terms of text in any script: one way for what is written and for what is asked, with core PostgreSQL alone.

PostgreSQL's own parsers take a run of Chinese or Japanese for one word, so that 防災 is not found in 東京都の防災計画.
Our terms are words where a script has them, and single characters and pairs of neighbours where it writes without
spaces (Han, Hiragana, Katakana) or joins its endings to the word (Hangul). They are kept in a ``tsvector`` under GIN.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

LONGEST = 64
"""Characters of a word that count; PostgreSQL's own limit lies at 2 kB."""

_ACCENTS = re.compile(r"[\u0300-\u036f]")
_JOINERS = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]|['’‘ʻʼ`]")
"""What stands inside a word without parting it: invisible joiners, and apostrophes (Xi’an, people’s)."""
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "臺": "台"}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
"""Letters that are no base with an accent, and 臺, which Taiwan writes both ways; dashes of all kinds."""
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_CJK = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3021-\u302f\u3031-\u3035\u3041-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00016fe0-\U00016fff\U0001b000-\U0001b16f\U00020000-\U000323af]"
)

_PLAIN = re.compile("[\x00-\x7f\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]*")
"""Text whose only difference can be that of capitals, 臺 and apostrophes: no other form of its characters is the usual one."""
_PLAIN_CJK = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff]+")

Run = tuple[bool, str]
"""Neighbouring characters of one kind: whether they are CJK, and what they are."""


def fold(text: str) -> str:
    """``text`` as it is compared: NFKC, without case, accents, apostrophes and invisible joiners."""
    if text.isascii():
        return _without_apostrophes(text.lower())
    if _PLAIN.fullmatch(text):
        return _without_apostrophes(text.lower().replace("臺", "台"))
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    plain = _JOINERS.sub("", _ACCENTS.sub("", unicodedata.normalize("NFKD", plain)))
    # Once more: what was taken away may have kept letters apart or from being folded. NFKC puts Hangul and kana together.
    return unicodedata.normalize("NFKC", plain).casefold().translate(_LETTERS)


def _without_apostrophes(text: str) -> str:
    return text.replace("'", "").replace("`", "")


def runs(text: str) -> Iterator[Run]:
    """The runs of ``text`` (folded before): words, and stretches of CJK; what is neither parts them."""
    if text.isascii():
        yield from ((False, word) for word in _ASCII_WORD.findall(text))
        return
    for kind, characters in groupby(text, key=_kind):
        if kind is not None:
            yield kind, "".join(characters)


@lru_cache(maxsize=8192)
def _kind(character: str) -> bool | None:
    """True: CJK; False: of a word (marks are: Thai and Devanagari write vowels with them); None: neither."""
    if character.isalnum() or unicodedata.category(character) in ("Mn", "Mc"):
        return _CJK.match(character) is not None
    return None


def terms(texts: Iterable[str]) -> set[str]:
    """The terms under which something that is called ``texts`` is found: letters, digits and marks, nothing else."""
    found: set[str] = set()
    folded = fold("\n".join(texts))  # at once: most of the cost is the number of calls
    if _PLAIN.fullmatch(folded):
        _add_plain(found, folded)
        if "-" in folded:  # Kan-onji is also found as Kanonji
            _add_plain(found, folded.replace("-", ""))
        return found
    for line in folded.split("\n"):
        _add(found, line)
        if "-" in line:
            _add(found, line.replace("-", ""))
    return found


def _add_plain(found: set[str], folded: str) -> None:
    found.update([word[:LONGEST] for word in _ASCII_WORD.findall(folded)])
    for run in _PLAIN_CJK.findall(folded):
        found.update(run, map("".join, pairwise(run)))


def _add(found: set[str], folded: str) -> None:
    for is_cjk, run in runs(folded):
        if is_cjk:
            found.update(run, map("".join, pairwise(run)))
        else:
            found.add(run[:LONGEST])


def vector(texts: Iterable[str]) -> str:
    """`terms` as the text of a ``tsvector``."""
    found = terms(texts)
    return "'" + "' '".join(found) + "'" if found else ""


def query(asked: Sequence[Run]) -> str | None:
    """The text of the ``tsquery`` that holds for whatever has all of ``asked``; None when there is nothing to ask.

    The last word may be the beginning of one: people type from left to right. Terms stand in quotes and hold none, nor a
    backslash (see `terms`): no operator of the query language can come from outside.
    """
    words = [position for position, (is_cjk, _) in enumerate(asked) if not is_cjk]
    parts: dict[str, None] = {}
    for position, (is_cjk, run) in enumerate(asked):
        if is_cjk:
            pairs = map("".join, pairwise(run)) if len(run) > 1 else (run,)
            parts.update({f"'{pair}'": None for pair in pairs})
        else:
            parts[f"'{run[:LONGEST]}'" + (":*" if position == words[-1] else "")] = None
    return " & ".join(parts) or None
