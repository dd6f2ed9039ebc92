"""What is true of calls and practices without a clock or a database: what may still change, and who may hand in when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pycountry

PUBLISHED: Final = ("recognised", "commended")
"""Practices that everyone may read, when their author consents."""

WRITABLE: Final = ("draft", "returned", "revise")
"""While the practice lies with its author."""

_RULES_OF_THE_GAME: Final = frozenset({"rubric_version", "blind", "opens_at"})
_AFTER_CLOSING: Final = _RULES_OF_THE_GAME | {"closes_at", "soft/closes_at"}

FIXED: Final[Mapping[str, frozenset[str]]] = {
    "draft": frozenset(),
    "open": _RULES_OF_THE_GAME,
    "closed": _AFTER_CLOSING,
    "reviewing": _AFTER_CLOSING,
}
"""What a call does not change any more in a status; decided and archived ones change nothing."""

RUNNING: Final = ("open", "closed", "reviewing")
"""While people act by a call's dates."""

HARD: Final = ("closes_at", "answer_due_at", "review_due_at")
"""The dates that are enforced, in the order in which the later ones hang on the earlier. A soft one may be announced before each."""

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


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a call: its window, its hard deadlines, and the soft ones that it announces before them (None: none)."""

    opens_at: datetime
    closes_at: datetime
    answer_due_at: datetime
    review_due_at: datetime
    soft_closes_at: datetime | None = None
    soft_answer_due_at: datetime | None = None
    soft_review_due_at: datetime | None = None


def soft(name: str) -> str:
    """The soft date that belongs to the hard one ``name``, as `Dates` calls it."""
    return f"soft_{name}"


def window_findings(dates: Dates) -> list[tuple[str, str]]:
    """What is wrong with the dates of a call: pointers to the members, and what each of them needs.

    Answers may be due before it closes, since a rolling assignment asks reviewers while practices still come in.
    """
    opens_at = dates.opens_at
    order = [
        ("/closes_at", opens_at < dates.closes_at, "closes_at must lie after opens_at."),
        ("/review_due_at", dates.closes_at < dates.review_due_at, "review_due_at must lie after closes_at."),
        ("/answer_due_at", opens_at < dates.answer_due_at, "answer_due_at must lie after opens_at."),
        ("/review_due_at", dates.answer_due_at < dates.review_due_at, "review_due_at must lie after answer_due_at."),
    ]
    for name in HARD:
        announced: datetime | None = getattr(dates, soft(name))
        holds = announced is None or opens_at < announced <= getattr(dates, name)
        order.append((f"/soft/{name}", holds, f"soft.{name} must lie after opens_at, and not after {name}."))
    return [(pointer, finding) for pointer, holds, finding in order if not holds]


def moved_along(before: Dates, wanted: Dates, sent: Collection[str], status: str) -> Dates:
    """The dates of a call after an amendment: what moves later takes along, by the same span, what hangs on it.

    ``wanted`` has the ``sent`` members (named as in `Dates`) and else what was there ``before``; what was sent stays as sent.
    On `closes_at` hang `review_due_at`, and `answer_due_at` unless answers are due before the call closes. On `answer_due_at`
    hangs `review_due_at`. On each hard date hangs its soft one. Nothing moves by itself in a draft, nor when a date moves earlier.
    """
    if status not in RUNNING:
        return wanted
    closing = _delay(before.closes_at, wanted.closes_at)
    answer_due_at = wanted.answer_due_at
    if "answer_due_at" not in sent and before.answer_due_at >= before.closes_at:
        answer_due_at += closing
    review_due_at = wanted.review_due_at
    if "review_due_at" not in sent:
        review_due_at += max(closing, _delay(before.answer_due_at, answer_due_at))
    moved = replace(wanted, answer_due_at=answer_due_at, review_due_at=review_due_at)
    announced = {
        soft(name): known + _delay(getattr(before, name), getattr(moved, name))
        for name in HARD
        if soft(name) not in sent and (known := getattr(before, soft(name))) is not None
    }
    return replace(moved, **announced)


def _delay(before: datetime, after: datetime) -> timedelta:
    """By how much a date moved later; nothing when it moved earlier."""
    return max(after - before, timedelta(0))


def is_extended(before: Dates, after: Dates, status: str) -> bool:
    """Whether people who act by the dates of a call have more time than they had."""
    later = (getattr(before, name) < getattr(after, name) for name in HARD)
    announced = ((getattr(before, soft(name)), getattr(after, soft(name))) for name in HARD)
    return status in RUNNING and (any(later) or any(old is not None and new is not None and old < new for old, new in announced))


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


def comes_late(status: str, soft_closes_at: datetime | None, now: datetime) -> bool:
    """Whether what is handed in at ``now`` comes after the soft closing: it is taken, and marked.

    A revision that the reviewers asked for never comes late.
    """
    return status != "revise" and soft_closes_at is not None and now >= soft_closes_at


def currency_finding(currency: str) -> str | None:
    """Why ``currency`` is no ISO 4217 code; None when it is one."""
    return None if pycountry.currencies.get(alpha_3=currency) else f"“{currency}” is not an ISO 4217 currency code."
