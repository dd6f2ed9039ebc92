"""What is true of imports without a database."""

from collections.abc import Mapping, Sequence
from typing import Literal

KINDS = ("cdp_targets",)
MOST_ROWS = 20_000
"""Ten times what an edition has worldwide; a gateway reads so many in a few seconds."""
PART = 200
"""So many rows are one part of a job, done well within a task's lease."""

STATUSES = ("imported", "imported_with_findings", "skipped", "rejected")
CHANGES = ("created", "revised", "unchanged")
COUNTS = ("rows", *STATUSES, *CHANGES, "jurisdictions_created")

NEWER_EDITION = "newer_edition"
EDITED_HERE = "edited_here"
REFUSED = "refused"
AMBIGUOUS = "ambiguous"

Step = Literal["create", "revise", "confirm", "keep", "pass"]


def step(*, year: int, is_same: bool, known_year: int, is_edited: bool) -> tuple[Step, str]:
    """What a row of ``year`` means for a target that is known by the report of ``known_year``, and why when that is no change.

    ``is_same``: it says what the remembered row said; ``is_edited``: the commitment was changed here since. What was changed here is
    never overwritten, and an older edition never undoes a newer one. “confirm” only remembers the newer year.
    """
    if is_same:
        return ("confirm", "") if year > known_year and not is_edited else ("keep", "")
    if year < known_year:
        return "keep", NEWER_EDITION
    return ("pass", EDITED_HERE) if is_edited else ("revise", "")


def parts(accounts: Sequence[str]) -> list[list[int]]:
    """The places of rows with these ``accounts`` (“”: a row without one) in parts of at most `PART`.

    What belongs to one account stays together where it can, so that a dry run sees each new jurisdiction once.
    """
    groups: dict[object, list[int]] = {}
    for place, account in enumerate(accounts):
        groups.setdefault(account or place, []).append(place)
    found: list[list[int]] = [[]]
    for group in groups.values():
        for first in range(0, len(group), PART):
            chunk = group[first : first + PART]
            if found[-1] and len(found[-1]) + len(chunk) > PART:
                found.append([])
            found[-1] += chunk
    return found


def added(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Both counts together."""
    return {name: counts.get(name, 0) + more.get(name, 0) for name in COUNTS}
