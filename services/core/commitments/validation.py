"""What makes a progress report well-formed: a value or a notation key, in the whole and in each sector.

Notation keys (GPC, CRF): NO not occurring, IE included elsewhere, NE not estimated, C confidential; each needs an explanation.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

NOTATION_KEYS: Final = ("NO", "IE", "NE", "C")

Wrong = tuple[str, str, str]
"""Pointer, code and sentence of what does not fit."""


def report_errors(report: Mapping[str, Any]) -> list[Wrong]:
    """What is wrong with a progress report, by pointer into its body."""
    return [*_total(report), *_period(report), *_sectors(report)]


def _total(report: Mapping[str, Any]) -> Iterator[Wrong]:
    yield from _one_of(report, "")
    if report.get("notation_key") is not None and not report.get("explanation"):
        yield "/explanation", "explanation-needed", "A notation key needs an explanation."


def _one_of(cell: Mapping[str, Any], where: str) -> Iterator[Wrong]:
    has_value, has_key = cell.get("emissions_t") is not None, cell.get("notation_key") is not None
    if has_value and has_key:
        yield f"{where}/notation_key", "value-or-notation-key", "Give emissions or a notation key, not both."
    elif not has_value and not has_key:
        yield f"{where}/emissions_t", "value-or-notation-key", "Give emissions in t CO2e, or a notation key that says why there are none."


def _period(report: Mapping[str, Any]) -> Iterator[Wrong]:
    start, end = report.get("period_start"), report.get("period_end")
    if start is not None and end is not None and end <= start:
        yield "/period_end", "period", "The period must end after it starts."


def _sectors(report: Mapping[str, Any]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for index, cell in enumerate(report.get("sectors") or ()):
        where = f"/sectors/{index}"
        yield from _one_of(cell, where)
        if cell["code"] in seen:
            yield f"{where}/code", "twice", f"The sector {cell['code']} is reported twice."
        seen.add(cell["code"])
