"""Numbers that come in: exact decimals, held to their bounds, and nothing but numbers."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from services.core.kit.schema import Line, Quantity

QUANTITY: TypeAdapter[Decimal] = TypeAdapter(Quantity)
LATITUDE: TypeAdapter[Decimal] = TypeAdapter(Annotated[Quantity, Field(ge=-90, le=90)])
LINE: TypeAdapter[str] = TypeAdapter(Line)


def finding(adapter: TypeAdapter[Any], value: Any) -> tuple[str, str]:
    """The code and the text of what is wrong with ``value``."""
    with pytest.raises(ValidationError) as found:
        adapter.validate_python(value)
    entry = found.value.errors()[0]
    return entry["type"], entry["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    ("given", "kept"),
    [(0.1, "0.1"), (2952, "2952"), (22.6, "22.6"), (1e-7, "0.000000"), (1.5e-6, "0.000002"), (0.1234567, "0.123457"),
     (1e15, "1000000000000000.0"), (90.0000001, "90.000000"), (Decimal("1.10"), "1.10"),
     (Decimal("0.1234567"), "0.123457"), (123456789.1234567, "123456789.123457")],
)  # fmt: skip
def test_a_number_is_kept_as_it_was_written_with_six_decimals(given: Any, kept: str) -> None:
    assert str(QUANTITY.validate_python(given)) == kept


@pytest.mark.parametrize("value", [True, False, None, "1", [], {}])
def test_only_numbers_are_numbers(value: Any) -> None:
    assert finding(QUANTITY, value) == ("value_error", "must be a number")


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    assert finding(QUANTITY, value)[0] == "finite_number"


def test_bounds_hold_and_are_named() -> None:
    assert finding(QUANTITY, 10**15 + 1) == ("less_than_equal", "Input should be less than or equal to 1000000000000000")
    assert finding(QUANTITY, -1e300)[0] == "greater_than_equal"
    assert finding(LATITUDE, 90.000001) == ("less_than_equal", "Input should be less than or equal to 90")
    assert finding(LATITUDE, -91) == ("greater_than_equal", "Input should be greater than or equal to -90")


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_no_float_changes_by_more_than_its_seventh_decimal(value: float) -> None:
    kept = QUANTITY.validate_python(value)
    exponent = kept.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -6
    assert abs(kept - Decimal(repr(value))) <= Decimal("0.0000005")


@pytest.mark.parametrize("value", ["a\tb", "a\nb", "a\u202eb", "城市\u2066"])
def test_a_line_is_one_line_that_reads_in_one_direction(value: str) -> None:
    assert finding(LINE, value) == ("value_error", "must be one line, without tabs or text-direction controls")
    assert LINE.validate_python(" São\u3000Paulo\u00a0城市 ") == "São\u3000Paulo\u00a0城市"
