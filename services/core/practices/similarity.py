"""Near-duplicate texts: what a text is recognised by, and how much two of them have in common. In every script.

A text is looked at as the set of its shingles: runs of three words, or of four letters where a script is written without
spaces (Broder, “On the resemblance and containment of documents”, 1997). Of its shingles' hashes the 128 smallest are kept;
two such sketches tell how much of the one text stands in the other (the containment of the sets). An index finds the candidates
by *keys*: each is made of three neighbours in a sketch, so that a phrase which many practices share finds none of them. Of a
short text only the same one is found.
"""

import re
import struct
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import blake2b
from typing import Final

from services.core.practices.submission import Submission

TEXTS: Final = ("summary", "problem", "actions", "lessons", "transfer_conditions")
"""The members of a practice that are running text."""

CHARACTERS: Final = 20_000
"""How much of a practice is looked at, over all its languages: handing in costs milliseconds, however long the texts are."""

SHINGLES: Final = 4_000
"""How many shingles of a practice are hashed, over all its languages."""

LEAST: Final = 24
"""A text with fewer shingles says too little to be recognised."""

ENOUGH: Final = 50
"""Of a text with fewer shingles, only the same text is recognised: a few common phrases would make half of it."""

SKETCH: Final = 128
KEYS: Final = 64
NEIGHBOURS: Final = 3
"""A key is made of so many hashes."""

NEAR: Final = Decimal("0.7")
"""From here on, a text is a near-duplicate of the one that it stands in."""

_CENT: Final = Decimal("0.01")
_UNSPACED: Final = (  # Han, bopomofo, kana and Hangul; Thai, Lao, Burmese, Khmer
    "々-〇ぁ-ゟ゠-ヺー-ヿㄅ-ㄯㄱ-ㆎㇰ-ㇿ㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff가-힣ᄀ-ᇿ"
    "\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3"
)
_MARKS: Final = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff"  # they belong to their word
_PIECE: Final = re.compile(f"[{_UNSPACED}]|(?:[^\\W_{_UNSPACED}]|[{_MARKS}])+")
_IS_LETTER: Final = re.compile(f"[{_UNSPACED}]")
_WORDS, _LETTERS = 3, 4
_CHUNK: Final = re.compile(r".{1,200}(?:\s|\Z)|.{1,200}", re.DOTALL)
_LOOK_ALIKES: Final = str.maketrans("авекмнорстухіјѕһԁαβεζηικμνορτυχ", "abekmhopctyxijshdabezhikmvoptux")
"""Cyrillic and Greek letters that look like a Latin one, case folded. The same for every text, so that each still equals itself."""
_FILLERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d" + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_UNSEEN: Final = [  # format characters, variation selectors, fillers
    code for code in (*range(0x20000), *range(0xE0000, 0xE01F0)) if unicodedata.category(chr(code)) == "Cf" or chr(code) in _FILLERS
]
_SAME: Final = _LOOK_ALIKES | dict.fromkeys(_UNSEEN, "")

Sketch = tuple[int, ...]
"""The smallest hashes of a text's shingles, ascending: at most `SKETCH` signed 64-bit numbers."""


def sketches(submission: Submission) -> dict[str, Sketch]:
    """A sketch for each language of a practice, by its tag (``und`` when the practice names none); the original comes first.

    A text that says too little has none.
    """
    original = {name: getattr(submission, name) for name in TEXTS}
    languages = {submission.language or "und": original}
    for locale in sorted(submission.translations):
        languages.setdefault(locale, dict(submission.translations[locale]))
    characters, hashed = CHARACTERS, SHINGLES
    found: dict[str, Sketch] = {}
    for locale, texts in languages.items():
        text = "\n".join(texts.get(name, "") for name in TEXTS)[:characters]
        characters -= len(text)
        shingles = shingles_of(text, hashed)
        hashed -= len(shingles)
        if sketch := sketch_of(shingles):
            found[locale] = sketch
    return found


def shingles_of(text: str, most: int = SHINGLES) -> list[str]:
    """The first ``most`` different shingles of ``text``, in the order in which they appear.

    Width, case, punctuation, white space, what cannot be seen, and letters of another alphabet that look the same make no
    difference. A shingle that begins with a letter of a script without spaces has four pieces, any other has three.
    """
    pieces = _PIECE.findall(_folded(text))
    found: dict[str, None] = {}
    for start in range(len(pieces) - _WORDS + 1):
        length = _LETTERS if _IS_LETTER.match(pieces[start]) else _WORDS
        if start + length > len(pieces) or len(found) == most:
            break
        found["\0".join(pieces[start : start + length])] = None
    return list(found)


def _folded(text: str) -> str:
    """What makes no difference, made the same; at most `CHARACTERS` of it.

    In chunks, since one letter may become eighteen (U+FDFA), and a long run of accents is put in order in quadratic time.
    """
    found, left = [], CHARACTERS
    for chunk in _CHUNK.findall(text[:CHARACTERS]):
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chunk)[:left].casefold())[:left]
        found.append(plain)
        left -= len(plain)
        if not left:
            break
    return "".join(found).translate(_SAME)


def sketch_of(shingles: Sequence[str]) -> Sketch:
    """The sketch of different ``shingles``; empty when they are too few."""
    if len(shingles) < LEAST:
        return ()
    return tuple(sorted(_hashes([shingle.encode() for shingle in shingles]))[:SKETCH])


def keys(sketch: Sketch) -> list[int]:
    """What an index finds the text by: a number for each three neighbours among the smallest hashes; of a short text, one for all."""
    if len(sketch) < ENOUGH:
        return _hashes([struct.pack(f">{len(sketch)}q", *sketch)]) if sketch else []
    starts = range(min(KEYS, len(sketch) - NEIGHBOURS + 1))
    return _hashes([struct.pack(f">{NEIGHBOURS}q", *sketch[start : start + NEIGHBOURS]) for start in starts])


def share(one: Sequence[int], other: Sequence[int]) -> Decimal:
    """How much of a text stands in another, 0 to 1, to the hundredth; from the sketch of ``one`` and of the ``other``.

    Exact where both sketches hold every shingle. Else estimated: of the hashes of ``one`` up to the largest that both sketches
    would hold, as many are looked for as there are (about 128, fewer when the other text is longer).
    """
    known = min((sketch[-1] for sketch in (one, other) if len(sketch) == SKETCH), default=None)
    ours = [each for each in one if known is None or each <= known]
    if not ours:
        return Decimal(0)
    common = len(set(ours).intersection(other))
    return (Decimal(common) / len(ours)).quantize(_CENT, rounding=ROUND_HALF_EVEN)


def _hashes(things: Sequence[bytes]) -> list[int]:
    """BLAKE2b of 8 bytes each, as signed numbers: the same on every machine, for ever."""
    return list(struct.unpack(f">{len(things)}q", b"".join([blake2b(thing, digest_size=8).digest() for thing in things])))
