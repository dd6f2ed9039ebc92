"""Are the links in a text such that a reader could follow them? They are only read, never opened."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2_000
"""Characters of a link, as much as browsers and servers commonly take."""
MOST: Final = 10
"""Links of one text that are reported; the rest will be of the same kind."""

# What begins like a link, up to a blank, a quotation mark or the full-width punctuation that follows it in Chinese and Japanese.
_LINK: Final = re.compile(
    r"(?:(?<![a-z0-9])[a-z][a-z0-9+.-]{1,9}://|(?<![a-z])https?:)[^\s<>\"“”„«»「」『』《》（）【】，。、；：！？]*", re.IGNORECASE
)
_TRAILING: Final = ".,;:!?'’)]}"
_LABEL: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_PRIVATE: Final = ("localhost", "local", "internal", "lan", "home", "corp", "intranet")


def faults(text: str) -> list[tuple[str, str]]:
    """The links in `text` that lead nowhere, each with why (the rest of a sentence that begins with "it"); at most `MOST`."""
    if ":" not in text:
        return []
    found: dict[str, str] = {}
    for link in _links(text):
        if link not in found and (why := fault(link)):
            found[link] = why
            if len(found) == MOST:
                break
    return list(found.items())


def fault(link: str) -> str:
    """What is wrong with a link, as the rest of a sentence that begins with "it"; "" when nothing is. Linear in its length."""
    if len(link) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if any(character.isspace() or not character.isprintable() for character in link):
        return "has a blank in it"
    try:
        parts = urlsplit(link)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "is not written like the address of a page"
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "does not begin with https:// or http://"
    if "@" in parts.netloc:
        return "carries a user name; leave out what stands before the @"
    return _host_fault(host)


def _links(text: str) -> Iterator[str]:
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_TRAILING)
        # A bracket that was opened in the link belongs to it.
        yield link + ")" if link.count("(") > link.count(")") and match[0][len(link) :].startswith(")") else link


def _host_fault(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        if labels[-1].casefold() in _PRIVATE:
            return "leads into a private network, where readers cannot follow"
        if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004
            return "names no site, such as www.city.example"
        return ""
    return "" if address.is_global else "leads into a private network, where readers cannot follow"
