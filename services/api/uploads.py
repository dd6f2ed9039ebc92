"""Which routes take files, and reading ``multipart/form-data`` (RFC 7578): a form that is here as a whole, within the gate's limit.

The parts are told apart here: the parser of python_multipart refuses a preamble (RFC 2046 allows one), is silent about a form that
breaks off, and cuts paths off a file's name, which has to be told to whoever sent it.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from python_multipart.multipart import parse_options_header
from starlette.types import Message, Receive

from services.api.auth import Requires
from services.core.kit.errors import FieldError, Problem
from services.core.kit.settings import Settings
from services.core.practices.schemas import LARGEST_FILE

KIND = b"multipart/form-data"
MOST_FIELDS = 20
STORED_AT_ONCE = 3
"""So many files are looked at and stored side by side by one gateway."""
WAIT_S = 5
"""So long a file waits for that; a storage that hangs holds no others up for longer."""
SILENCE_S = 10
"""So long a form may say nothing at all while it comes in."""
_LONGEST_BOUNDARY = 70
"""RFC 2046."""
_LONGEST_NAME = 100
_LONGEST_HEAD = 8_192
_ROOM_FOR_THE_FORM = 64 * 1024
_OPTION = re.compile(rb';\s*([!#$%&+\-^_`|~0-9A-Za-z*]+)=("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_QUOTED = re.compile(rb'\\(["])')
_ESCAPED = {b"%22": b'"', b"%0D": b"\r", b"%0A": b"\n"}
"""What browsers write for these three in a name (HTML, “multipart/form-data encoding algorithm”); a % of its own stays as it is."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A route that takes files. ``guard`` is asked before a file is read; ``told`` says to people what ``limit``, the body's, means.

    ``at_once``: so many are in one gateway side by side, from their first byte to the answer, since each is in memory several times.
    """

    path: re.Pattern[str]
    guard: Requires
    limit: int
    told: str
    at_once: int


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form. ``filename`` is None for what is no file; ``kind`` is the Content-Type that was given with it."""

    content: bytes
    filename: str | None = None
    kind: str = ""


def routes(settings: Settings) -> tuple[Upload, ...]:
    """Every POST that takes files."""
    file, form = settings.import_body_limit_bytes, LARGEST_FILE + _ROOM_FOR_THE_FORM
    everywhere, own = Requires("commitments:write", everywhere=True), Requires("practices:write")
    return (
        Upload(re.compile(r"/v1/imports"), everywhere, file, _at_most(file, "The body"), at_once=3),
        Upload(re.compile(r"/v1/practices/[^/]+/evidence"), own, form, _at_most(LARGEST_FILE, "A file"), at_once=4),
    )


def _at_most(limit: int, what: str) -> str:
    return f"{what} may have {limit} bytes ({limit / 1024**2:g} MiB) at most."


def parse(content_type: bytes, body: bytes) -> dict[str, Part]:
    """The fields of a form by their names; `Problem` 400 when it cannot be read."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        _refuse("The Content-Type of a form names its boundary, of 1 to 70 characters.")
    fields: dict[str, Part] = {}
    for name, part in _parts(boundary, body):
        if name in fields:
            detail = f"The form has the field “{name}” twice."
            raise Problem("malformed-request", detail, errors=[FieldError(f"/{name}", "repeated", detail)])
        fields[name] = part
    return fields


def same(fields: Mapping[str, Part]) -> bytes:
    """Bytes that are the same for the same form, whatever boundary it was sent with and in whatever order."""
    told = [[name, part.filename, part.kind, hashlib.sha256(part.content).hexdigest()] for name, part in sorted(fields.items())]
    return repr(told).encode("utf-8", "backslashreplace")


def lively(receive: Receive) -> Receive:
    """``receive``, but TimeoutError after `SILENCE_S` without a byte."""

    async def soon() -> Message:
        async with asyncio.timeout(SILENCE_S):
            return await receive()

    return soon


def _parts(boundary: bytes, body: bytes) -> Iterator[tuple[str, Part]]:
    """Name and content of each part. A boundary begins a line, so that none can stand inside a content."""
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS + 2)
    if not parts or not parts[-1].startswith(b"--"):
        _refuse(f"The form does not end with its boundary, or has more than {MOST_FIELDS} fields.")
    for part in parts[:-1]:
        padding, _, rest = part.partition(b"\r\n")
        head, end, content = rest.partition(b"\r\n\r\n")
        if padding.strip(b" \t") or not end or len(head) > _LONGEST_HEAD:
            _refuse("A part of the form has no head that says what it is.")
        name, filename, kind = _head(head)
        yield name, Part(content, filename, kind)


def _head(head: bytes) -> tuple[str, str | None, str]:
    """What a part's head tells: the field's name, the file's, and the Content-Type."""
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))}
    disposition, _, rest = headers.get(b"content-disposition", b"").partition(b";")
    options = {found[1].lower(): found[2].strip() for found in _OPTION.finditer(b";" + rest)}
    name = _text(options.get(b"name", b""))
    if disposition.strip().lower() != b"form-data" or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        _refuse("Each part of the form needs a name.")
    return name, _filename(options), headers.get(b"content-type", b"").decode("latin-1")


def _filename(options: Mapping[bytes, bytes]) -> str | None:
    """The file's name, as it was sent; `Problem` 422 when it is not UTF-8. RFC 7578 knows ``filename*`` no more; clients still do."""
    try:
        if (extended := options.get(b"filename*")) is not None:
            charset, _, coded = extended.strip(b'"').partition(b"'")
            return unquote_to_bytes(coded.partition(b"'")[2]).decode("latin-1" if charset.lower() == b"iso-8859-1" else "utf-8")
        given = options.get(b"filename")
        return None if given is None else _unescaped(given).decode("utf-8")
    except UnicodeDecodeError as error:
        detail = "The file's name is not UTF-8."
        raise Problem("file-name-refused", detail, errors=[FieldError("/file", "file-name-refused", detail)]) from error


def _text(value: bytes) -> str:
    return _unescaped(value).decode("utf-8", "replace")


def _unescaped(value: bytes) -> bytes:
    """An option's value without its quotes. A backslash escapes a quote only: some clients send it as it stands in a path."""
    if value[:1] == b'"' and value[-1:] == b'"' and len(value) > 1:
        value = _QUOTED.sub(rb"\1", value[1:-1])
    return re.sub(rb"%(?:22|0[DdAa])", lambda found: _ESCAPED[found[0].upper()], value)


def _refuse(detail: str) -> NoReturn:
    raise Problem("malformed-request", detail)
