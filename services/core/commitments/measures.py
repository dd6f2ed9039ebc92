"""What is said of measures: figures that contradict each other stand side by side, each with its source; none is preferred."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.core.commitments.formulas import written
from services.core.commitments.rules import Finding, Measure, finding

Stated = tuple[str, str, Decimal, str | None, str | None, str | None]
"""Pointer, name as written, value, unit, date (ISO 8601), source."""


def contradictions(measures: Sequence[Measure]) -> Iterator[Finding]:
    """Indicators of one name with different values (for one date, or without a date), and values without a date or a source."""
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
    """One finding for each figure that differs from an earlier one. Figures of different dates are a development, no contradiction."""
    for place, (pointer, name, value, unit, day, source) in enumerate(stated):
        for _, _, other, other_unit, other_day, other_source in stated[:place]:
            if (value, unit) != (other, other_unit) and (day == other_day or None in (day, other_day)):
                first, second = _told(other, other_unit, other_day, other_source), _told(value, unit, day, source)
                yield finding("measures.differs", pointer, f"“{name}” is given as {first}, and as {second}. Both are shown.")
                break


def _told(value: Decimal, unit: str | None, day: str | None, source: str | None) -> str:
    return f"{_figure(value, unit)} ({', '.join(filter(None, (day, source))) or 'no source'})"


def _figure(value: Decimal, unit: str | None) -> str:
    return f"{written(value)} {unit}" if unit else written(value)
