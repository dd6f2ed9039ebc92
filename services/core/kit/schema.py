"""The bases of public shapes, and the texts and numbers that they are made of.

Three models per resource: ``XCreate`` and ``XPatch`` come in, ``X`` goes out; none is used both ways.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from services.core.kit.errors import Problem
from services.core.kit.refusals import field_error

M = TypeVar("M", bound=BaseModel)
Dated = TypeVar("Dated", bound=date)
_FIRST_YEAR, _LAST_YEAR = 1800, 2500

_MICRO = Decimal("0.000001")
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


def _only_numbers(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        msg = "must be a number"
        raise ValueError(msg)  # noqa: TRY004  pydantic turns ValueError into a finding
    return Decimal(repr(value)) if isinstance(value, float) else value


def _six_places(value: Decimal) -> Decimal:
    """Six decimals are kept: more than any inventory holds, and what the columns hold."""
    return value.quantize(_MICRO) if value.as_tuple().exponent < -6 else value  # type: ignore[operator]  # noqa: PLR2004


def _iso_day(value: Any) -> Any:
    """Only ``YYYY-MM-DD``: numbers and instants are no dates, and the ends of the calendar mean infinity to PostgreSQL."""
    if not isinstance(value, date) and not (isinstance(value, str) and _DAY.match(value)):
        raise ValueError("must be a date as YYYY-MM-DD")
    return value


def _in_our_time(value: Dated) -> Dated:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        msg = f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}"
        raise ValueError(msg)
    return value


Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_in_our_time)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_one_line)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True), AfterValidator(_isolated)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), AfterValidator(_isolated)]
MaybeText = Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True), AfterValidator(_isolated)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Year = Annotated[int, Strict(), Field(ge=1900, le=2200)]
Quantity = Annotated[
    Decimal, BeforeValidator(_only_numbers), Field(ge=-(10**15), le=10**15), AfterValidator(_six_places), WithJsonSchema({"type": "number"})
]
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
        found = error.errors(include_input=False, include_url=False)
        errors = [field_error(entry, entry["loc"], model) for entry in found]
        raise Problem("invalid-body", errors[0].detail, errors=errors) from error
