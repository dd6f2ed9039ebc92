"""Unpacking deflated bytes without trust: piece by piece, so that a few bytes never become many at once."""

import zlib
from collections.abc import Iterator

_TAKEN = 64 * 1024
PIECE = 64 * 1024
"""Bytes that are given at once, at most."""


class Unsafe(Exception):
    """A file that is damaged, a bomb, active or two things at once. The text goes on after “The file”."""


def unpacked(packed: memoryview | bytes, window: int | None) -> Iterator[bytes]:
    """What ``packed`` unpacks to, in pieces of at most `PIECE` bytes. ``window`` is zlib's; None for what is not packed.

    `zlib.error` when it is damaged or ends too early. What follows its end is not looked at.
    """
    if window is None:
        yield from (bytes(packed[begin : begin + PIECE]) for begin in range(0, len(packed), PIECE))
        return
    stream = zlib.decompressobj(window)
    for begin in range(0, len(packed), _TAKEN):
        rest = bytes(packed[begin : begin + _TAKEN])
        while rest and not stream.eof:
            if piece := stream.decompress(rest, PIECE):
                yield piece
            rest = stream.unconsumed_tail
        if stream.eof:
            return
    while not stream.eof:
        piece = stream.decompress(b"", PIECE)
        if not piece:
            raise zlib.error("it ends too early")
        yield piece
