"""The formulas of progress, on plain numbers.

Emissions are t CO2e, percentages 0..100 (not shares), years whole. All sums are decimal, with `PRECISION` digits
whatever the caller's context. A quantity that is not defined (base 0, no years between) is None.
Formula numbers: ComP Hub's domain handbook; worked examples: crediblesg.com target progress, CDP-ICLEI 2021 rows.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any, Final

from services.core.commitments.targets import plain

PRECISION: Final = 50
HOLDS: Final = 40
SHOWN: Final = Decimal("0.0001")


def settled(value: Decimal) -> Decimal:
    """The digits of a result that hold: what divisions left behind in the last of `PRECISION` digits decides nothing."""
    return Context(prec=HOLDS).plus(value)


def shown(value: Decimal) -> Decimal:
    """Round a figure for showing: four decimals, half to even (banker's rounding, no drift upwards)."""
    with localcontext(Context(prec=PRECISION)):
        return settled(value).quantize(SHOWN, rounding=ROUND_HALF_EVEN)


def written(value: Decimal | int, places: int = 4) -> str:
    """A figure as it stands in a sentence: ``53,898,284.8``, at most ``places`` decimals, half to even."""
    with localcontext(Context(prec=PRECISION)):
        rounded = settled(Decimal(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{rounded:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def figure(name: str, formula: str, unit: str, value: Decimal | None, **inputs: Any) -> dict[str, Any]:
    """A figure as it is shown: the formula is written in the names of its inputs, so that anybody can compute it again.

    ``^`` is “to the power of”. ``value`` is rounded by `shown`; the inputs are exact, as far as a JSON number is.
    """
    named = [{"name": each, "value": plain(given)} for each, given in inputs.items()]
    return {"name": name, "formula": formula, "unit": unit, "value": None if value is None else plain(shown(value)), "inputs": named}


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return None if whole == 0 else settled(part / whole * 100)


def reduction_percent(base: Decimal, emissions: Decimal) -> Decimal | None:
    """F1, percent of the base: `(B-E_y)/B*100`. Negative when emissions rose; None when B = 0."""
    with localcontext(Context(prec=PRECISION)):
        return _ratio(base - emissions, base)


def achieved_percent(base: Decimal, emissions: Decimal, goal: Decimal) -> Decimal | None:
    """F2, percent of the target: `(B-E_y)/(B-E_T)*100`.

    F10 (fixed level) is F2 from the reference year's emissions; F8 (intensity, `(i0-i_y)/(i0*p/100)`) is F2 from
    `i0*d_y`; F9 (baseline scenario, `(U_y-E_y)/(U_y*p/100)`) is F2 from U_y: see `trajectory.levels`. Negative when emissions
    rose, over 100 when the target is passed; None when the goal is not below the base (p = 0, B = 0).
    """
    with localcontext(Context(prec=PRECISION)):
        return _ratio(base - emissions, base - goal) if goal < base else None


def expected_percent(base_year: int, target_year: int, year: int) -> Decimal | None:
    """F3, percent of the target due by `year` on a straight line: `(y-y0)/(yT-y0)*100`, held within 0..100.

    0 up to the base year, 100 from the target year on (overdue); None when yT <= y0.
    """
    if target_year <= base_year:
        return None
    with localcontext(Context(prec=PRECISION)):
        due = min(max(year, base_year), target_year) - base_year
        return Decimal(due) * 100 / (target_year - base_year)


def expected_reduction_percent(percent: Decimal, base_year: int, target_year: int, year: int) -> Decimal | None:
    """Reduction due by `year`, percent of the base: `p*F3/100`."""
    due = expected_percent(base_year, target_year, year)
    with localcontext(Context(prec=PRECISION)):
        return None if due is None else percent * due / 100


def required_level(start: Decimal, goal: Decimal, base_year: int, target_year: int, year: int) -> Decimal | None:
    """F5, t CO2e allowed in `year` on the straight line from B to E_T: `B-(B-E_T)*F3/100`. None when yT <= y0."""
    if target_year <= base_year:
        return None
    due = min(max(year, base_year), target_year) - base_year
    with localcontext(Context(prec=PRECISION)):
        return start - (start - goal) * due / (target_year - base_year)


def annual_rate_points(percent: Decimal, base_year: int, target_year: int) -> Decimal | None:
    """F6, percentage points of the base per year: `p/(yT-y0)`. None when yT <= y0. SBTi indicates 4.2 for 1.5 °C."""
    with localcontext(Context(prec=PRECISION)):
        return percent / (target_year - base_year) if target_year > base_year else None


def annual_rate_compound(emissions: Decimal, goal: Decimal, years: int) -> Decimal | None:
    """F7, percent less each year than the year before: `(1-(E_T/E_y)^(1/n))*100`; 100 for a goal of zero.

    None when no years are left or there is nothing to reduce from; negative when the goal lies above.
    """
    if years <= 0 or emissions <= 0 or goal < 0:
        return None
    with localcontext(Context(prec=PRECISION)):
        return (1 - (goal / emissions) ** (Decimal(1) / years)) * 100
