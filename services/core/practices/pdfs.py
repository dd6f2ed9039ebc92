"""Whether a PDF is one document, readable by everybody, that does nothing by itself.

Actions are looked for in the bytes as they are, and in what each stream unpacks to. Names are found however their letters are
spelled (``#4a`` is J). Only what makes an action counts, not the word alone: a title may say “Pilot/Launch”.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from services.core.practices.unpacking import Unsafe, unpacked

MOST_BYTES: Final = 100 * 1024 * 1024
"""Of all streams together."""
MOST_TIMES: Final = 100
_ALWAYS_BYTES = 10 * 1024 * 1024
"""A document may unpack to so many times its own length, and to so many bytes however short it is."""
MOST_STREAMS: Final = 50_000

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[\x00\s]*%PDF-[12]\.")
_BEGINS_WITHIN, _ENDS_WITHIN, _DICTIONARY_WITHIN = 1_024, 2_048, 4_096
_SLICE, _OVERLAP = 256 * 1024, 2_048
_NUMBERED = re.compile(rb"#([0-9A-Fa-f]{2})")
_GAP = rb"(?:[\x00\t\n\f\r ]++|%[^\r\n]{0,80}+[\r\n]){0,8}+"
_AFTER = rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)"
_REFERENCE = rb"[0-9]{1,10}+[\x00\t\n\f\r ]{1,8}+[0-9]{1,5}+[\x00\t\n\f\r ]{1,8}+R"


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
_ASKS_FOR_IT = re.compile(b"(?:" + _name("S") + rb"|obj)" + _GAP + rb"\Z")
"""What stands before the name of an action: the key of an action's kind, or the head of an object that is nothing but this name."""
_ACTIVE = re.compile(
    b"|".join(
        (
            _any(*_INSIDE),
            _name("JavaScript") + _GAP + b"(?:<<|" + _REFERENCE + b")",
            _name("JS") + _GAP + rb"(?:\([\x20-\x7e\s]{4}|<[0-9A-Fa-f\s]{4}|" + _REFERENCE + b")",
            _name("EF") + _GAP + b"(?:<<|" + _REFERENCE + b")",
            _name("XFA") + _GAP + rb"(?:\[|" + _REFERENCE + b")",
        )
    )
)
_ENCRYPTED = re.compile(_name("Encrypt") + _GAP + b"(?:<<|" + _REFERENCE + b")")
_MOST_WORDS = 1_000
"""In one piece: no document speaks so much of actions."""
_LOOKED_BACK = 240
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_OBJECTS = re.compile(_any("First", "ObjStm"))
_UNUSUAL = re.compile(_any("ASCIIHexDecode", "ASCII85Decode", "AHx", "A85", "LZWDecode", "RunLengthDecode", "Crypt", "Predictor"))


def look(content: bytes) -> None:
    """`Unsafe` for what is no whole PDF, encrypted, or active."""
    if not _BEGIN.match(content[:_BEGINS_WITHIN]):
        raise Unsafe("has something before the beginning of its PDF")
    if b"%%EOF" not in content[-_ENDS_WITHIN:]:
        raise Unsafe("breaks off before the end of its PDF")
    for piece in _slices(content):
        _must_rest(piece)
    left = min(MOST_BYTES, max(_ALWAYS_BYTES, MOST_TIMES * len(content)))
    for packed in _streams(content):
        left = _look_into(packed, left)


def _look_into(packed: memoryview, left: int) -> int:
    """Look at what a stream unpacks to; how many bytes may still come out of others."""
    before = b""
    try:
        for piece in unpacked(packed, zlib.MAX_WBITS):
            left -= len(piece)
            if left < 0:
                raise Unsafe("unpacks to too much: it looks like a bomb")
            _must_rest(before + piece)
            before = piece[-_OVERLAP:]
    except zlib.error:
        return left  # what came out was looked at, and readers get no more out of it than we
    return left


def _slices(content: bytes) -> Iterator[bytes]:
    """``content`` in pieces that overlap, so that a search gives way to other threads."""
    return (content[begin : begin + _SLICE + _OVERLAP] for begin in range(0, len(content), _SLICE))


def _must_rest(piece: bytes) -> None:
    """`Unsafe` when ``piece`` holds an action, something embedded, or says that the document is encrypted."""
    for count, found in enumerate(_WORD.finditer(piece)):
        begin = found.start()
        if _ENCRYPTED.match(piece, begin):
            raise Unsafe("is encrypted or protected: save it without protection")
        asked = _ACTION.match(piece, begin) and _ASKS_FOR_IT.search(piece[max(0, begin - _LOOKED_BACK) : begin])
        if asked or _ACTIVE.match(piece, begin) or count >= _MOST_WORDS:
            what = _NUMBERED.sub(lambda number: bytes([int(number[1], 16)]), found[0][1:]).decode("latin-1")
            raise Unsafe(f"holds something active or embedded ({what}): print it to a new PDF")


def _streams(content: bytes) -> Iterator[memoryview]:
    """From the beginning of each stream that zlib may unpack; `Unsafe` for objects that are packed in another way than all writers do."""
    for count, found in enumerate(_STREAM.finditer(content)):
        if count >= MOST_STREAMS:
            raise Unsafe(f"has more than {MOST_STREAMS} streams")
        dictionary = content[max(0, found.start() - _DICTIONARY_WITHIN) : found.start()]
        dictionary = dictionary[max(0, dictionary.rfind(b"endobj")) :]
        if _OBJECTS.search(dictionary) and _UNUSUAL.search(dictionary):
            raise Unsafe("holds objects that are packed in an unusual way: print it to a new PDF")
        first = int.from_bytes(content[found.end() : found.end() + 2])
        if first >> 8 & 0x0F == zlib.DEFLATED and first % 31 == 0:  # RFC 1950, 2.2
            yield memoryview(content)[found.end() :]
