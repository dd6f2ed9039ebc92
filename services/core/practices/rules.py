"""What is true of calls and practices without a clock or a database: what may still change, and who may hand in when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import pycountry

PUBLISHED: Final = ("recognised", "commended")
"""Practices that everyone may read, when their author consents."""

WRITABLE: Final = ("draft", "returned", "revise")
"""While the practice lies with its author."""

_RULES_OF_THE_GAME: Final = frozenset({"rubric_version", "blind", "opens_at"})
_AFTER_CLOSING: Final = _RULES_OF_THE_GAME | {"closes_at"}

FIXED: Final[Mapping[str, frozenset[str]]] = {
    "draft": frozenset(),
    "open": _RULES_OF_THE_GAME,
    "closed": _AFTER_CLOSING,
    "reviewing": _AFTER_CLOSING,
}
"""What a call does not change any more in a status; decided and archived ones change nothing."""

_TAKES: Final[Mapping[str, tuple[str, ...]]] = {
    "draft": ("open",),
    "returned": ("open", "closed"),
    "revise": ("open", "closed", "reviewing"),
}

OUTCOMES: Final[Mapping[str, str]] = {
    "recognised": "recognise",
    "commended": "commend",
    "declined": "decline",
    "revise": "ask_revision",
}
"""Outcome of a decision -> the action that brings it about."""


def window_findings(opens_at: datetime, closes_at: datetime, answer_due_at: datetime, review_due_at: datetime) -> list[str]:
    """What is wrong with the times of a call.

    Answers may be due before it closes, since a rolling assignment asks reviewers while practices still come in.
    """
    order = (
        (opens_at < closes_at, "closes_at must lie after opens_at."),
        (closes_at < review_due_at, "review_due_at must lie after closes_at."),
        (opens_at < answer_due_at, "answer_due_at must lie after opens_at."),
        (answer_due_at < review_due_at, "review_due_at must lie after answer_due_at."),
    )
    return [finding for holds, finding in order if not holds]


def fixed_members(status: str, changed: frozenset[str]) -> list[str]:
    """Those of the ``changed`` members that a call in ``status`` keeps as they are."""
    return sorted(changed & FIXED[status] if status in FIXED else changed)


def may_hand_in(status: str, call_status: str, opens_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """Whether a practice in ``status`` may be handed in to its call at ``now``.

    A draft while the call is open, within its window. What the worker returned also after it closed, until its
    reviewing begins. What reviewers want revised until the call is decided.
    """
    is_late = status == "draft" and not opens_at <= now < closes_at
    return call_status in _TAKES.get(status, ()) and not is_late


def currency_finding(currency: str) -> str | None:
    """Why ``currency`` is no ISO 4217 code; None when it is one."""
    return None if pycountry.currencies.get(alpha_3=currency) else f"“{currency}” is not an ISO 4217 currency code."
