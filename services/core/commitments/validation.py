"""What makes a progress report well-formed: a value or a notation key, in the whole and in each sector.

A fiscal year is reported under the year in which it starts or ends: Japan's FY2018 runs from April 2018 to March 2019 (2018),
Australia's FY2019-20 from July 2019 to June 2020 (2020).
Notation keys (GPC, CRF): NO not occurring, IE included elsewhere, NE not estimated, C confidential; each needs an explanation.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

NOTATION_KEYS: Final = ("NO", "IE", "NE", "C")
LONGEST_PERIOD_DAYS: Final = 366

Wrong = tuple[str, str, str]
"""Pointer, code and sentence of what does not fit."""


def report_errors(report: Mapping[str, Any]) -> list[Wrong]:
    """What is wrong with a progress report, by pointer into its body."""
    return [*_total(report), *_period(report), *_sectors(report), *_recalculation(report)]


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
    year, start, end = report["year"], report.get("period_start"), report.get("period_end")
    if start is not None and end is not None and end <= start:
        yield "/period_end", "period", "The period must end after it starts."
    elif start is not None and end is not None and (end - start).days >= LONGEST_PERIOD_DAYS:
        yield "/period_end", "period", f"The period is at most one year long ({LONGEST_PERIOD_DAYS} days)."
    if start is not None and not date(year - 1, 1, 2) <= start <= date(year, 12, 31):
        yield "/period_start", "period", f"The period of {year} starts in {year}, or, as a fiscal year, in {year - 1}."
    if end is not None and not date(year, 1, 1) <= end <= date(year + 1, 12, 30):
        yield "/period_end", "period", f"The period of {year} ends in {year}, or, as a fiscal year, in {year + 1}."


def _recalculation(report: Mapping[str, Any]) -> Iterator[Wrong]:
    base, reason = report.get("recalculated_base_year_emissions_t"), report.get("recalculation_reason")
    if base is not None and not reason:
        yield "/recalculation_reason", "reason-needed", "Say why the base year was recalculated, such as a new method or boundary."
    elif base is None and reason:
        pointer = "/recalculated_base_year_emissions_t"
        yield pointer, "recalculation-needed", "A reason is given, so give the recalculated emissions of the base year too."


def _sectors(report: Mapping[str, Any]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for index, cell in enumerate(report.get("sectors") or ()):
        where = f"/sectors/{index}"
        yield from _one_of(cell, where)
        if cell["code"] in seen:
            yield f"{where}/code", "twice", f"The sector {cell['code']} is reported twice."
        seen.add(cell["code"])
