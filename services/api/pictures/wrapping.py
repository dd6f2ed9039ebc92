"""How wide a text is about, and where it breaks: no reader's font is at hand, so widths are estimated on the broad side."""

import re
import unicodedata
from typing import Final

_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML forbids, and marks that would turn the direction of what follows."""
_NARROW: Final = frozenset("ijltfrI.,;:'|!()[]{}-/ \u00a0\u202f")
_BROAD: Final = frozenset("mwMW@%&")
_JOINER: Final = "\u200d"


def clean(text: str) -> str:
    """``text`` on one line, without what a picture must not contain."""
    return " ".join(_UNSEEN.sub("", text).split())


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About the width of ``text`` in units of ``size``."""
    return sum(_em(character) for character in text) * size * (1.17 if bold else 1.0)


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """``text`` in lines that are at most ``room`` wide: broken at spaces, between ideographs, and inside a word that is too long."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if not line or width((line + piece).rstrip(), size, bold=bold) <= room:
            line += piece
        else:
            lines.append(line.rstrip())
            line = piece.lstrip()
        while width(line.rstrip(), size, bold=bold) > room:
            cut = _cut(line, size, room, bold=bold)
            lines.append(line[:cut].rstrip())
            line = line[cut:].lstrip()
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> list[str]:
    """Where a line may end: after a space and around an ideograph, but a closing mark stays with what it closes."""
    pieces: list[str] = []
    for character in text:
        stays = unicodedata.category(character) in {"Mn", "Me", "Cf", "Pe", "Pf", "Po"}
        is_wide = unicodedata.east_asian_width(character) in "WF"
        opens = pieces and unicodedata.category(pieces[-1][-1]) in {"Ps", "Pi"}
        after_wide = pieces and unicodedata.east_asian_width(pieces[-1][-1]) in "WF"
        ended = pieces and (pieces[-1].endswith(" ") or after_wide or is_wide)
        if pieces and (opens or stays or not ended or pieces[-1].endswith(_JOINER)):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _cut(line: str, size: float, room: float, *, bold: bool) -> int:
    """How many characters of ``line`` fit, at least one, not between a letter and its marks."""
    fits = 1
    while fits < len(line) and width(line[: fits + 1], size, bold=bold) <= room:
        fits += 1
    cut = fits
    while cut > 1 and (unicodedata.category(line[cut]) in {"Mn", "Me", "Cf"} or line[cut - 1] == _JOINER):
        cut -= 1
    return cut if cut > 1 else fits


def _em(character: str) -> float:
    """The width of a character in ems of a common sans-serif."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.36
    if character in _BROAD:
        return 0.92
    return 0.7 if character.isupper() or ord(character) > 0x2FF else 0.58  # noqa: PLR2004  beyond Latin, scripts are broader
