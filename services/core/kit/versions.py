"""Optimistic locking as callers see it."""

from services.core.kit.errors import Problem


def check_version(current: int, given: int | None) -> None:
    """412 when the caller changed another version than the current one; None (``If-Match: *``) matches any."""
    if given is not None and given != current:
        raise Problem("version-mismatch", f"This is version {current} now; you changed version {given}.")
