"""Rules of calls without a clock: which dates hold together, what an extension takes along, and what comes late."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.practices import rules
from services.core.practices.rules import HARD, Dates, comes_late, fixed_members, is_extended, moved_along, soft, window_findings

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
NAMES = (*HARD, *map(soft, HARD))


def day(number: float) -> datetime:
    return START + timedelta(days=number)


ROLLING = Dates(day(0), day(30), day(20), day(50), day(28), day(18), day(45))
"""Answers are due before it closes."""
AFTER = Dates(day(0), day(30), day(37), day(50), day(28), day(35), day(45))
"""Answers are due after it closes."""


def in_days(dates: Dates) -> list[float | None]:
    found = (getattr(dates, name) for name in NAMES)
    return [None if each is None else (each - START) / timedelta(days=1) for each in found]


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        (AFTER, {"closes_at": 40}, [40, 47, 60, 38, 45, 55]),
        (ROLLING, {"closes_at": 40}, [40, 20, 60, 38, 18, 55]),
        (replace(AFTER, answer_due_at=day(30)), {"closes_at": 40}, [40, 40, 60, 38, 45, 55]),
        (AFTER, {"answer_due_at": 40}, [30, 40, 53, 28, 38, 48]),
        (AFTER, {"review_due_at": 60}, [30, 37, 60, 28, 35, 55]),
        (AFTER, {"closes_at": 40, "review_due_at": 52}, [40, 47, 52, 38, 45, 47]),
        (AFTER, {"closes_at": 40, "answer_due_at": 38}, [40, 38, 60, 38, 36, 55]),
        (AFTER, {"closes_at": 31, "answer_due_at": 47}, [31, 47, 60, 29, 45, 55]),
        (AFTER, {"closes_at": 40, "soft_closes_at": 28}, [40, 47, 60, 28, 45, 55]),
        (AFTER, {"closes_at": 40, "soft_review_due_at": None}, [40, 47, 60, 38, 45, None]),
        (AFTER, {"soft_closes_at": 29}, [30, 37, 50, 29, 35, 45]),
        (AFTER, {"closes_at": 29}, [29, 37, 50, 28, 35, 45]),
        (AFTER, {"answer_due_at": 36}, [30, 36, 50, 28, 35, 45]),
        (AFTER, {}, [30, 37, 50, 28, 35, 45]),
        (Dates(day(0), day(30), day(37), day(50)), {"closes_at": 40}, [40, 47, 60, None, None, None]),
    ],
)
def test_what_moves_later_takes_along_what_hangs_on_it(before: Dates, sent: Mapping[str, float | None], after: list[float | None]) -> None:
    fields: dict[str, Any] = {name: None if at is None else day(at) for name, at in sent.items()}
    wanted = replace(before, **fields)
    for status in ("open", "closed", "reviewing"):
        assert in_days(moved_along(before, wanted, sent, status)) == after
    for status in ("draft", "decided", "archived"):
        assert moved_along(before, wanted, sent, status) == wanted


minutes = st.integers(min_value=1, max_value=100_000).map(lambda n: timedelta(minutes=n))


@st.composite
def held_together(draw: st.DrawFn) -> Dates:
    closes_at, answer_due_at = START + draw(minutes), START + draw(minutes)
    hard = (closes_at, answer_due_at, max(closes_at, answer_due_at) + draw(minutes))
    shares = [draw(st.one_of(st.none(), st.floats(min_value=0.01, max_value=1))) for _ in hard]
    announced = (None if share is None else START + (date - START) * share for share, date in zip(shares, hard, strict=True))
    dates = Dates(START, *hard, *announced)
    assert window_findings(dates) == []
    return dates


@given(before=held_together(), later=st.dictionaries(st.sampled_from(HARD), minutes), status=st.sampled_from(rules.RUNNING))
def test_an_extension_keeps_the_order_and_what_was_sent_and_moves_nothing_earlier(
    before: Dates, later: dict[str, timedelta], status: str
) -> None:
    wanted = replace(before, **{name: getattr(before, name) + span for name, span in later.items()})
    after = moved_along(before, wanted, later, status)
    assert all(getattr(after, name) == getattr(wanted, name) for name in (*later, "opens_at"))
    for name in NAMES:
        old, new = getattr(before, name), getattr(after, name)
        assert (old is None) == (new is None)
        assert old is None or old <= new <= old + max(later.values(), default=timedelta(0)), "nothing moves by more than what was asked"
    for name in HARD:
        announced = getattr(before, soft(name))
        assert announced is None or getattr(after, name) - getattr(after, soft(name)) == getattr(before, name) - announced
    if len(later) <= 1 or "review_due_at" not in later:
        assert window_findings(after) == []
    assert is_extended(before, after, status) == bool(later)


@given(before=held_together(), span=minutes, name=st.sampled_from(HARD))
def test_what_moves_earlier_takes_nothing_along(before: Dates, span: timedelta, name: str) -> None:
    wanted = replace(before, **{name: getattr(before, name) - span})
    assert moved_along(before, wanted, {name}, "open") == wanted
    assert not is_extended(before, wanted, "open")


@given(before=held_together(), span=minutes)
def test_two_extensions_in_a_row_end_where_one_of_both_ends(before: Dates, span: timedelta) -> None:
    whole = moved_along(before, replace(before, closes_at=before.closes_at + 2 * span), {"closes_at"}, "open")
    half = moved_along(before, replace(before, closes_at=before.closes_at + span), {"closes_at"}, "open")
    hangs = before.answer_due_at >= before.closes_at
    again = moved_along(half, replace(half, closes_at=half.closes_at + span), {"closes_at"}, "open")
    assert (half.answer_due_at >= half.closes_at) == hangs
    assert again == whole


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"closes_at": day(0)}, ["/closes_at", "/soft/closes_at"]),
        ({"closes_at": day(50)}, ["/review_due_at"]),
        ({"answer_due_at": day(50)}, ["/review_due_at"]),
        ({"answer_due_at": day(-1), "soft_answer_due_at": None}, ["/answer_due_at"]),
        ({"soft_closes_at": day(30)}, []),
        ({"soft_closes_at": day(30.1)}, ["/soft/closes_at"]),
        ({"soft_closes_at": day(0), "soft_review_due_at": day(51)}, ["/soft/closes_at", "/soft/review_due_at"]),
        ({"soft_answer_due_at": day(38)}, ["/soft/answer_due_at"]),
    ],
)
def test_each_date_that_does_not_fit_is_named(fields: dict[str, Any], pointers: list[str]) -> None:
    assert [pointer for pointer, _ in window_findings(replace(AFTER, **fields))] == pointers


def test_only_a_running_call_is_extended_and_a_new_soft_date_extends_nothing() -> None:
    later = replace(AFTER, review_due_at=day(60))
    assert [is_extended(AFTER, later, status) for status in ("draft", "open", "closed", "reviewing", "decided")] == [
        *(False, True, True, True),
        False,
    ]
    assert is_extended(AFTER, replace(AFTER, soft_closes_at=day(29)), "open")
    assert not is_extended(replace(AFTER, soft_closes_at=None), AFTER, "open")
    assert not is_extended(AFTER, replace(AFTER, soft_closes_at=None), "open")


def test_what_a_closed_call_keeps_is_told_by_its_pointer() -> None:
    changed = frozenset({"soft/closes_at", "soft/review_due_at", "title"})
    assert fixed_members("open", changed) == []
    assert fixed_members("closed", changed) == ["soft/closes_at"]
    assert fixed_members("decided", changed) == sorted(changed)


@pytest.mark.parametrize(
    ("status", "soft_closes_at", "now", "late"),
    [
        ("draft", day(28), day(27.9), False),
        ("draft", day(28), day(28), True),
        ("returned", day(28), day(29), True),
        ("revise", day(28), day(40), False),
        ("draft", None, day(29), False),
    ],
)
def test_what_comes_after_the_soft_closing_is_late(status: str, soft_closes_at: datetime | None, now: datetime, late: bool) -> None:
    assert comes_late(status, soft_closes_at, now) is late
