"""Documents that are ZIP packages (OOXML, OpenDocument): which one it is, and whether it unpacks to what it says.

Sizes in a package's directory are claims: every entry is really unpacked, piece by piece, and nothing of it is kept. What is refused
here is what readers disagree about (two directories, entries that overlap or leave gaps, names that lead elsewhere), bombs, encryption,
macros, and what fetches something when it is opened.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat
from zlib import crc32

from services.core.practices.unpacking import Budget, Unsafe, unpacked

MOST_ENTRIES: Final = 1_000
MOST_BYTES: Final = 100 * 1024 * 1024
MOST_TIMES: Final = 100
"""A package may unpack to so many times its own length."""
LARGEST_INSIDE: Final = 8 * 1024 * 1024
"""Bytes of a workbook inside a document (the figures behind its charts)."""

_ENTRY, _END, _END_64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07"
_END_LENGTH, _LONGEST_COMMENT, _LONGEST_DIRECTORY = 22, 65_535, 512 * 1024
_HEAD_LENGTH = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_CONTENT_TYPES, _MIMETYPE, _MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"
_READ = frozenset({_CONTENT_TYPES, _MIMETYPE, _MANIFEST})
_LONGEST_READ = 1024 * 1024
_STRANGE_NAME = re.compile(r"^/|\\|(?:^|/)\.\.?(?:/|$)|^[A-Za-z]:|[\x00-\x1f]")
_MACROS = re.compile(r"vbaProject|vbaData|^(?:Basic|Scripts)/", re.IGNORECASE)
_WORKBOOK = re.compile(r"^(?:word|ppt|xl)/embeddings/[^/]+\.xlsx$", re.IGNORECASE)
_RELATIONS, _OLE_NAME = re.compile(r"\.rels$", re.IGNORECASE), re.compile(r"oleObject[^/]*\.bin$", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0"
"""A file in a file, in the form of Office before 2007: programs travel in it."""
_MAY_LEAD_OUT = frozenset({"hyperlink", "externalLinkPath"})
"""The relations that nothing follows unasked. A linked picture, template or object is fetched when the document is opened."""
_OTHER_NAME = 0x7075
"""The extra field that gives an entry another name (APPNOTE 4.6.9)."""
_DESCRIBED = 0x8
_ARCHIVES = (_ENTRY, b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF")
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!")

_OFFICE: Final[Mapping[bytes, str]] = {
    f"application/vnd.openxmlformats-officedocument.{part}.main+xml".encode(): f"application/vnd.openxmlformats-officedocument.{kind}"
    for part, kind in (
        ("wordprocessingml.document", "wordprocessingml.document"),
        ("spreadsheetml.sheet", "spreadsheetml.sheet"),
        ("presentationml.presentation", "presentationml.presentation"),
    )
}
_ACTIVE_TYPES = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject|vnd\.ms-office\.activeX", re.IGNORECASE)


def begins_like_one(content: bytes) -> bool:
    """Whether the first bytes are those of a package, or of an empty one."""
    return content.startswith((_ENTRY, _END))


def must_not_end_like_one(content: bytes) -> None:
    """`Unsafe` when ``content`` is none, and a program that reads ZIP from the end would all the same find a directory in it."""
    place = content.rfind(_END, max(0, len(content) - _LONGEST_COMMENT - _END_LENGTH))
    if begins_like_one(content) or place == -1 or place + _END_LENGTH > len(content):
        return
    length, begin = (int.from_bytes(content[place + at : place + at + 4], "little") for at in (12, 16))
    if length <= place and begin <= place:
        raise Unsafe("has a ZIP archive at its end")


def look(content: bytes) -> str:
    """The media type of a package; what it says it is when we do not know it, `Unsafe` when it cannot be trusted."""
    return _look(content, Budget(len(content) + MOST_BYTES, min(MOST_BYTES, MOST_TIMES * len(content))), may_hold_workbooks=True)


def _look(content: bytes, budget: Budget, *, may_hold_workbooks: bool) -> str:
    entries, directory = _directory(content)
    read: dict[str, bytes] = {}
    for entry, packed in _placed(content, entries, directory):
        name = entry.filename
        is_read = name in _READ or _RELATIONS.search(name) is not None
        keeps = is_read or _WORKBOOK.match(name)
        limit = _LONGEST_READ if is_read else LARGEST_INSIDE
        whole = _unpack(entry, packed, budget, keep=limit if keeps else 0)
        begins = whole[:8]
        if begins.startswith(_PROGRAMS):
            raise Unsafe(f"holds a program ({name})")
        if begins.startswith(_OLE) or _OLE_NAME.search(name):
            raise Unsafe(f"holds an embedded object ({name})")
        if begins.startswith(_ARCHIVES):
            if not (may_hold_workbooks and _WORKBOOK.match(name)):
                raise Unsafe(f"holds another archive ({name})")
            if not _look(whole, budget, may_hold_workbooks=False).endswith("spreadsheetml.sheet"):
                raise Unsafe(f"holds something else than a workbook ({name})")
        elif name in _READ:
            read[name] = whole
        elif is_read:
            _must_stay_inside(whole, name)
    return _kind(read, [entry.filename for entry in entries])


def _must_stay_inside(relations: bytes, name: str) -> None:
    """`Unsafe` when a part's ``relations`` fetch something from elsewhere, or are no plain XML."""

    def relation(_: str, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        if attributes.get("TargetMode", "Internal") != "Internal" and kind not in _MAY_LEAD_OUT:
            raise Unsafe(f"fetches something from elsewhere when it is opened ({kind})")

    def declaration(*_: object) -> None:
        raise Unsafe(f"holds a list of relations that declares its own words ({name})")

    parser = expat.ParserCreate()
    parser.StartElementHandler = relation
    parser.StartDoctypeDeclHandler = declaration
    try:
        parser.Parse(relations, True)  # noqa: FBT003  expat takes it by position only
    except expat.ExpatError as error:
        raise Unsafe(f"is damaged ({name})") from error


def _directory(content: bytes) -> tuple[list[zipfile.ZipInfo], int]:
    """The entries that the one directory at the very end lists, and where it begins."""
    end = content.rfind(_END, max(0, len(content) - _LONGEST_COMMENT - _END_LENGTH))
    if end == -1 or end + _END_LENGTH + int.from_bytes(content[end + 20 : end + 22], "little") != len(content):
        raise Unsafe("is no whole package: its directory is missing or not at its end")
    disks = content[end + 4 : end + 8]
    here, count = (int.from_bytes(content[end + at : end + at + 2], "little") for at in (8, 10))
    length, begin = (int.from_bytes(content[end + at : end + at + 4], "little") for at in (12, 16))
    if count > MOST_ENTRIES or length > _LONGEST_DIRECTORY:
        raise Unsafe(f"has more than {MOST_ENTRIES} entries")
    if disks != bytes(4) or here != count or begin + length != end or content[end - 20 : end - 16] == _END_64:
        raise Unsafe("has a directory that does not fit it")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise Unsafe("has a directory that cannot be read") from error
    names = [entry.filename.casefold() for entry in entries]
    if len(entries) != count or len(set(names)) != count or not entries:
        raise Unsafe("has a directory that lists an entry twice, or none")
    return entries, begin


def _placed(content: bytes, entries: list[zipfile.ZipInfo], directory: int) -> Iterator[tuple[zipfile.ZipInfo, memoryview]]:
    """Each entry with its packed bytes. `Unsafe` unless they lie end to end, from the first byte to the ``directory``, as that says."""
    before = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        _must_be_plain(entry)
        begin = entry.header_offset
        head = content[begin : begin + _HEAD_LENGTH]
        if begin != before or not head.startswith(_ENTRY) or head[8:10] != entry.compress_type.to_bytes(2, "little"):
            raise Unsafe("has a directory that does not fit its entries")
        name_length, extra = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        named = begin + _HEAD_LENGTH + name_length
        data = named + extra
        after = data + entry.compress_size
        if after > directory or content[begin + _HEAD_LENGTH : named] != _raw(entry):
            raise Unsafe("has a directory that does not fit its entries")
        if _OTHER_NAME in (*_extras(content[named:data]), *_extras(entry.extra)):
            raise Unsafe("holds an entry with two names")
        yield entry, memoryview(content)[data:after]
        before = after + (_description(content[after : after + 24], entry) if entry.flag_bits & _DESCRIBED else 0)
    if before != directory:
        raise Unsafe("has a directory that does not fit its entries")


def _must_be_plain(entry: zipfile.ZipInfo) -> None:
    if _STRANGE_NAME.search(entry.orig_filename) or entry.orig_filename != entry.filename:
        raise Unsafe("holds an entry whose name leads elsewhere")
    if _MACROS.search(entry.filename):
        raise Unsafe(f"holds macros ({entry.filename})")
    if entry.flag_bits & _ENCRYPTED:
        raise Unsafe("is encrypted")


def _extras(field: bytes) -> Iterator[int]:
    """The kinds of the extra fields of an entry."""
    place = 0
    while place + 4 <= len(field):
        yield int.from_bytes(field[place : place + 2], "little")
        place += 4 + int.from_bytes(field[place + 2 : place + 4], "little")


def _description(after: bytes, entry: zipfile.ZipInfo) -> int:
    """How many bytes behind an entry repeat its checksum and lengths: with or without a signature, in 4 or in 8 bytes; 0 for others."""
    for signature in (b"PK\x07\x08", b""):
        for width in (4, 8):
            lengths = entry.compress_size.to_bytes(width, "little") + entry.file_size.to_bytes(width, "little")
            told = signature + entry.CRC.to_bytes(4, "little") + lengths
            if after.startswith(told):
                return len(told)
    return 0


def _raw(entry: zipfile.ZipInfo) -> bytes:
    """The entry's name as it is written in the file."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")


def _unpack(entry: zipfile.ZipInfo, packed: memoryview, budget: Budget, *, keep: int) -> bytes:
    """Unpack an entry and forget it: its first bytes, or all of it when it may be kept up to ``keep`` bytes."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unsafe("is packed in a way that is not taken")
    size, check, kept = 0, 0, bytearray()
    try:
        for piece in unpacked(packed, -zlib.MAX_WBITS if entry.compress_type else None, budget):
            size, check = size + len(piece), crc32(piece, check)
            if keep and size > keep:
                raise Unsafe(f"holds an entry that is too large ({entry.filename})")
            if keep or len(kept) < 8:  # noqa: PLR2004
                kept += piece if keep else piece[:8]
    except zlib.error as error:
        raise Unsafe("is damaged") from error
    if size != entry.file_size or check != entry.CRC:
        raise Unsafe("does not unpack to what its directory says")
    return bytes(kept)


def _kind(read: Mapping[str, bytes], names: list[str]) -> str:
    """The media type that the package's own declaration tells; ``application/zip`` when it declares nothing that we know."""
    if (types := read.get(_CONTENT_TYPES)) is not None:
        if b"&" in types or b"<!" in types:
            raise Unsafe("spells its types in an unusual way")
        if _ACTIVE_TYPES.search(types):
            raise Unsafe("holds macros or active controls")
        found = [media_type for part, media_type in _OFFICE.items() if b'"' + part + b'"' in types]
        return found[0] if len(found) == 1 else "application/zip"
    if _MIMETYPE in names[:1] and _MANIFEST in read:
        if b"encryption-data" in read[_MANIFEST]:
            raise Unsafe("is encrypted")
        return read[_MIMETYPE].decode("ascii", "replace").strip()
    return "application/zip"
