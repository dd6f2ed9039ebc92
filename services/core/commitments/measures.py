"""What is said of measures: figures that contradict each other stand side by side, each with its source; none is preferred."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Final

from services.core.commitments.formulas import written
from services.core.commitments.rules import Finding, Measure, finding

_MOST: Final = 50
"""A commitment whose measures need more findings than these has been told enough."""
_ALL: Final = "all"
"""Where figures of every date are kept, beside those of each one."""
Stated = tuple[str, str, Decimal, str | None, str | None, str | None]
"""Pointer, name as written, value, unit, date (ISO 8601), source."""


def contradictions(measures: Sequence[Measure]) -> Iterator[Finding]:
    """Indicators of one name with different values (for one date, or without a date), and values without a date or a source."""
    yield from islice(_findings(measures), _MOST)


def _findings(measures: Sequence[Measure]) -> Iterator[Finding]:
    named: dict[str, list[Stated]] = defaultdict(list)
    for each in _indicators(measures):
        pointer, name, value, unit, day, source = each
        named[" ".join(name.split()).casefold()].append(each)
        missing = " and ".join(word for word, given in (("date", day), ("source", source)) if not given)
        if missing:
            figure = _figure(value, unit)
            yield finding("measures.unsourced", pointer, f"“{name}” is given as {figure} without a {missing}. A reader cannot check it.")
    for stated in named.values():
        yield from _differing(stated)


def _indicators(measures: Sequence[Measure]) -> Iterator[Stated]:
    for i, measure in enumerate(measures):
        for j, (name, value, unit, day, source) in enumerate(measure.indicators):
            if value is not None:
                yield f"/measures/{i}/indicators/{j}", name, value, unit, day, source


def _differing(stated: Sequence[Stated]) -> Iterator[Finding]:
    """One finding for each figure that differs from an earlier one. Figures of different dates are a development, no contradiction.

    Of each date, and of all, two figures that differ from each other are enough to compare with.
    """
    earlier: dict[str | None, list[Stated]] = defaultdict(list)
    for each in stated:
        pointer, name, value, unit, day, source = each
        comparable = earlier[_ALL] if day is None else [*earlier[day], *earlier[None]]
        if other := next((known for known in comparable if known[2:4] != (value, unit)), None):
            first, second = _told(*other[2:]), _told(value, unit, day, source)
            yield finding("measures.differs", pointer, f"“{name}” is given as {first}, and as {second}. Both are shown.")
        for bucket in (earlier[day], earlier[_ALL]):
            if len(bucket) < 2 and all(known[2:4] != (value, unit) for known in bucket):  # noqa: PLR2004
                bucket.append(each)


def _told(value: Decimal, unit: str | None, day: str | None, source: str | None) -> str:
    return f"{_figure(value, unit)} ({', '.join(filter(None, (day, source))) or 'no source'})"


def _figure(value: Decimal, unit: str | None) -> str:
    return f"{written(value)} {unit}" if unit else written(value)
