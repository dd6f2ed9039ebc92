"""Names of files as we keep and show them: one line of visible characters, safe on every system, with their extension."""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from services.core.kit.errors import FieldError, Problem

LONGEST: Final = 200
"""Bytes of UTF-8; file systems take 255."""

_PATH = re.compile(r"[/\\]|^[A-Za-z]:")
_SLASH = re.compile(r"[/\\]")
_RESERVED = re.compile(r'[<>:"|?*]')
"""What Windows allows in no name."""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])\s*(\.|$)", re.IGNORECASE)
"""Names that Windows takes for a device."""
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian and the scripts of India are written."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})


def sanitised(given: str) -> str:
    """``given`` as it is kept; `Problem` 422 for a name with path parts, however they are spelled, or with nothing in it."""
    folded = [unicodedata.normalize("NFKC", each) for each in (given, unquote(given))]  # ／ and %2f are slashes to some programs
    if _PATH.search(given) or any(_SLASH.search(each) or each.strip() in (".", "..") for each in folded):
        raise _refusal("Send the file's name without a path.")
    seen = "".join(map(_shown, unicodedata.normalize("NFC", given)))
    name = _RESERVED.sub("_", " ".join(seen.split())).lstrip(". ").rstrip(". ")
    if not any(map(str.isalnum, name.rpartition(".")[0] or name)):
        raise _refusal("The file's name is empty: it needs a letter or a digit.")
    return _fitting(f"_{name}" if _DEVICES.match(name) else name)


def extension(name: str) -> str:
    """What follows the last full stop, in small letters; empty when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def plain(name: str) -> str:
    """``name`` for readers who know ASCII only."""
    return "".join(character if character.isascii() and character not in '"\\' else "_" for character in name)


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in _SPACES or character in "\t\r\n":
        return " "
    return "" if kind in _UNSEEN and character not in _JOINERS else character


def _fitting(name: str) -> str:
    """``name`` within `LONGEST`: shortened before its extension, between two characters."""
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending
    if not stem or len(ending.encode()) > 20:  # noqa: PLR2004  no extension is that long
        stem, ending = name, ""
    room = LONGEST - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + ending


def _refusal(detail: str) -> Problem:
    return Problem("file-name-refused", detail, errors=[FieldError("/file", "file-name-refused", detail)])
