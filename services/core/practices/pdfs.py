"""Whether a PDF is one document, readable by everybody, that does nothing by itself.

Actions are looked for in the bytes as they are, and in what each stream unpacks to. Names are found however their letters are
spelled (``#4a`` is J), and whatever stands between them. Only what makes an action counts, not the word alone: a title may say
“Pilot/Launch”. Streams of objects must be written in the one way in which all writers write them.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.core.practices.unpacking import Budget, Unsafe, unpacked

MOST_BYTES: Final = 100 * 1024 * 1024
"""Of all streams together."""
MOST_TIMES: Final = 100
_MOST_READ = 2
_ALWAYS_BYTES = 10 * 1024 * 1024
"""A document may unpack to so many times its own length, and to so many bytes however short it is. An honest one reads each packed byte
about once."""
MOST_STREAMS: Final = 50_000

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[\x00\s]*%PDF-[12]\.")
_BEGINS_WITHIN, _ENDS_WITHIN = 1_024, 2_048
_SLICE, _OVERLAP = 256 * 1024, 2_048
_AROUND = 512
"""Bytes before and after a word that are looked at: twice that and the word fit into `_OVERLAP`."""
_NUMBERED = re.compile(rb"#([0-9A-Fa-f]{2})")
_BLANKS = b"\x00\t\n\f\r "
_GAP = rb"(?:[\x00\t\n\f\r ]|%[^\r\n]*+[\r\n])*+"
_AFTER = rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)"
_REFERENCE = rb"[0-9]++(?=[\x00\t\n\f\r %])" + _GAP + rb"[0-9]++(?=[\x00\t\n\f\r %])" + _GAP + b"R"


def _name(text: str) -> bytes:
    """A pattern of the PDF name ``text``, each letter as itself or as its number."""
    letters = (b"(?:%s|#%02x)" % (re.escape(letter.encode()), ord(letter)) for letter in text)
    return b"/" + b"".join(re.sub(rb"#..", _either_case, letter) for letter in letters) + _AFTER


def _either_case(number: re.Match[bytes]) -> bytes:
    return b"#" + b"".join(b"[%s%s]" % (digit.lower(), digit.upper()) if digit.isalpha() else digit for digit in _each(number[0][1:]))


def _each(digits: bytes) -> Iterator[bytes]:
    return (digits[place : place + 1] for place in range(len(digits)))


def _any(*names: str) -> bytes:
    return b"(?:" + b"|".join(map(_name, names)) + b")"


_ACTIONS = ("JavaScript", "Launch", "Rendition", "ImportData", "SubmitForm", "GoToE")
_INSIDE = ("EmbeddedFile", "EmbeddedFiles", "RichMedia")
_WORD = re.compile(_any(*_ACTIONS, *_INSIDE, "JS", "EF", "XFA", "Encrypt"))
_ACTION = re.compile(_any(*_ACTIONS))
_ASKS_FOR_IT = re.compile(b"(?:" + _name("S") + rb"|obj)\Z")
"""What stands before the name of an action: the key of an action's kind, or the head of an object that is nothing but this name."""
_ASKS_ELSEWHERE = re.compile(_name("S") + rb"[\x00\t\n\f\r ]*+(?:%|[0-9]++[\x00\t\n\f\r ]*+(?:%|[0-9]++[\x00\t\n\f\r ]*+[R%]))")
"""An action whose kind is another object, or stands behind a comment. The pictures of letters are written so, too (S is one of them)."""
_ACTIVE = re.compile(
    b"|".join(
        (
            _any(*_INSIDE),
            _name("JavaScript") + _GAP + b"(?:<<|" + _REFERENCE + b")",
            _name("JS") + _GAP + rb"(?:\(|<(?!<)|" + _REFERENCE + b")",
            _name("EF") + _GAP + b"(?:<<|" + _REFERENCE + b")",
            _name("XFA") + _GAP + rb"(?:\[|" + _REFERENCE + b")",
        )
    )
)
_ENCRYPTED = re.compile(_name("Encrypt") + _GAP + b"(?:<<|" + _REFERENCE + b")")
_NOTHING_ELSE = re.compile(_GAP + b"(?:[0-9]*+" + _GAP + rb"){0,2}(?:%[^\r\n]*+)?\Z")
"""Blanks, comments and numbers, as far as one looks."""
_MOST_WORDS = 1_000
"""In one piece: no document speaks so much of actions."""
_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
_OBJECTS = re.compile(_any("ObjStm", "First"))
_HEAD = re.compile(rb"[0-9][\x00\t\n\f\r ]+[0-9]+[\x00\t\n\f\r ]+obj")
_LIKE_ALL = re.compile(
    rb"\s*<<(?:\s*/(?:Type\s*/ObjStm|[A-Za-z]+\s*[0-9]+|(?:Length|Extends)\s*[0-9]+\s+[0-9]+\s+R"
    rb"|Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\]))(?=[\s/>]))*\s*>>\s*stream[ \t]*(?:\r\n|\n|\r)"
)
"""The dictionary of a stream of objects as all writers write it: numbers, one filter at most, no comment, every name as it is."""
_WITHIN = 2_048
"""Bytes of such a dictionary, before the word and after it."""


@dataclass(slots=True)
class _Seen:
    """What makes an action only together: the name of one among packed objects, and something whose kind stands elsewhere."""

    name: bytes = b""
    asks: bool = False


def look(content: bytes) -> None:
    """`Unsafe` for what is no whole PDF, encrypted, or active."""
    if not _BEGIN.match(content[:_BEGINS_WITHIN]):
        raise Unsafe("has something before the beginning of its PDF")
    if b"%%EOF" not in content[-_ENDS_WITHIN:]:
        raise Unsafe("breaks off before the end of its PDF")
    seen = _Seen()
    for piece in _slices(content):
        _must_rest(piece, seen)
    objects = _objects(content, seen)
    packed, out = _MOST_READ * len(content) + _ALWAYS_BYTES, max(_ALWAYS_BYTES, MOST_TIMES * len(content))
    budget = Budget(packed, min(MOST_BYTES, out))
    for begin in _streams(content):
        _look_into(memoryview(content)[begin:], budget, seen, holds_objects=begin in objects)


def _look_into(packed: memoryview, budget: Budget, seen: _Seen, *, holds_objects: bool) -> None:
    """Look at what a stream unpacks to."""
    before = b""
    try:
        for piece in unpacked(packed, zlib.MAX_WBITS, budget):
            before += piece
            _must_rest(before, seen, holds_objects=holds_objects)
            before = before[-_OVERLAP:]
    except zlib.error:
        return  # what came out was looked at, and readers get no more out of it than we


def _slices(content: bytes) -> Iterator[bytes]:
    """``content`` in pieces that overlap, so that a search gives way to other threads."""
    return (content[begin : begin + _SLICE + _OVERLAP] for begin in range(0, len(content), _SLICE))


def _must_rest(piece: bytes, seen: _Seen, *, holds_objects: bool = False) -> None:
    """`Unsafe` when ``piece`` holds an action, something embedded, or says that the document is encrypted."""
    seen.asks = seen.asks or _ASKS_ELSEWHERE.search(piece) is not None
    for count, found in enumerate(_WORD.finditer(piece)):
        here = piece[found.start() : found.end() + _AROUND]
        is_long = len(found[0]) + _AROUND == len(here) and not found[0].startswith(b"/EF") and _NOTHING_ELSE.match(here, len(found[0]))
        if _ENCRYPTED.match(here):
            raise Unsafe("is encrypted or protected: save it without protection")
        is_action = _ACTION.match(here) is not None
        if is_action and holds_objects:
            seen.name = found[0]
        asked = is_action and _is_asked_for(piece[max(0, found.start() - _AROUND) : found.start()])
        if asked or is_long or _ACTIVE.match(here) or count >= _MOST_WORDS:
            raise _active(found[0])
    if seen.asks and seen.name:
        raise _active(seen.name)


def _is_asked_for(before: bytes) -> bool:
    """Whether the name of an action behind these bytes is more than a word: also when a comment, or a gap that nobody writes, hides it."""
    told = before.rstrip(_BLANKS)
    gap = before[len(told) :]
    if b"\n" in gap or b"\r" in gap:
        line = re.split(rb"[\r\n]", told)[-1]
        if b"%" in line or len(line) + len(gap) == _AROUND:
            return True
    return len(gap) == _AROUND or _ASKS_FOR_IT.search(told) is not None


def _active(name: bytes) -> Unsafe:
    what = _NUMBERED.sub(lambda number: bytes([int(number[1], 16)]), name[1:]).decode("latin-1")
    return Unsafe(f"holds something active or embedded ({what}): print it to a new PDF")


def _objects(content: bytes, seen: _Seen) -> set[int]:
    """Where streams of packed objects begin; `Unsafe` for one that is written in another way than all writers do.

    What a reader would find in that, we might not.
    """
    begins: set[int] = set()
    bare = len(content)
    for count, found in enumerate(_OBJECTS.finditer(content)):
        place = found.start()
        follows = _STREAM.search(content, place, place + _WITHIN)
        if found[0] == b"/First" and (not follows or content.find(b"endobj", place, follows.start()) != -1):
            continue  # the first entry of an outline
        heads = list(_HEAD.finditer(content, max(0, place - _WITHIN), place))
        whole = _LIKE_ALL.match(content, heads[-1].end()) if heads else None
        if not whole or whole.end() <= place or _is_behind_a_comment(content, heads[-1].start()) or count >= MOST_STREAMS:
            raise _unusual()
        if b"/FlateDecode" in whole[0]:
            if not _is_packed(content, whole.end()):
                raise _unusual()
            begins.add(whole.end())
        else:
            bare = min(bare, whole.end())
    if action := _ACTION.search(content, bare):
        seen.name = action[0]
        _must_rest(b"", seen)
    return begins


def _is_behind_a_comment(content: bytes, place: int) -> bool:
    return b"%" in re.split(rb"[\r\n]", content[max(0, place - _WITHIN) : place])[-1]


def _unusual() -> Unsafe:
    return Unsafe("holds objects that are packed in an unusual way: print it to a new PDF")


def _streams(content: bytes) -> Iterator[int]:
    """Where each stream begins that zlib may unpack."""
    for count, found in enumerate(_STREAM.finditer(content)):
        if count >= MOST_STREAMS:
            raise Unsafe(f"has more than {MOST_STREAMS} streams")
        if _is_packed(content, found.end()):
            yield found.end()


def _is_packed(content: bytes, begin: int) -> bool:
    """Whether zlib may unpack what begins there (RFC 1950, 2.2)."""
    first = int.from_bytes(content[begin : begin + 2])
    return first >> 8 & 0x0F == zlib.DEFLATED and first % 31 == 0
