"""Can the figures of an indicator be right? Each remark is about one indicator, or about two that are the same."""

import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from services.core.practices.findings import Limits, Remark
from services.core.practices.submission import Finance, Indicator, Submission

_PERCENT: Final = frozenset({"%", "percent", "pct", "百分比", "パーセント", "퍼센트", "เปอร์เซ็นต์", "ร้อยละ"})
_WHOLE: Final = 100


def indicator_remarks(submission: Submission, year: int, limits: Limits, counting: int) -> Iterator[Remark]:
    """All remarks on the indicators, one after the other. `year` is that of handing in."""
    indicators, evidence = submission.indicators, submission.evidence
    if not any(indicator.measured for indicator in indicators):
        yield "no-measured-result", "/indicators", "Give at least one measured result: name, unit, result and year."
    known = {item.id for item in evidence}
    seen: set[tuple[object, ...]] = set()
    for index, indicator in enumerate(indicators):
        at = f"/indicators/{index}"
        yield from _years(indicator, at, year, limits.earliest_year)
        yield from _sizes(indicator, at, limits.far_apart, counting)
        if indicator.evidence_id is not None and indicator.evidence_id not in known:
            text = "There is no evidence of this id with the practice. Attach a link or a file, and name its id here."
            yield "evidence-unknown", f"{at}/evidence_id", text
        said = (folded(indicator.name), folded(indicator.unit), indicator.year, indicator.result)
        if indicator.measured and said in seen:
            yield "indicator-repeated", at, "This figure is given twice. Give it once, or say what differs."
        seen.add(said)


def finance_remarks(finance: Finance | None, year: int) -> Iterator[Remark]:
    """All remarks on the money."""
    if finance is None or (finance.cost is None and not finance.sources):
        yield "no-finance", "/finance", "Say what it cost and who paid."
    if finance is None:
        return
    if finance.cost is not None and not finance.currency.strip():
        yield "cost-without-currency", "/finance/currency", "Say in which currency the cost is given, such as USD or TWD."
    if finance.cost is not None and finance.year is None:
        yield "cost-without-year", "/finance/year", "Say of which year the cost is: prices change."
    if finance.year is not None and finance.year > year:
        yield (
            "cost-year-in-future",
            "/finance/year",
            f"The year {finance.year} is still to come. Give the year in which the cost was known.",
        )
    if finance.cost is not None and not any(map(str.strip, finance.sources)):
        yield "no-money-source", "/finance/sources", "Say who paid, such as the city's budget, a fund or a bank."


def folded(text: str) -> str:
    """A short text as it is compared: without case, width and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _years(indicator: Indicator, at: str, year: int, earliest: int) -> Iterator[Remark]:
    if indicator.year is None:
        if indicator.result is not None:
            yield "year-missing", f"{at}/year", "Say in which year this was measured."
    elif indicator.year > year:
        text = f"The year {indicator.year} is still to come; a measured result lies in the past."
        yield "result-year-in-future", f"{at}/year", text
    elif indicator.year < earliest:
        yield "result-year-implausible", f"{at}/year", f"The year {indicator.year} lies far back. Was it typed wrong?"


def _sizes(indicator: Indicator, at: str, far_apart: int, counting: int) -> Iterator[Remark]:
    before, after, unit = indicator.baseline, indicator.result, indicator.unit.strip()
    if after is not None and after == before:
        text = "Baseline and result are the same: nothing has changed, or one of them was typed twice."
        # What the first rubric says stays to the letter.
        yield "baseline-equals-result", f"{at}/result", text if counting == 1 else f"{text} It counts as no change."
    if not unit and (after is not None or before is not None):
        yield (
            "unit-missing",
            f"{at}/unit",
            "Say in which unit this is given, such as t CO2e, MWh or people; “ratio” or “index” for a figure that has none.",
        )
    if before and after:
        yield from _apart(before, after, at, far_apart)
    if folded(unit) in _PERCENT:
        for name, value in (("baseline", before), ("result", after)):
            if value is not None and abs(value) > _WHOLE:
                text = f"{value.normalize():f} % lies outside 0 to 100. Is this a change or a ratio? Then say so in the name."
                yield "percentage-out-of-range", f"{at}/{name}", text


def _apart(before: Decimal, after: Decimal, at: str, far_apart: int) -> Iterator[Remark]:
    low, high = sorted((abs(before), abs(after)))
    if (before < 0) != (after < 0):
        text = "Baseline and result have opposite signs. If one of them is a change, give both as amounts."
        yield "figures-of-opposite-sign", f"{at}/result", text
    elif high >= low * far_apart:
        text = f"Baseline and result are a factor of {high / low:,.0f} apart. Are both in the same unit?"
        yield "figures-far-apart", f"{at}/result", text
