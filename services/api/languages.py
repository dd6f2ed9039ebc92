"""Which of our languages a reader is answered in: the one asked for, then those that their reader prefers, then English."""

import re
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

AVAILABLE: Final = ("en", "zh-Hant")
"""BCP 47 tags, the fallback first."""
LONGEST_TAG: Final = 35
"""Characters; RFC 5646 §4.4.1 asks for at least as many."""
_EXTENSION: Final = re.compile(r"[-_][0-9A-Za-z]([-_].*)?$")
"""From a single character on, a tag says things other than which language it is (RFC 5646 §2.2.6)."""
_MOST_RANGES: Final = 20
"""How many ranges of an Accept-Language header are looked at; browsers send fewer than ten."""


def negotiate(asked: str | None, accepted: str | None, available: tuple[str, ...] = AVAILABLE) -> str:
    """The language out of ``available`` for ``asked`` (a BCP 47 tag) or else an Accept-Language header.

    Who asks explicitly and cannot be served gets the fallback, not a language that they did not ask for. A tag fits a language of the
    same script, so zh-TW and zh-HK are served with zh-Hant, while zh-CN and zh-Hans are not; a bare ``zh`` is served with any script.
    """
    if asked is not None:
        return matched(asked, available) or available[0]
    for tag in ranges(accepted or ""):
        found = available[0] if tag == "*" else matched(tag, available)
        if found is not None:
            return found
    return available[0]


def ranges(header: str) -> list[str]:
    """The language ranges of an Accept-Language header (RFC 9110 §12.5.4), best first, without those of quality 0 or unreadable."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_RANGES]:
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [value for name, _, value in (each.partition("=") for each in parameters) if name.strip().lower() == "q"]
        quality = _quality(weights[0]) if weights else 1.0
        if tag and quality > 0:
            found.append((quality, tag))
    return [tag for _, tag in sorted(found, key=lambda each: -each[0])]


def matched(tag: str, available: tuple[str, ...] = AVAILABLE) -> str | None:
    """The language that serves ``tag``: the same language in the same script, or in any script when ``tag`` implies none by itself."""
    return _matched(tag, available) if len(tag) <= LONGEST_TAG else None


@lru_cache(maxsize=512)
def _matched(tag: str, available: tuple[str, ...]) -> str | None:
    wanted = _parsed(tag)
    if wanted is None:
        return None
    language, script, is_bare = wanted
    offers = [(offer, found) for offer in available if (found := _parsed(offer)) is not None and found[0] == language]
    same = next((offer for offer, found in offers if found[1] == script), None)
    return same or (offers[0][0] if is_bare and offers else None)


def _parsed(tag: str) -> tuple[str, str | None, bool] | None:
    """Language, script (the likely one where none is written), and whether there is neither script nor territory."""
    try:
        locale = Locale.parse(_EXTENSION.sub("", tag.strip()).replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    is_bare = locale.script is None and locale.territory is None
    names = [locale.language, *([locale.territory] if locale.territory else [])]
    likely = get_global("likely_subtags")
    whole = likely.get("_".join(names)) or likely.get(locale.language) or ""
    script = locale.script or next((part for part in whole.split("_") if len(part) == 4), None)  # noqa: PLR2004  ISO 15924
    return locale.language, script, is_bare


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
