"""When answers are due, when decisions are published, and how a moment is told."""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

LATE_ANSWER: Final = timedelta(days=3)
"""How long someone may think who is asked after the call's `answer_due_at` (in the place of somebody silent)."""


def answer_due(call_answer_due: datetime, review_due: datetime, now: datetime) -> datetime:
    """When a request that is made ``now`` must be answered: by the call's own deadline, or soon when that has passed."""
    return call_answer_due if now < call_answer_due else min(now + LATE_ANSWER, review_due)


def in_force(own: datetime, calls: datetime, *, is_waiting: bool) -> datetime:
    """The date by which a request really must be answered, or its review written.

    A request that ``is_waiting`` follows its call's extension from the moment of the extension, before its own date is moved. Never
    the other way: a date that was told to somebody does not come nearer.
    """
    return max(own, calls) if is_waiting else own


def next_tick(now: datetime, every_s: int) -> datetime:
    """The next moment, after ``now``, at which decisions are released: multiples of ``every_s`` since 1970.

    Releases on fixed ticks do not tell when the last reviewer acted.
    """
    return datetime.fromtimestamp((math.floor(now.timestamp() / every_s) + 1) * every_s, UTC)


def day_of(moment: datetime) -> datetime:
    """The beginning of ``moment``'s day in UTC: all that an author learns of a time."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
