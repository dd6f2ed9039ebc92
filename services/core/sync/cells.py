"""The text of one cell: what is written there, whether it means “missing”, and numbers, years and points in their many forms."""

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any


class Unreadable(ValueError):
    """A cell says something that it should not; the message tells what, for people."""


MOST_CHARACTERS = 5_000
"""A longer cell of a jurisdiction's facts is a mistake of the file."""

_SHOWN = 60
_MOST_DIGITS = 40
_MOST_MAGNITUDE = 18

# Zero-width characters, soft hyphens, marks of byte order and of direction: they are never meant in a fact. The joiners
# U+200C and U+200D are spelling in several scripts, so they stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")
# What the API refuses: controls, surrogates that stand alone, noncharacters.
_IMPOSSIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(1, 17))
    + "]"
)

_MISSING = frozenset(
    {
        "", "n/a", "n.a.", "n.a", "#n/a", "na/na", "-", "--", "---", "–", "—", "―", "−", ".", "..", "?", "null", "(blank)", "[blank]",
        "not available", "not applicable", "no data", "no answer", "no response", "unknown", "do not know", "don't know", "don’t know",
        "question not applicable", "this data is not available to report", "data not available", "not reported", "to be confirmed", "tbc",
        "tbd",
    }
)  # fmt: skip
_MISSING_AS_WRITTEN = frozenset({"NA", "NaN", "NULL", "nan"})
"""“Nan” is a province of Thailand, and “Na” could be a name: these count as missing in this spelling only."""

_NO_NUMBER = frozenset({"none", "nan", "na", "ne", "ie", "no", "c", "nil"})
"""Notation keys and words that stand in numeric cells."""

_POINT = re.compile(r"^POINT\s*Z?\s*\(\s*(\S+)\s+(\S+)(?:\s+\S+)?\s*\)$", re.IGNORECASE)
_YEAR = re.compile(r"^(\d{4})(?:\.0+)?(?:[-/]\d{1,2}(?:[-/]\d{1,2})?(?:[T ]\d{2}:.*)?)?$")
_PLAIN = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$")
_COMMAS = re.compile(r"^[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$")
_DOTS = re.compile(r"^[+-]?\d{1,3}(\.\d{3}){2,}(,\d+)?$|^[+-]?\d{1,3}(\.\d{3})+,\d+$")
_COMMA_POINT = re.compile(r"^[+-]?\d+,\d+$")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s'’_](?=\d{3}(?!\d))")


def text(value: Any) -> str:
    """What a cell says, on one line: NFC, every kind of space as one space, nothing invisible.

    Numbers and truth values of a JSON document become their text, lists of them are joined by “; ”; `Unreadable` for the rest.
    """
    if isinstance(value, list | tuple) and not any(isinstance(each, list | tuple | dict) for each in value):
        value = "; ".join(text(each) for each in value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _digits(value)
    if not isinstance(value, str):
        raise Unreadable("is not one value but a group of values")
    if len(value) > MOST_CHARACTERS:
        raise Unreadable(f"is longer than {MOST_CHARACTERS} characters")
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    value = _INVISIBLE.sub("", value)
    value = _IMPOSSIBLE.sub("\ufffd", unicodedata.normalize("NFC", value))
    return " ".join(value.split())


def _digits(value: float | Decimal) -> str:
    if isinstance(value, int) and value.bit_length() > _MOST_MAGNITUDE * 4:
        raise Unreadable("is too large a number")
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return str(value)


def is_missing(said: str, more: Iterable[str] = ()) -> bool:
    """Whether ``said``, as `text` gives it, means that nothing is known. ``more``: markers of this file alone, casefolded."""
    folded = said.casefold()
    return folded in _MISSING or said in _MISSING_AS_WRITTEN or folded in more


def number(said: str) -> Decimal | None:
    """The number in a cell: 8e+05, 2,765,932, 1.234.567, 27,36, 12 345; None for a word that means there is none."""
    folded = unicodedata.normalize("NFKC", said).replace("\u2212", "-")
    if folded.casefold() in _NO_NUMBER:
        return None
    bare = _BETWEEN_DIGITS.sub("", folded)
    if _COMMAS.match(bare):
        bare = bare.replace(",", "")
    elif _DOTS.match(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _COMMA_POINT.match(bare):
        bare = bare.replace(",", ".")
    if len(bare) > _MOST_DIGITS or not bare.isascii() or not _PLAIN.match(bare):
        raise Unreadable(f"is not a number: {shown(said)}")
    found = Decimal(bare)
    if found and abs(found.adjusted()) > _MOST_MAGNITUDE:
        raise Unreadable(f"is too large or too small a number: {shown(said)}")
    return found


def whole(said: str) -> int | None:
    """The whole number in a cell."""
    found = number(said)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise Unreadable(f"is not a whole number: {shown(said)}")
    return int(found)


def year(said: str) -> int | None:
    """The year in a cell, also of a date; 0 means that it is missing."""
    folded = unicodedata.normalize("NFKC", said)
    if folded in {"0", "0.0"} or folded.casefold() in _NO_NUMBER:
        return None
    match = _YEAR.match(folded)
    if match is None or not match[1].isascii():
        raise Unreadable(f"is not a year: {shown(said)}")
    return int(match[1])


def point(said: str) -> tuple[Decimal, Decimal]:
    """Latitude and longitude of ``POINT (longitude latitude)``."""
    match = _POINT.match(said)
    if match is None:
        raise Unreadable(f"is not like POINT (longitude latitude): {shown(said)}")
    try:
        longitude, latitude = number(match[1]), number(match[2])
    except Unreadable:
        longitude = latitude = None
    if longitude is None or latitude is None:
        raise Unreadable(f"is not like POINT (longitude latitude): {shown(said)}")
    return latitude, longitude


@lru_cache(maxsize=65_536)
def key(name: str) -> str:
    """What two spellings of one column or word have in common: letters and digits, without case, marks between words as one space.

    “Land area (in square km)”, “Land.area..in.square.km.” and one with a no-break space and a byte order mark are the same.
    """
    folded = unicodedata.normalize("NFKC", name[:MOST_CHARACTERS]).casefold()
    kept = (each if each.isalnum() or _is_mark(each) else "" if unicodedata.category(each) == "Cf" else " " for each in folded)
    return " ".join("".join(kept).split())


def _is_mark(character: str) -> bool:
    """A vowel sign or accent that belongs to the letter before it."""
    return unicodedata.category(character)[0] == "M"


def shown(said: str) -> str:
    """``said`` in typographic quotes, cut for a message."""
    return f"“{said}”" if len(said) <= _SHOWN else f"“{said[:_SHOWN]}…”"
