"""Whether a picture is what its first bytes say: its parts are walked through, its size is read, it is not decoded."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from services.core.practices.unpacking import Unsafe

MOST_PIXELS: Final = 100_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of a JPEG that begin a frame: they tell its size."""
_BARE = frozenset(range(0xD0, 0xD8)) | {0x01}
"""Markers without a length."""
_SCAN, _END = 0xDA, b"\xff\xd9"
_FRAME_LATER = re.compile(b"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf](?=\x00.\x08....[\x01\x03\x04])", re.DOTALL)
"""A frame behind the first scan: of a thumbnail, of a second picture, or one that says another size."""
_BEHIND = re.compile(
    rb"Rar!\x1a\x07|PK\x03\x04[\x0a\x14\x2d]\x00|7z\xbc\xaf\x27\x1c|%PDF-|<(?:!doctype|html|script|svg|\?php)\b", re.IGNORECASE
)
"""What no camera writes behind a picture. Telephones write small films and second pictures there."""


def look_at_png(content: bytes) -> None:
    """`Unsafe` unless its chunks lead from IHDR to IEND, and nothing follows."""
    place, is_first = len(_PNG), True
    while place + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        after = place + 12 + length
        if after > len(content) or is_first != (kind == b"IHDR"):
            break
        if is_first:
            _must_fit(*struct.unpack_from(">II", content, place + 8) if length == 13 else (0, 0))  # noqa: PLR2004
        if kind == b"IEND":
            if after != len(content):
                raise Unsafe("goes on after the end of its picture")
            return
        place, is_first = after, False
    raise Unsafe("is no whole PNG picture")


def look_at_jpeg(content: bytes) -> None:
    """`Unsafe` unless its segments lead to a frame and a scan, and the picture ends. Cameras write more behind that end."""
    place, has_frame = 2, False
    while place + 4 <= len(content) and content[place] == 0xFF:  # noqa: PLR2004
        marker = content[place + 1]
        if marker == 0xFF:  # noqa: PLR2004  fill bytes may stand before a marker
            place += 1
            continue
        if marker in _BARE:
            place += 2
            continue
        length = int.from_bytes(content[place + 2 : place + 4])
        if length < 2 or place + 2 + length > len(content):  # noqa: PLR2004
            break
        if marker in _FRAMES and length >= 8:  # noqa: PLR2004
            height, width = struct.unpack_from(">HH", content, place + 5)
            _must_fit(width, height)
            has_frame = True
        if marker == _SCAN:
            if has_frame and (end := content.find(_END, place + 2 + length)) != -1:
                _look_behind(content, place + 2 + length, end)
                return
            break
        place += 2 + length
    raise Unsafe("is no whole JPEG picture")


def _look_behind(content: bytes, scan: int, end: int) -> None:
    """`Unsafe` when a frame behind the beginning of the first ``scan`` is too large, or something else follows the ``end``."""
    for frame in _FRAME_LATER.finditer(content, scan):
        height, width = struct.unpack_from(">HH", content, frame.start() + 5)
        _must_fit(width or 1, height or 1)
    if _BEHIND.search(content, end):
        raise Unsafe("goes on after the end of its picture with something else")


def look_at_webp(content: bytes) -> None:
    """`Unsafe` unless it is one RIFF of the length that it says, whose chunks lead to its end, and each picture in it fits."""
    if len(content) < 30 or int.from_bytes(content[4:8], "little") + 8 != len(content):  # noqa: PLR2004
        raise Unsafe("is no whole WebP picture")
    kinds = set()
    for kind, data in _chunks(memoryview(content), 12):
        kinds.add(kind)
        _look_at_chunk(kind, data)
        if kind == b"ANMF":
            for inner, picture in _chunks(data, 16):
                _look_at_chunk(inner, picture)
    if content[12:16] not in (b"VP8X", b"VP8L", b"VP8 ") or not kinds & {b"VP8L", b"VP8 ", b"ANMF"}:
        raise Unsafe("is no WebP picture that we know")


def _chunks(content: memoryview, place: int) -> Iterator[tuple[bytes, memoryview]]:
    """The chunks of a RIFF from ``place`` on; `Unsafe` when they do not lead to its end."""
    while place != len(content):
        after = place + 8 + int.from_bytes(content[place + 4 : place + 8], "little")
        if place + 8 > len(content) or after > len(content):
            raise Unsafe("is no whole WebP picture")
        yield bytes(content[place : place + 4]), content[place + 8 : after]
        place = min(after + after % 2, len(content))


def _look_at_chunk(kind: bytes, data: memoryview) -> None:
    """`Unsafe` when the picture that this part of a WebP begins is too large, or no picture."""
    head = bytes(data[:16])
    if kind == b"VP8X" and len(head) >= 10:  # noqa: PLR2004
        _must_fit(int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1)
    elif kind == b"ANMF" and len(head) == 16:  # noqa: PLR2004
        _must_fit(int.from_bytes(head[6:9], "little") + 1, int.from_bytes(head[9:12], "little") + 1)
    elif kind == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:  # noqa: PLR2004
        bits = int.from_bytes(head[1:5], "little")
        _must_fit((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif kind == b"VP8 " and len(head) >= 10 and head[3:6] == b"\x9d\x01\x2a":  # noqa: PLR2004
        width, height = struct.unpack_from("<HH", head, 6)
        _must_fit(width & 0x3FFF, height & 0x3FFF)
    elif kind in (b"VP8X", b"ANMF", b"VP8L", b"VP8 "):
        raise Unsafe("is no WebP picture that we know")


def _must_fit(width: int, height: int) -> None:
    if not width or not height:
        raise Unsafe("is a picture without a size")
    if width * height > MOST_PIXELS:
        raise Unsafe(f"is a picture of {width} × {height} points: {MOST_PIXELS // 10**6} megapixels are the most")
