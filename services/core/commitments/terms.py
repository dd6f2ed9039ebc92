"""What a target covers, on which terms it holds and who may see it: whether a change of these makes it weaker.

What was not said was taken as the whole city and without credits: to say now that it is less is a weakening.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.core.commitments.rules import Target
from services.core.commitments.weakening import Weakening

BREADTH: Final[Mapping[str, int]] = {"same": 0, "larger": 0, "smaller": 1, "partial": 2, "government_operations": 3}
"""Boundaries from the widest on. A larger one than the city's own covers the city too, so both count as whole."""

_LAW: Final[Mapping[str, int]] = {
    "in law": 3,
    "policy document": 2, "in policy document": 2,
    "pledge": 1, "declaration / pledge": 1,
    "proposed": 0, "proposed / in discussion": 0,
}  # fmt: skip
"""How binding a status is, for the words of our own form and of the Net Zero Tracker (zerotracker.net). Other words are not judged."""

_SHOWN: Final = ("public", "members", "private")
"""Visibilities from the widest on."""


def coverage(before: Target, after: Target) -> Iterator[Weakening]:
    """A narrower boundary, one sector instead of all, gases or scopes left out."""
    was, now = before.boundary, after.boundary
    if was is not None and now is None:
        yield Weakening("boundary", "/boundary", was, now, f"The boundary is no longer given ({_words(was)} before).")
    elif now is not None and BREADTH.get(now, 0) > BREADTH.get(was or "same", 0):
        instead = "; none was given before, which stood for the whole city" if was is None else f" instead of {_words(was)}"
        yield Weakening("boundary", "/boundary", was, now, f"The boundary is narrower: {_words(now)}{instead}.")
    if before.sector is not None and after.sector not in (before.sector, "all"):
        is_given = after.sector is not None
        covers = f"It covers {_sector(after.sector)} instead of" if is_given else "It no longer says what it covers; before it was"
        yield Weakening("sector", "/sector", before.sector, after.sector, f"{covers} {_sector(before.sector)}.")
    yield from _left_out("gases", before.gases, after.gases)
    yield from _left_out("scopes", before.scopes, after.scopes)


def _left_out(name: str, was: tuple[str | int, ...], now: tuple[str | int, ...]) -> Iterator[Weakening]:
    if missing := [each for each in was if each not in now]:
        kept = f"it covers {_list(now)} now" if now else "it names none now"
        text = f"It no longer covers the {name} {_list(missing)}; {kept}, {_list(was)} before."
        yield Weakening(name, f"/{name}", was, now, text)


def terms(before: Target, after: Target) -> Iterator[Weakening]:
    """Credits, net zero, and standing in law."""
    if not before.uses_credits and after.uses_credits:
        text = f"It counts carbon credits, which it did not {'say' if before.uses_credits is None else 'do'} before."
        yield Weakening("uses_credits", "/uses_credits", before.uses_credits, after.uses_credits, text)
    elif before.uses_credits is not None and after.uses_credits is None:
        text = f"It no longer says whether it counts carbon credits (before: {'yes' if before.uses_credits else 'no'})."
        yield Weakening("uses_credits", "/uses_credits", before.uses_credits, after.uses_credits, text)
    if before.net_zero and not after.net_zero:
        yield Weakening("net_zero", "/net_zero", before.net_zero, after.net_zero, "It is no longer a net-zero target.")
    was, now = before.status_in_law, after.status_in_law
    if was is not None and now is None:
        text = f"It no longer says how it stands in law (“{was}” before)."
        yield Weakening("status_in_law", "/status_in_law", was, now, text)
    elif was is not None and now is not None and _binding(now, was) < _binding(was, now):
        text = f"It stands less firmly in law: “{now}” instead of “{was}”."
        yield Weakening("status_in_law", "/status_in_law", was, now, text)


def hidden(was: str, now: str) -> Iterator[Weakening]:
    """Fewer may see it: nobody can check what they cannot see."""
    if _SHOWN.index(now) > _SHOWN.index(was):
        text = "It is no longer public." if was == "public" else "It is no longer shown to the members of its communities."
        yield Weakening("visibility", "/visibility", was, now, text)


def _binding(status: str, other: str) -> int:
    """How binding ``status`` is; 0 when it or ``other`` is not among the words that we can order."""
    one, two = status.casefold(), other.casefold()
    return _LAW[one] if one in _LAW and two in _LAW else 0


def _words(name: str) -> str:
    return name.replace("_", " ")


def _sector(name: str | None) -> str:
    return "all sectors" if name == "all" else f"the sector {name}"


def _list(values: Iterable[str | int]) -> str:
    return ", ".join(map(str, values))
