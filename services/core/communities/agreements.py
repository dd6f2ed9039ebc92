"""What an agreement between a member and the secretariat says: who has signed, and whose hand a change needs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

PARTIES = ("jurisdiction", "secretariat")

Signatories = Sequence[Mapping[str, Any]]
"""Entries ``{party, name, title, signed_on}`` as they are stored: ``signed_on`` is an ISO date, or null until it is signed."""


def signed(signatories: Signatories) -> dict[str, str]:
    """The parties that have signed, each with the last date of its signatures."""
    dates: dict[str, str] = {}
    for entry in signatories:
        if entry["signed_on"] is not None:
            dates[entry["party"]] = max(dates.get(entry["party"], ""), entry["signed_on"])
    return dates


def is_complete(signatories: Signatories) -> bool:
    """Whether both parties have signed."""
    return set(signed(signatories)) == set(PARTIES)


def dated_after(signatories: Signatories, today: date) -> bool:
    """Whether any signature bears a date after ``today``."""
    return any(signed_on > today.isoformat() for signed_on in signed(signatories).values())


def of_party(signatories: Signatories, party: str) -> list[Mapping[str, Any]]:
    """The signatories of one party, in their order."""
    return [entry for entry in signatories if entry["party"] == party]
