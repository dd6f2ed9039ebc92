"""The input gate: what no route should ever have to think about is refused before any route sees it.

FastAPI alone answers 500 to some of these bytes and silently changes others (duplicate keys, NaN); PostgreSQL refuses
still others deep inside a transaction. Here each is a 4xx that says what is wrong.
"""

import json
import math
import re
import unicodedata
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

import orjson

from services.core.kit.errors import FieldError, Problem

MAX_DEPTH = 32
MAX_KEYS = 1_000
MAX_INTEGER = 2**53
_INTEGER_DIGITS = 17

# C0 and C1 controls except tab and line feed, surrogates, noncharacters of the basic plane and of all others.
_REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(1, 17))
    + "]"
)


# What makes a body worth a careful look: anything but printable ASCII, escapes, long or exponential numbers.
_CAREFUL = re.compile(rb"[^\x20-\x7e\n\r\t]|\\|[0-9]{16}|[0-9][eE]")
# From here on a body is looked at as a whole first.
_LARGE = 16_384
_NOT_PLAIN: Any = object()
_CONTAINERS = frozenset({dict, list})
_DIGITS = bytes(0x30 if chr(code).isdigit() and code < 0x80 else 0x20 for code in range(256))  # noqa: PLR2004
_SPACES = b" \t\r\n"


def parse_json(body: bytes) -> Any:
    """The value of a JSON body, with its texts in NFC and CR LF as LF; `Problem` 400 for what JSON must not bring."""
    if len(body) > _LARGE:
        value = _plain(body)
        if value is not _NOT_PLAIN:
            return value
    elif body.count(b"{") + body.count(b"[") <= MAX_DEPTH and not _CAREFUL.search(body):
        return _parse(body, parse_constant=_constant)
    value = _parse(body, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    return _clean(value, "", 1)


def _plain(body: bytes) -> Any:
    """The value of a large body that is seen as a whole to need no careful look; `_NOT_PLAIN` when that cannot be said.

    Without escapes every quote begins or ends a text: controls and whether it is NFC are asked of the body as one text, and
    duplicate keys show as more ends of keys than there are keys.
    """
    if b"\\" in body or b"0" * (_INTEGER_DIGITS - 1) in body.translate(_DIGITS):
        return _NOT_PLAIN
    try:
        text = body.decode("utf-8")
        value = orjson.loads(body)
    except ValueError:
        return _NOT_PLAIN
    # A CR stands between members here: within a text it would be an escape.
    is_clean = text.isprintable() or _REFUSED.search(text.replace("\r", "")) is None
    if not is_clean or not unicodedata.is_normalized("NFC", text):
        return _NOT_PLAIN
    ends = body.translate(None, _SPACES).count(b'":')
    return value if _keys(value) == ends else _NOT_PLAIN


def _keys(value: Any) -> int:
    """How many keys all objects have; -1 when an object has too many or the nesting is too deep."""
    keys = 0
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if type(each) is dict:
                if len(each) > MAX_KEYS:
                    return -1
                keys += len(each)
                below += [member for member in each.values() if type(member) in _CONTAINERS]
            elif type(each) is list:
                below += [member for member in each if type(member) in _CONTAINERS]
        if not below:
            return keys
        level = below
    return -1


def _parse(body: bytes, **hooks: Any) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_object, **hooks)
    except UnicodeDecodeError as error:
        _refuse("The body is not UTF-8.", error)
    except RecursionError as error:
        _refuse(f"The body is nested deeper than {MAX_DEPTH} levels.", error)
    except json.JSONDecodeError as error:
        _refuse(f"The body is not JSON: {error.msg} at character {error.pos}.", error)


def _refuse(detail: str, cause: Exception | None = None, pointer: str | None = None) -> NoReturn:
    errors = [] if pointer is None else [FieldError(pointer, "refused", detail)]
    raise Problem("malformed-json", detail, errors=errors) from cause


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        _refuse(f"The key {json.dumps(twice)} occurs twice in one object.")
    if len(members) > MAX_KEYS:
        _refuse(f"An object has more than {MAX_KEYS} keys.")
    return members


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS or abs(number := int(digits)) > MAX_INTEGER:
        _refuse("An integer is larger than 2^53: many clients would change it silently.")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        _refuse("A number is too large.")
    return number


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a JSON number.")


def _clean(value: Any, pointer: str, depth: int) -> Any:
    if isinstance(value, str):
        return clean_text(value, pointer)
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        _refuse(f"The body is nested deeper than {MAX_DEPTH} levels.", pointer=pointer)
    if isinstance(value, dict):
        return {
            clean_text(key, pointer): _clean(member, f"{pointer}/{key}", depth + 1) if isinstance(member, str | dict | list) else member
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [
            _clean(member, f"{pointer}/{index}", depth + 1) if isinstance(member, str | dict | list) else member
            for index, member in enumerate(value)
        ]
    return value


def clean_text(value: str, pointer: str) -> str:
    """``value`` in NFC with line ends as LF; refuses controls, surrogates and noncharacters."""
    if value.isascii() and value.isprintable():
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    found = _REFUSED.search(value)
    if found:
        _refuse(
            f"A text holds the character U+{ord(found[0]):04X}, which is not allowed.", pointer=pointer.encode("utf-8", "replace").decode()
        )
    return unicodedata.normalize("NFC", value)


def check_url(path: bytes, query: bytes) -> None:
    """Refuse a path or query whose percent-encoding hides controls or is not UTF-8."""
    for part, name in ((path, "path"), (query, "query")):
        if part.isascii() and b"%" not in part:
            continue
        try:
            text = unquote_to_bytes(part).decode("utf-8")
        except UnicodeDecodeError as error:
            detail = f"The {name} is not UTF-8."
            raise Problem("malformed-request", detail) from error
        if _REFUSED.search(text):
            detail = f"The {name} holds a control character or a noncharacter."
            raise Problem("malformed-request", detail)
