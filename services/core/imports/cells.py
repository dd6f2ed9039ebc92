"""What the cells of one row say about the fields of a target: numbers, years and people in their many forms.

A cell that says nothing, or that nobody can read, is missing: nothing is guessed. Whatever is not a plain blank is noted.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Final, TypeVar

from services.core.imports import edition as editions
from services.core.imports.edition import Edition, Line
from services.core.imports.outcome import CELL, Finding
from services.core.sync import cells as words

N = TypeVar("N", int, Decimal)

_BLANK: Final = frozenset({"", "NA", "N/A", "n/a", "-", "–", "—"})
"""What stands in an empty cell, as the portal and as R write it: nothing to remark."""

_PLACES: Final = Decimal("0.000001")
_UNIT: Final = re.compile(
    r"\s*(?:(?:metric\s+)?(?:tonnes?|tons?|t)(?:\s+of)?\s*(?:CO2[\s-]?(?:e|eq)?)?|CO2[\s-]?(?:e|eq)?)"
    r"(?:\s*(?:/|per)\s*(?:year|yr|annum|a))?\s*$",
    re.IGNORECASE,
)
_PERCENT: Final = re.compile(r"\s*(?:%|per\s?cent|pct)\s*$", re.IGNORECASE)
_YEAR_INSIDE: Final = re.compile(r"(?<![\d.,])(?:19|20|21)\d\d(?![\d]|[.,]\d)")
_LONGEST_DATE: Final = 40


@dataclass(slots=True)
class Row:
    """The cells of a line under an edition; it collects what is wrong with them."""

    edition: Edition
    line: Line
    findings: list[Finding] = field(default_factory=list)
    _columns: dict[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._columns = editions.columns(self.edition, tuple(self.line.cells))


def column(row: Row, name: str) -> str:
    """The file's column for a field; the edition's name for it when the file has none."""
    return next(iter(row._columns.get(name, ())), row.edition.fields[name][0])  # noqa: SLF001  functions of this module


def raw(row: Row, name: str) -> str | None:
    """The cell of a field as it stands in the file; None without such a column. Of several, the first one that says something."""
    cells = [row.line.cells[each] for each in row._columns.get(name, ())]  # noqa: SLF001
    return next((cell for cell in cells if cell.strip() not in _BLANK), cells[0] if cells else None)


def said(row: Row, name: str) -> str:
    """What the cell of a field says, on one line; empty when it says nothing, in whatever words."""
    try:
        told = words.text(raw(row, name))
    except words.Unreadable:
        return ""
    return "" if words.is_missing(told, row.edition.missing) else told


def _told(row: Row, name: str) -> Iterator[str]:
    """What the cell says, when it says something that is not a word for “missing”; such words are noted."""
    try:
        told = words.text(raw(row, name))
    except words.Unreadable as unreadable:
        _note(row, name, "warning", f"The cell {unreadable}: it counts as missing.")
        return
    if told in _BLANK:
        return
    if words.is_missing(told, row.edition.missing):
        _missing(row, name, told)
    else:
        yield told


def _number(row: Row, name: str, parse: Callable[[str], N | None]) -> N | None:
    for told in _told(row, name):
        try:
            found = parse(told)
        except words.Unreadable as unreadable:
            _note(row, name, "warning", f"The cell {unreadable}. It counts as missing.")
            return None
        if found is None:
            _missing(row, name, told)
        return found
    return None


def _missing(row: Row, name: str, told: str) -> None:
    _note(row, name, "info", f"{words.shown(told)} is no number: it counts as missing.")


def _note(row: Row, name: str, severity: str, message: str) -> None:
    row.findings.append(Finding(CELL, severity, "", message, column(row, name)))  # type: ignore[arg-type]  # one of the two above


def amount(row: Row, name: str) -> Decimal | None:
    """A number, with or without the unit that its column has anyway; six decimals are kept."""
    return _number(row, name, lambda told: _six(words.number(_UNIT.sub("", _narrow(told)))))


def percent(row: Row, name: str) -> Decimal | None:
    """A percentage as it was typed, with or without its sign: 0.3 stays 0.3 %."""
    return _number(row, name, lambda told: _six(words.number(_PERCENT.sub("", _narrow(told)))))


def people(row: Row, name: str) -> int | None:
    """A count of inhabitants, rounded to whole ones; 0 means that it is missing."""
    return _number(row, name, _people)


def year(row: Row, name: str) -> int | None:
    """A year, also of a date; 0 means that it is missing."""
    return _number(row, name, _year)


def _narrow(told: str) -> str:
    """Full-width digits and signs as plain ones, subscripts on the line."""
    return unicodedata.normalize("NFKC", told).strip()


def _six(number: Decimal | None) -> Decimal | None:
    """As the columns hold it, so that what is judged here is what is stored."""
    if number is None:
        return None
    exponent = number.as_tuple().exponent
    return number.quantize(_PLACES, ROUND_HALF_EVEN) if isinstance(exponent, int) and exponent < _PLACES.adjusted() else number


def _people(told: str) -> int | None:
    number = words.number(_narrow(told))
    return int(number.to_integral_value(ROUND_HALF_UP)) or None if number is not None else None


def _year(told: str) -> int | None:
    try:
        return words.year(told)
    except words.Unreadable:
        inside = _YEAR_INSIDE.findall(_narrow(told)) if len(told) <= _LONGEST_DATE else []
        if len(inside) == 1:
            return int(inside[0])
    try:
        return words.whole(told)
    except words.Unreadable as unreadable:
        raise words.Unreadable(f"is not a year: {words.shown(told)}") from unreadable
