"""Unpacking deflated bytes without trust: piece by piece, so that a few bytes never become many at once."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_FIRST_TAKEN, _TAKEN = 1_024, 64 * 1024
"""Packed bytes that are read at once: few at first, because most of what only looks packed is damaged at its beginning."""
PIECE = 64 * 1024
"""Bytes that are given at once, at most."""


class Unsafe(Exception):
    """A file that is damaged, a bomb, active or two things at once. The text goes on after “The file”."""


@dataclass(slots=True)
class Budget:
    """What may still be spent on one file: ``packed`` bytes to read, ``left`` bytes to come out.

    Reading costs time as well: a stream may begin inside another one, and then the same bytes are read again and again.
    """

    packed: int
    left: int


def unpacked(packed: memoryview | bytes, window: int | None, budget: Budget) -> Iterator[bytes]:
    """What ``packed`` unpacks to, in pieces of at most `PIECE` bytes. ``window`` is zlib's; None for what is not packed.

    `zlib.error` when it is damaged or ends too early, `Unsafe` when the ``budget`` is spent. What follows its end is not looked at.
    """
    if window is None:
        for begin in range(0, len(packed), PIECE):
            piece = bytes(packed[begin : begin + PIECE])
            yield _charged(piece, budget, len(piece))
        return
    stream = zlib.decompressobj(window)
    begin, taken = 0, _FIRST_TAKEN
    while begin < len(packed) and not stream.eof:
        rest = bytes(packed[begin : begin + taken])
        begin += len(rest)
        _charged(b"", budget, len(rest))
        while rest and not stream.eof:
            if piece := stream.decompress(rest, PIECE):
                yield _charged(piece, budget)
            rest = stream.unconsumed_tail
        budget.packed += len(stream.unused_data)
        taken = min(2 * taken, _TAKEN)
    while not stream.eof:
        piece = stream.decompress(b"", PIECE)
        if not piece:
            raise zlib.error("it ends too early")
        yield _charged(piece, budget)


def _charged(piece: bytes, budget: Budget, packed: int = 0) -> bytes:
    """``piece``, once it and the ``packed`` bytes that were read for it are paid for."""
    budget.left -= len(piece)
    budget.packed -= packed
    if budget.left < 0 or budget.packed < 0:
        raise Unsafe("unpacks to too much: it looks like a bomb")
    return piece
