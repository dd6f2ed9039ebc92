"""Near-duplicate texts: what a text is recognised by, and how much two of them have in common. In every script.

A text is looked at as the set of its shingles: runs of three words, or of four letters where a script is written without
spaces (Broder, “On the resemblance and containment of documents”, 1997). Of each shingle's hash the 128 smallest are kept;
two such sketches tell how much of two texts is common (the Jaccard index of the sets) with a standard error of at most 0.05.
An index finds the candidates by *keys*: each is made of three neighbours in a sketch, so that a phrase which many practices
share finds none of them, and a text with 0.7 in common is found in 99 of 100 cases.
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

LEAST: Final = 50
"""A text with fewer shingles says too little to be recognised."""

SKETCH: Final = 128
KEYS: Final = 16

NEAR: Final = Decimal("0.7")
"""From here on, two texts are near-duplicates."""

_CENT: Final = Decimal("0.01")
_UNSPACED: Final = (  # Han, bopomofo, kana and Hangul; Thai, Lao, Burmese, Khmer
    "々-〇ぁ-ゟ゠-ヺー-ヿㄅ-ㄯㄱ-ㆎㇰ-ㇿ㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff가-힣ᄀ-ᇿ"
    "\u0e01-\u0e4e\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3"
)
_MARKS: Final = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff"  # they belong to their word
_PIECE: Final = re.compile(f"[{_UNSPACED}]|(?:[^\\W_{_UNSPACED}]|[{_MARKS}])+")
_IS_LETTER: Final = re.compile(f"[{_UNSPACED}]")
_WORDS, _LETTERS = 3, 4

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

    Width, case, punctuation and white space make no difference. A shingle that begins with a letter of a script without spaces
    has four pieces, any other has three.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text)[:CHARACTERS].casefold())
    pieces = _PIECE.findall(plain)
    found: dict[str, None] = {}
    for start in range(len(pieces) - _WORDS + 1):
        length = _LETTERS if _IS_LETTER.match(pieces[start]) else _WORDS
        if start + length > len(pieces) or len(found) == most:
            break
        found["\0".join(pieces[start : start + length])] = None
    return list(found)


def sketch_of(shingles: Sequence[str]) -> Sketch:
    """The sketch of different ``shingles``; empty when they are too few."""
    if len(shingles) < LEAST:
        return ()
    return tuple(sorted(_hashes([shingle.encode() for shingle in shingles]))[:SKETCH])


def keys(sketch: Sketch) -> list[int]:
    """What an index finds the text by: one number for each three neighbours among the smallest hashes."""
    neighbours = [struct.pack(">3q", *sketch[start : start + 3]) for start in range(min(KEYS, len(sketch) - 2))]
    return _hashes(neighbours)


def share(one: Sequence[int], other: Sequence[int]) -> Decimal:
    """How much of two texts is common, 0 to 1, to the hundredth: exact for short texts, else estimated from their sketches."""
    ours, theirs = set(one), set(other)
    smallest = sorted(ours | theirs)[:SKETCH]
    if not smallest:
        return Decimal(0)
    common = sum(each in ours and each in theirs for each in smallest)
    return (Decimal(common) / len(smallest)).quantize(_CENT, rounding=ROUND_HALF_EVEN)


def _hashes(things: Sequence[bytes]) -> list[int]:
    """BLAKE2b of 8 bytes each, as signed numbers: the same on every machine, for ever."""
    return list(struct.unpack(f">{len(things)}q", b"".join([blake2b(thing, digest_size=8).digest() for thing in things])))
