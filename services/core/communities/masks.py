"""What the ledger may keep of people: enough to recognise a change, too little to know or reach anybody.

Events are kept for ever and read by many, so no personal data is copied into them.
"""

from collections.abc import Mapping
from typing import Any

_NAMES = frozenset({"name"})
_ADDRESSES = frozenset({"email"})
_HIDDEN = frozenset({"phone"})
_FREE_TEXTS = frozenset({"motivation", "responsibilities"})


def masked(member: str, value: Any) -> Any:
    """``value`` of a person's or an expression's ``member`` as an event may hold it; groups are masked member by member."""
    if isinstance(value, Mapping):
        return {name: masked(name, inner) for name, inner in value.items()}
    if not isinstance(value, str) or not value:
        return value
    if member in _NAMES:
        return f"{value[0]}***"
    if member in _ADDRESSES:
        return f"{value[0]}***@{value.rpartition('@')[2]}"
    if member in _HIDDEN:
        return "***"
    return f"{len(value)} characters" if member in _FREE_TEXTS else value


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members in which two states differ, as they were and as they are, masked; groups show only what differs in them."""
    was, is_now = before or {}, after or {}
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name in (*was, *(name for name in is_now if name not in was)):
        one, other = was.get(name), is_now.get(name)
        if one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            old[name], new[name] = differences(one, other)
        else:
            old[name], new[name] = masked(name, one), masked(name, other)
    return old, new
