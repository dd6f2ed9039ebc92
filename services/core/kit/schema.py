"""The bases of public shapes, and the texts and numbers that they are made of.

Three models per resource: ``XCreate`` and ``XPatch`` come in, ``X`` goes out; none is used both ways.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from services.core.kit.errors import FieldError, Problem

M = TypeVar("M", bound=BaseModel)

_PLACES = 6
_MICRO = Decimal("0.000001")
_LARGEST = 10**15
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Input(BaseModel):
    """A body that comes in: unknown members are refused, so that nothing is ignored in silence."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Partial(Input):
    """Mixed into the fields of a resource, makes them a merge patch (RFC 7396): every member may be absent.

    A member that is not nullable refuses null; `changes` tells what was sent, so that absent and null differ.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Make every field optional, without a default in the schema: absent means unchanged."""
        super().__pydantic_init_subclass__(**kwargs)
        for field in cls.model_fields.values():
            if field.is_required():
                field.default = None
            field.json_schema_extra = _without_default
        cls.model_rebuild(force=True)

    def changes(self) -> dict[str, Any]:
        """The members that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Output(BaseModel):
    """A representation that goes out. Every member is always present; a group that may be absent is `Absent`-able."""

    model_config = ConfigDict(extra="ignore")


def _one_line(value: str) -> str:
    if value.isprintable():  # most are, and then none of these is in it
        return value
    if "\n" in value or "\t" in value or not _BIDI.isdisjoint(value):
        msg = "must be one line, without tabs or text-direction controls"
        raise ValueError(msg)
    return value


def _isolated(value: str) -> str:
    """Directional controls in long text are dropped: they could make a page lie about its order."""
    return value if _BIDI.isdisjoint(value) else "".join(c for c in value if c not in _BIDI)


def _exact(value: Any) -> Decimal:
    """The number that was written, with six decimals: more than any inventory holds, and what the columns hold."""
    if type(value) is float:
        written = repr(value)
        if "." in written[-_PLACES - 1 :] and "e" not in written:  # most are: no more decimals than are kept
            return Decimal(written)
    elif isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        msg = "must be a number"
        raise ValueError(msg)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    is_longer = number.is_finite() and number.as_tuple().exponent < -_PLACES  # type: ignore[operator]
    return number.quantize(_MICRO) if is_longer and abs(number) <= _LARGEST else number


@dataclass(frozen=True, slots=True)
class Exact:
    """Annotates an exact decimal between two bounds, which pydantic holds itself: its own for a number are Python, and slow."""

    ge: int = -_LARGEST
    le: int = _LARGEST

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """A JSON number, exactly as it was written."""
        inner = core_schema.decimal_schema(ge=Decimal(self.ge), le=Decimal(self.le), allow_inf_nan=False)
        return core_schema.no_info_before_validator_function(_exact, inner)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A number, to clients too."""
        return {"type": "number"}


def _iso_day(value: Any) -> Any:
    """Only ``YYYY-MM-DD``: numbers and instants are no dates, and the ends of the calendar mean infinity to PostgreSQL."""
    if not isinstance(value, date) and not (isinstance(value, str) and _DAY.match(value)):
        raise ValueError("must be a date as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_iso_day), Field(ge=date(1800, 1, 1), le=date(2500, 12, 31))]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_one_line)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True), AfterValidator(_isolated)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), AfterValidator(_isolated)]
MaybeText = Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True), AfterValidator(_isolated)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Year = Annotated[int, Strict(), Field(ge=1900, le=2200)]
Quantity = Annotated[Decimal, Exact()]
Tonnes = Annotated[Quantity, Field(ge=-(10**12), le=10**12), WithJsonSchema({"type": "number", "description": "t CO2e"})]
Percent = Annotated[Quantity, Field(ge=-(10**6), le=10**6), WithJsonSchema({"type": "number", "description": "%"})]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Language = Locale


def open_enum(*values: str) -> Any:
    """A text whose known values are documented but not closed, so that adding one breaks no generated client."""
    return WithJsonSchema({"type": "string", "x-extensible-enum": list(values)})


def absent_when_unknown() -> Any:
    """A group of an `Output` that is left out while it is unknown (never null: generated clients stumble over that)."""
    return Field(default=None, json_schema_extra=_without_default)


def fits(model: type[M], values: dict[str, Any]) -> M:
    """``values`` as ``model``; `Problem` 422 naming each field by pointer when they do not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        errors = [
            FieldError(
                "".join(f"/{part}" for part in entry["loc"]), entry["type"].replace("_", "-"), entry["msg"].removeprefix("Value error, ")
            )
            for entry in error.errors(include_input=False, include_url=False)
        ]
        raise Problem("invalid-body", errors[0].detail, errors=errors) from error
