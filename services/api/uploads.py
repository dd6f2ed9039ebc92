"""Reading ``multipart/form-data`` (RFC 7578): the fields and files of a form that is here as a whole, within the gate's limit.

A file's own name is never looked at: what was sent is known by the name of its field. The parts are told apart here: the parser of
python_multipart refuses a preamble (RFC 2046 allows one), and is silent about a form that breaks off.
"""

from collections.abc import Iterator, Mapping
from typing import NoReturn

from python_multipart.multipart import parse_options_header

from services.api.auth import Requires
from services.core.kit.errors import FieldError, Problem

KIND = b"multipart/form-data"
GUARD = Requires("commitments:write", everywhere=True)
"""The guard of the one route that takes files, asked before a file is read."""
MOST_FIELDS = 20
_LONGEST_BOUNDARY = 70
"""RFC 2046."""
_LONGEST_NAME = 100
_LONGEST_HEAD = 8_192


def parse(content_type: bytes, body: bytes) -> dict[str, bytes]:
    """The contents of a form by the names of its fields; `Problem` 400 when it cannot be read."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        _refuse("The Content-Type of a form names its boundary, of 1 to 70 characters.")
    fields: dict[str, bytes] = {}
    for name, content in _parts(boundary, body):
        if name in fields:
            detail = f"The form has the field “{name}” twice."
            raise Problem("malformed-request", detail, errors=[FieldError(f"/{name}", "repeated", detail)])
        fields[name] = content
    return fields


def same(fields: Mapping[str, bytes]) -> bytes:
    """Bytes that are the same for the same form, whatever boundary it was sent with and in whatever order."""
    return b"".join(b"%s=%d:%s;" % (name.encode(), len(content), content) for name, content in sorted(fields.items()))


def _parts(boundary: bytes, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each part. A boundary begins a line, so that none can stand inside a content."""
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS + 2)
    if not parts or not parts[-1].startswith(b"--"):
        _refuse(f"The form does not end with its boundary, or has more than {MOST_FIELDS} fields.")
    for part in parts[:-1]:
        padding, _, rest = part.partition(b"\r\n")
        head, end, content = rest.partition(b"\r\n\r\n")
        if padding.strip(b" \t") or not end or len(head) > _LONGEST_HEAD:
            _refuse("A part of the form has no head that says what it is.")
        yield _name(head), content


def _name(head: bytes) -> str:
    for line in head.split(b"\r\n"):
        header, _, value = line.partition(b":")
        if header.strip().lower() == b"content-disposition":
            kind, options = parse_options_header(value.strip())
            name = options.get(b"name", b"").decode("utf-8", "replace")
            if kind == b"form-data" and 0 < len(name) <= _LONGEST_NAME and name.isprintable():
                return name
    raise Problem("malformed-request", "Each part of the form needs a name.")


def _refuse(detail: str) -> NoReturn:
    raise Problem("malformed-request", detail)
