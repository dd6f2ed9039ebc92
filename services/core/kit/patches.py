"""Merge patches (RFC 7396) of plain values."""

from collections.abc import Mapping
from typing import Any


def merge_patch(current: Any, patch: Any) -> Any:
    """``current`` after a JSON merge patch (RFC 7396): null removes, objects merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    whole = dict(current) if isinstance(current, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        else:
            whole[name] = merge_patch(whole.get(name), value)
    return whole
