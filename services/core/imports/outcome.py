"""What a row of a targets file comes to: a target that can become a commitment, nothing to take, or a rejection by a named rule."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Literal

Status = Literal["target", "skipped", "rejected"]
Severity = Literal["blocking", "warning", "info"]

NO_TARGET: Final = "no_target"
"""Why a row is skipped: it names no target."""

CELL: Final = "cell"
"""The “rule” of a finding on what a cell does not tell."""

PLACE: Final = "place"
"""The “rule” of a finding on the facts of the jurisdiction."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to say about a row. ``pointer`` leads to the field of the commitment, ``column`` is the file's column.

    ``rule`` is a rule of the standards (R0, R3), or `CELL`, `PLACE` or “plausible” and “year_set” (what looks like a typing
    error), which reject nothing.
    """

    rule: str
    severity: Severity
    pointer: str
    message: str
    column: str


@dataclass(frozen=True, slots=True)
class Read:
    """One row, read.

    ``line``: where the row begins in the file (its header is line 1). ``status`` and ``reason`` (`NO_TARGET` where it is skipped);
    ``rules``: those that reject it, sorted. ``target``: the body of a commitment to create, of a “target” only; amounts are decimals.
    ``target_year_emissions_t``: computed from the target, t CO2e. ``jurisdiction``: whose row it is, as a batch of jurisdictions takes it
    (None: the row does not say enough to make one; ``place`` says what is wrong there). ``key``: which of the account's targets this is,
    the same in every edition and once in a file. ``hash``: of the target, and so of all that the row says of it (not of the year in
    which it was said), so that an unchanged one is known. ``key`` and ``hash`` are empty unless it is a “target”.
    """

    line: int
    account: str | None
    status: Status
    reason: str
    rules: tuple[str, ...]
    findings: tuple[Finding, ...]
    target: dict[str, Any] | None
    target_year_emissions_t: Decimal | None
    jurisdiction: dict[str, Any] | None
    place: tuple[Finding, ...]
    year_reported: int | None
    key: str
    hash: str


def fingerprint(target: dict[str, Any]) -> str:
    """The same for rows that say the same, however their numbers are written."""
    told = json.dumps(target, sort_keys=True, default=_written, ensure_ascii=False)
    return hashlib.sha256(told.encode(errors="backslashreplace")).hexdigest()


def _written(value: object) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value)} has no place in a target")
    return f"{value.normalize():f}" if value else "0"


def numbered(reads: Iterable[Read]) -> list[Read]:
    """The rows with an ordinal at the end of each key, so that targets of one account that look alike keep their own commitment.

    Targets that look alike are counted by what they say, not by their place in the file: an export in another order gives the same keys.
    """
    rows = list(reads)
    alike: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.status == "target":
            alike[row.account, row.key].append(place)
    for places in alike.values():
        for ordinal, place in enumerate(sorted(places, key=lambda each: (_order(rows[each]), each)), 1):
            rows[place] = replace(rows[place], key=f"{rows[place].key}/{ordinal}")
    return rows


def _order(row: Read) -> tuple[int, Decimal, str]:
    target = row.target or {}
    return target.get("base_year") or 0, target.get("reduction_percent") or Decimal(0), row.hash
