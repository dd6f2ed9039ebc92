"""Whether a picture is what its first bytes say: its parts are walked through, its size is read, it is not decoded."""

import struct
from typing import Final

from services.core.practices.unpacking import Unsafe

MOST_PIXELS: Final = 100_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of a JPEG that begin a frame: they tell its size."""
_BARE = frozenset(range(0xD0, 0xD8)) | {0x01}
"""Markers without a length."""
_SCAN, _END = 0xDA, b"\xff\xd9"


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
            if has_frame and content.find(_END, place + 2 + length) != -1:
                return
            break
        place += 2 + length
    raise Unsafe("is no whole JPEG picture")


def look_at_webp(content: bytes) -> None:
    """`Unsafe` unless it is one RIFF of the length that it says, whose first chunk tells a size."""
    if len(content) < 30 or int.from_bytes(content[4:8], "little") + 8 != len(content):  # noqa: PLR2004
        raise Unsafe("is no whole WebP picture")
    kind, data = content[12:16], content[20:30]
    if kind == b"VP8X":
        _must_fit(int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1)
    elif kind == b"VP8L" and data[0] == 0x2F:  # noqa: PLR2004
        bits = int.from_bytes(data[1:5], "little")
        _must_fit((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 6)
        _must_fit(width & 0x3FFF, height & 0x3FFF)
    else:
        raise Unsafe("is no WebP picture that we know")


def _must_fit(width: int, height: int) -> None:
    if not width or not height:
        raise Unsafe("is a picture without a size")
    if width * height > MOST_PIXELS:
        raise Unsafe(f"is a picture of {width} × {height} points: {MOST_PIXELS // 10**6} megapixels are the most")
