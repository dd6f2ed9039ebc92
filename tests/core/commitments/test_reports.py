"""What makes a progress report well-formed."""

from datetime import date
from typing import Any

import pytest

from services.core.commitments.validation import report_errors


def pointers(**report: Any) -> list[str]:
    return [pointer for pointer, _, _ in report_errors({"year": 2019, "emissions_t": 1} | report)]


@pytest.mark.parametrize(
    ("year", "start", "end"),
    [
        (2019, date(2019, 1, 1), date(2019, 12, 31)),
        (2020, date(2020, 1, 1), date(2020, 12, 31)),  # 366 days
        (2018, date(2018, 4, 1), date(2019, 3, 31)),  # Japan, FY2018
        (2020, date(2019, 7, 1), date(2020, 6, 30)),  # Australia, FY2019-20, by the year in which it ends
        (2019, date(2019, 7, 1), date(2020, 6, 30)),  # the same, by the year in which it starts
        (2019, date(2019, 2, 1), date(2019, 11, 30)),
        (2019, date(2019, 4, 1), None),
        (2019, None, date(2020, 3, 31)),
        (2019, None, None),
    ],
)
def test_calendar_and_fiscal_years_are_accepted(year: int, start: date | None, end: date | None) -> None:
    assert report_errors({"year": year, "emissions_t": 1, "period_start": start, "period_end": end}) == []


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        (date(2019, 4, 1), date(2019, 3, 31), ["/period_end"]),
        (date(2019, 4, 1), date(2019, 4, 1), ["/period_end"]),
        (date(2019, 1, 1), date(2020, 1, 2), ["/period_end"]),  # 367 days
        (date(2018, 1, 1), date(2018, 12, 31), ["/period_start", "/period_end"]),
        (date(2020, 1, 1), date(2020, 12, 31), ["/period_start", "/period_end"]),
        (date(2018, 12, 1), date(2019, 11, 30), []),
        (date(2019, 12, 1), date(2020, 11, 30), []),
        (date(2017, 7, 1), None, ["/period_start"]),
        (None, date(2021, 6, 30), ["/period_end"]),
    ],
)
def test_a_period_belongs_to_its_year(start: date | None, end: date | None, wrong: list[str]) -> None:
    assert pointers(period_start=start, period_end=end) == wrong


def test_a_value_or_a_notation_key_with_its_explanation() -> None:
    assert pointers(emissions_t=None) == ["/emissions_t"]
    assert pointers(notation_key="NE", explanation="x") == ["/notation_key"]
    assert pointers(emissions_t=None, notation_key="NE") == ["/explanation"]
    assert pointers(emissions_t=None, notation_key="NE", explanation="Nobody counted.") == []
    assert pointers(emissions_t=0) == []


def test_each_sector_once_with_a_value_or_a_key() -> None:
    cells = [{"code": "I", "emissions_t": 1}, {"code": "II"}, {"code": "I", "notation_key": "NO"}]
    assert pointers(sectors=cells) == ["/sectors/1/emissions_t", "/sectors/2/code"]


def test_a_recalculated_base_year_and_its_reason_go_together() -> None:
    assert pointers(recalculated_base_year_emissions_t=5) == ["/recalculation_reason"]
    assert pointers(recalculation_reason="New method.") == ["/recalculated_base_year_emissions_t"]
    assert pointers(recalculated_base_year_emissions_t=0, recalculation_reason="New method.") == []
