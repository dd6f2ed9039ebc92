"""What a file really is: its type by its content, whatever it is called, and whether it is whole and holds nothing active.

A file is looked at in a thread and piece by piece: nothing in it decides how much memory or time that takes. The types that are
taken are the rows of `TYPES`. Everything else is refused, and so is what is two things at once.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import puremagic

from services.core.kit.errors import FieldError, Problem
from services.core.practices import filenames, images, packages, pdfs
from services.core.practices.unpacking import Unsafe

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of one file."""
MOST_FILES: Final = 3
MOST_LINKS: Final = 10
"""Of one practice."""

PREFIX: Final = "evidence/"
"""Where files lie in the storage."""

_PDF_BEGINS_WITHIN = 1_024
_BOM = b"\xef\xbb\xbf"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_MARKUP = re.compile(
    rb"\s*(?:<[!?a-z/]|#!|\{\\rtf)|.{0,1024}<(?:!doctype|html|head|body|script|svg|iframe|object|embed)\b", re.IGNORECASE | re.DOTALL
)
"""What begins like a page, a drawing, a program or rich text, or soon says that it is one."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type that is taken: what it is called, the extensions that belong to it, other names that clients give it, how it is looked at."""

    extensions: tuple[str, ...]
    also: tuple[str, ...] = ()
    look: Callable[[bytes], None] | None = None


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
TYPES: Final[Mapping[str, Type]] = {
    "application/pdf": Type(("pdf",), ("application/x-pdf",), pdfs.look),
    "image/png": Type(("png",), ("image/x-png",), images.look_at_png),
    "image/jpeg": Type(("jpg", "jpeg"), ("image/jpg", "image/pjpeg"), images.look_at_jpeg),
    "image/webp": Type(("webp",), (), images.look_at_webp),
    "text/csv": Type(("csv",), ("text/plain", "application/csv", "text/x-csv", "application/vnd.ms-excel")),
    "text/plain": Type(("txt",)),
    f"{_OFFICE}.wordprocessingml.document": Type(("docx",)),
    f"{_OFFICE}.spreadsheetml.sheet": Type(("xlsx",)),
    f"{_OFFICE}.presentationml.presentation": Type(("pptx",)),
    f"{_OPEN}.text": Type(("odt",)),
    f"{_OPEN}.spreadsheet": Type(("ods",)),
    f"{_OPEN}.presentation": Type(("odp",)),
}
"""The media types that are taken. A browser on Windows calls CSV what the program is called that opens it."""

_SIGNED = ("image/png", "image/jpeg", "image/webp")
"""What is known by its first bytes alone, and then walked through."""
_UNSPECIFIC = ("", "application/octet-stream", "binary/octet-stream", "application/x-download")
_NAMES = ", ".join(kind.extensions[0] for kind in TYPES.values())


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be kept. ``sha256`` is in hex."""

    name: str
    media_type: str
    content: bytes
    sha256: str


def key(evidence_id: UUID) -> str:
    """Where the file of this evidence lies: under a name that is ours, whatever it is called."""
    return f"{PREFIX}{evidence_id}"


def id_of(stored: str) -> UUID | None:
    """The evidence whose file lies there; None for what is not ours."""
    try:
        return UUID(stored.removeprefix(PREFIX))
    except ValueError:
        return None


def examine(name: str, declared: str, content: bytes) -> File:
    """The file that was sent as ``name`` with the Content-Type ``declared``; `Problem` says why it is not taken.

    413 ``payload-too-large``; 422 ``invalid-body`` (it is empty), ``file-name-refused``, ``file-type-refused`` (a type that we do
    not take), ``file-type-mismatch`` (it is not what its name or its Content-Type says), ``file-unsafe`` (damaged, a bomb, active).
    """
    known_as = filenames.sanitised(name)
    if not content:
        raise _refusal("invalid-body", "The file is empty.")
    if len(content) > LARGEST:
        raise _refusal("payload-too-large", f"A file may have {LARGEST // 1024**2} MiB at most.")
    try:
        media_type = _sniffed(content, filenames.extension(known_as))
        _must_agree(known_as, declared, media_type)
        if look := TYPES[media_type].look:
            look(content)
        packages.must_not_end_like_one(content)
    except Unsafe as why:
        raise _refusal("file-unsafe", f"The file {why}.") from why
    return File(known_as, media_type, content, hashlib.sha256(content).hexdigest())


def _sniffed(content: bytes, extension: str) -> str:
    """The type of ``content`` by its bytes; text is CSV or plain text as its ``extension`` says."""
    if packages.begins_like_one(content):
        media_type = packages.look(content)
    elif (text := _as_text(content)) is not None:
        media_type = text and ("text/csv" if extension == "csv" else "text/plain")
    elif b"%PDF-" in content[:_PDF_BEGINS_WITHIN]:
        media_type = "application/pdf"
    else:
        media_type = _by_signature(content)
    if media_type not in TYPES:
        known = f" It is {media_type}." if media_type else ""
        raise _refusal("file-type-refused", f"Files of this type are not taken.{known} Evidence can be: {_NAMES} (texts in UTF-8).")
    return media_type


def _as_text(content: bytes) -> str | None:
    """``text`` for a text of our kinds, empty for a text in a language of machines, None for what is no text in UTF-8."""
    if b"%PDF-" in content[:_PDF_BEGINS_WITHIN]:
        return None
    try:
        decoded = content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _CONTROLS.search(decoded):
        return None
    return "" if _MARKUP.match(content.removeprefix(_BOM)) else "text"


def _by_signature(content: bytes) -> str:
    """The media type of a picture, or of what we do not take, as the first bytes tell it; empty when they tell none."""
    try:
        found = puremagic.magic_string(content[:4_096])
    except puremagic.PureError:
        return ""
    names = [each.mime_type for each in found if each.mime_type]
    others = [name for name in names if name not in TYPES]
    return next((name for name in names if name in _SIGNED), others[0] if others else "")


def _must_agree(name: str, declared: str, media_type: str) -> None:
    kind, ending = TYPES[media_type], filenames.extension(name)
    if ending not in kind.extensions:
        says = f"says .{ending}" if ending else "has no extension"
        raise _refusal("file-type-mismatch", f"The name “{name}” {says}; the file is {media_type} (.{kind.extensions[0]}).")
    said = declared.partition(";")[0].strip().lower()
    if said not in _UNSPECIFIC and said != media_type and said not in kind.also:
        raise _refusal("file-type-mismatch", f"The Content-Type of the file says {said}; the file is {media_type}.")


def _refusal(code: str, detail: str) -> Problem:
    return Problem(code, detail, errors=[FieldError("/file", code, detail)])
