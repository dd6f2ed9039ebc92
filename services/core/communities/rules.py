"""What is true of communities without a clock or a database: themes, kinds, roles, and the life of a membership.

Locks, in this one order for everybody, so that nobody waits for each other in a circle: the community (several in the
order of their ids), then its memberships (in the order of their ids), then what belongs to a membership; the jurisdictions
of a batch come before all of them (FOR NO KEY UPDATE too, so that nobody waits to refer to one). Whoever takes or
frees a place or the chair (`AT_THE_PLACES`), ends a term, or writes a set of standings holds the community (FOR NO KEY
UPDATE); whoever drafts or renews holds it shared; every other change locks its membership alone, and never a community
after it. A community's facts are read after its lock, so they stand until the commit.
"""

from collections import deque
from collections.abc import Mapping
from functools import cache

from services.core.kit.states import Machine

THEMES = ("circular_economy", "energy_transition", "sustainable_urban_planning", "resilient_mobility", "innovative_finance")
KINDS = ("chair", "member", "observer")
REPRESENTATIVE_ROLES = ("political", "technical", "communications")

COUNTED = ("chair", "member")
"""Kinds that take one of the community's places; observers do not."""

_BEFORE_THE_END = (
    "draft", "expressed_interest", "under_review", "returned", "invited", "agreement_sent", "signed", "active", "suspended",
)  # fmt: skip
ENDED = ("rejected", "withdrawn", "expired")
DRAFTED = ("draft", "returned")
"""While the jurisdiction writes: its expression of interest may change, and nothing else waits for it."""
IN_FORCE = ("active", "suspended")

MEMBERSHIP = Machine(
    name="membership",
    statuses=(*_BEFORE_THE_END, *ENDED),
    moves={
        "submit": {"draft": "expressed_interest", "returned": "expressed_interest"},
        "review": {"expressed_interest": "under_review"},
        "return": {"under_review": "returned"},
        "reject": {"under_review": "rejected"},
        "invite": {"under_review": "invited"},
        "send_agreement": {"invited": "agreement_sent"},
        "sign": {"agreement_sent": "signed"},
        "activate": {"signed": "active"},
        "suspend": {"active": "suspended"},
        "reinstate": {"suspended": "active"},
        "withdraw": dict.fromkeys(_BEFORE_THE_END, "withdrawn"),
        "expire": {"active": "expired", "suspended": "expired"},
        "renew": {"active": "active", "expired": "expired"},
    },
    internal=frozenset({"expire"}),
)
"""`renew` leaves the membership as it is and makes a draft of the next one, in another community; the draft is what changes.

Emits ``membership.expressed_interest`` and ``membership.status_changed``; guards stand in `validation`."""

WHO: Mapping[str, str] = {
    "submit": "member",
    "review": "secretariat",
    "return": "secretariat",
    "reject": "secretariat",
    "invite": "secretariat",
    "send_agreement": "secretariat",
    "sign": "member",
    "activate": "secretariat",
    "suspend": "secretariat",
    "reinstate": "secretariat",
    "withdraw": "member",
    "renew": "member",
}
"""Who takes each step: the member itself (the secretariat may do it on its behalf), or the secretariat alone."""

AT_THE_PLACES = frozenset({"activate", "reinstate", "withdraw", "expire"})
"""Steps that take or free a place or the chair."""

NEEDED_ROLES = ("political", "technical")
"""Whoever is active is represented by one of each."""


def may_take(action: str, *, is_secretariat: bool) -> bool:
    """Whether someone who already speaks for the jurisdiction may take this step."""
    return is_secretariat or WHO[action] == "member"


def takes_a_place(kind: str, status: str) -> bool:
    """Whether a membership of this kind and status counts against the community's capacity."""
    return kind in COUNTED and status == "active"


def holds_the_chair(kind: str, status: str) -> bool:
    """Whether a membership of this kind and status is the community's chair."""
    return kind == "chair" and status in IN_FORCE


@cache
def path(status: str | None, standing: str) -> tuple[str, ...]:
    """The shortest way of `MEMBERSHIP` from ``status`` to ``standing``: the steps to take, none when it is there already.

    What has ended is never revived: from an ended status, as from None, the way is that of a new draft; and no draft is
    made to be withdrawn. Expiry is the clock's, so it is on no way.
    """
    start = "draft" if status is None or status in ENDED else status
    if standing == start or (standing in ENDED and start != status):
        return ()
    ways: dict[str, tuple[str, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for action in MEMBERSHIP.allowed(here):
            there = MEMBERSHIP.next(here, action)
            if there == standing:
                return (*ways[here], action)
            if there not in ways:
                ways[there] = (*ways[here], action)
                waiting.append(there)
    msg = f"there is no way from {start} to {standing}"
    raise ValueError(msg)
