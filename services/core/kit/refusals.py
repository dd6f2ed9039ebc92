"""What is wrong with a value that came in, in words of use to whoever sent it: pydantic's own are for programmers."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel

from services.core.kit.errors import FieldError

_AN_INSTANT: Final = "Write date, time and offset, e.g. 2026-10-04T17:00:00+08:00."
_A_NUMBER: Final = "This must be a number."
_WHOLE: Final = "This must be a whole number."
_AN_OBJECT: Final = "This must be an object, in braces."
_AN_ID: Final = "This must be an id (a UUID)."

_BY_TYPE: Final[Mapping[str, str]] = {
    "missing": "This is needed.",
    "timezone_aware": "Add the offset, e.g. 2026-10-04T17:00:00+08:00.",
    "string_type": "This must be a text.",
    "string_too_long": "This is too long: at most {max_length} characters are taken.",
    "too_long": "These are too many: at most {max_length} are taken.",
    "list_type": "This must be a list, in brackets.",
    "bool_type": "This must be true or false.",
    "literal_error": "This must be {expected}.",
    "greater_than_equal": "This must be at least {ge}.",
    "greater_than": "This must be more than {gt}.",
    "less_than_equal": "This must be at most {le}.",
    "less_than": "This must be less than {lt}.",
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"), _AN_INSTANT),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _A_NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _AN_OBJECT),
    **dict.fromkeys(("uuid_type", "uuid_parsing"), _AN_ID),
}
"""Our sentence by pydantic's type of error; in braces what pydantic tells besides. Its own message is used for the others."""

_BY_PATTERN: Final[Mapping[str, str]] = {
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "Write the language as a code such as en, ja or zh-Hant (BCP 47).",
    r"^[A-Z]{3}$": "Write the currency as the three letters of ISO 4217, such as TWD.",
    r"^[A-Z]{2}$": "Write the country as the two letters of ISO 3166, such as TW.",
    r"^[A-Z]{2}-[A-Z0-9]{1,3}$": "Write the subdivision as its code of ISO 3166-2, such as TW-KHH.",
    r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$": "Write it with the letters A to Z, digits and . _ : - only, a letter or digit first.",
    r"^[a-z][a-z0-9_-]{1,31}$": "Write the source in 2 to 32 small letters, digits and _ - only, a letter first.",
    r"^[a-z][a-z0-9_-]*:.+$": "Write the source, a colon, and the value there, such as wikidata:Q181557.",
}
"""Our sentence by the pattern that a text does not match. A test sees to it that each pattern of the API has one."""


def explains(pattern: str) -> bool:
    """Whether a text that does not match ``pattern`` is refused in a sentence, not by showing the pattern."""
    return pattern in _BY_PATTERN


def field_error(entry: Mapping[str, Any], path: Sequence[str | int], model: type[BaseModel] | None) -> FieldError:
    """The pydantic error ``entry`` at ``path`` (in the body, or the parameters) as we tell it; ``model``: what was asked for, if known."""
    if path and path[-1] == "[key]" and entry["type"] != "extra_forbidden":
        path = path[:-1]  # so pydantic says that a key is wrong; no such place is in the body
    return FieldError(_pointer(path), entry["type"].replace("_", "-"), _sentence(entry, path, model))


def _pointer(path: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _sentence(entry: Mapping[str, Any], path: Sequence[str | int], model: type[BaseModel] | None) -> str:
    kind, told = entry["type"], entry.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(path, model)
    if kind == "string_pattern_mismatch" and told["pattern"] in _BY_PATTERN:
        return _BY_PATTERN[told["pattern"]]
    if kind == "string_too_short":
        return "This must not be empty." if told["min_length"] == 1 else f"This is too short: {told['min_length']} characters are needed."
    if kind == "too_short":
        return "This must not be empty." if told["min_length"] == 1 else f"These are too few: {told['min_length']} are needed."
    if kind in _BY_TYPE:
        return _BY_TYPE[kind].format_map(told)
    message = str(entry["msg"]).removeprefix("Value error, ")
    return message if message.endswith(".") else f"{message}."


def _unknown(path: Sequence[str | int], model: type[BaseModel] | None) -> str:
    name = str(path[-1])
    near = difflib.get_close_matches(name, _names(path[:-1], model), n=1, cutoff=0.7) if model else []
    return f"There is no member “{name}”; do you mean “{near[0]}”?" if near else f"There is no member “{name}”."


def _names(path: Sequence[str | int], model: type[BaseModel] | None) -> list[str]:
    """The members of what lies at ``path``: places in a list and keys of a map lead on to what is in them."""
    for part in path:
        field = model.model_fields.get(str(part)) if model else None
        if field is not None:
            model = next(_models(field.annotation), None)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
