"""What hides inside a file: ways of spelling a PDF, a package or a picture in which readers find more than its first look tells."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from services.core.kit.errors import Problem
from services.core.practices import files, pdfs, unpacking
from tests.fixtures.evidence_files import chunk, jpeg, office, package, pdf, png, stream

LONG = b"%" + b"a" * 1_500 + b"\n"
MANY = b" %a\n" * 12
UTF_16 = b"(\xfe\xff" + "app.alert(1)".encode("utf-16-be") + b")"
OBJECTS = b"/Type/ObjStm/N 1/First 4"
LAUNCH = b"<</S/Launch/F(cmd.exe)>>"


def stored(data: bytes) -> bytes:
    """A block of deflate that is not packed, and not the last."""
    return b"\0" + struct.pack("<HH", len(data), 0xFFFF ^ len(data)) + data


def nested(starts: int, length: int) -> bytes:
    """A PDF of ``length`` bytes: each of its streams but the last unpacks to the beginning of the next one, and all go on to the end."""
    begin = b"stream\n\x78\x01"
    ahead = b"%PDF-1.7\n" + begin + stored(begin) * (starts - 1)
    return ahead + stored(b"") * ((length - len(ahead) - 6) // 5) + b"%%EOF\n"


def scattered(data: bytes, *places: int) -> bytes:
    """``data`` packed so that it comes out in pieces that end at these ``places``."""
    ends = (*places, len(data))
    parts = (stored(data[begin:end]) + stored(b"") * 30_000 for begin, end in zip((0, *places), ends, strict=True))
    return b"\x78\x01" + b"".join(parts) + b"\x01\0\0\xff\xff" + zlib.adler32(data).to_bytes(4)


def objects(content: bytes, dictionary: bytes = OBJECTS + b"/Filter/FlateDecode", *, begin: bytes = b"\nstream\n") -> bytes:
    """A stream of packed objects, whose bytes are ``content``."""
    return b"<<%s/Length %d>>%s%s\nendstream" % (dictionary, len(content), begin, content)


HEX = LAUNCH.hex().encode()
TWICE = zlib.compress(zlib.compress(b"6 0 " + LAUNCH))


@pytest.mark.parametrize(
    "content",
    [
        pdf(b"<</S" + MANY + b"/JavaScript/JS" + MANY + b"(app.alert\\(1\\))>>"),
        pdf(b"<</S" + MANY + b"/Launch/F(cmd.exe)>>"),
        pdf(b"<</S " + LONG + b"/Launch/F(cmd.exe)>>"),
        pdf(b"<</S (50%) " + b"/S %x\n/Launch/F(cmd.exe)>>"),
        pdf(b"<</S" + b" " * 1_500 + b"/Launch/F(cmd.exe)>>"),
        pdf(b"<</JS " + LONG + b"(x)>>"),
        pdf(b"<</JS" + b" " * 1_500 + b"(x)>>"),
        pdf(b"<</JS 9 " + LONG + b"0 R>>"),
        pdf(b"<</JS 9 %x\n0 R>>"),
        pdf(b"<</S 5 0 R/JS" + UTF_16 + b">>"),
        pdf(LONG + b"/Launch"),
        pdf(b"<</S 6 0 R/F(cmd.exe)>>", stream(b"6 0 /Launch", more=OBJECTS)),
        pdf(b"<</S 6 0 R/F(cmd.exe)>>", stream(b"6 2 (x/Launch)", more=OBJECTS)),
        pdf(b"<</S 6 0 R/F(cmd.exe)>>", objects(b"6 0 /Launch", OBJECTS)),
        pdf(b"<</S %x\n6 0 R/F(cmd.exe)>>", stream(b"6 0 /Launch", more=OBJECTS)),
        pdf(objects(scattered(b"6 0 " + LAUNCH, 11, 13))),
        pdf(objects(zlib.compress(b"6 0 " + LAUNCH), begin=b"\nstream \n")),
        pdf(objects(zlib.compress(b"6 0 " + LAUNCH), begin=b"\nstream\r")),
    ],
)
def test_no_spelling_hides_what_a_pdf_does(content: bytes) -> None:
    assert "holds something active or embedded" in refused("a.pdf", content)


@pytest.mark.parametrize(
    "content",
    [
        pdf(objects(TWICE, OBJECTS + b"/Filter[/FlateDecode/FlateDecode]")),
        pdf(objects(HEX, OBJECTS + b"/Filter 6 0 R"), b"/ASCIIHexDecode"),
        pdf(objects(HEX, OBJECTS + b"/Filter/ASCIIHexDecode" + b" " * 5_000)),
        pdf(objects(HEX, b"/Filter/ASCIIHexDecode" + b" " * 5_000 + OBJECTS)),
        pdf(objects(HEX, OBJECTS + b"/X(9 0 obj)/Filter/ASCIIHexDecode")),
        pdf(objects(HEX, b"/Filter/ASCIIHexDecode/X(9 0 obj<<)" + OBJECTS)),
        pdf(objects(HEX, b"/Filter/ASCIIHexDecode%9 0 obj <<\n" + OBJECTS)),
        pdf(objects(HEX, OBJECTS + b"/X(stream\n)/Filter/ASCIIHexDecode")),
        pdf(objects(HEX, OBJECTS + b"/F#69lter/ASCIIHexDecode")),
        pdf(objects(HEX, b"/N 1/First 4/Filter/AHx")),
        pdf(objects(b"6 0 null", OBJECTS) + b"<<" + OBJECTS + b"/Filter/AHx>>\nstream\n" + HEX),
        pdf(objects(zlib.compress(LAUNCH), OBJECTS + b"/Filter/FlateDecode/DecodeParms 7 0 R")),
        pdf(objects(b"\x78\x02" + zlib.compress(LAUNCH)[2:])),
    ],
)
def test_packed_objects_are_written_in_the_one_way_that_is_looked_into(content: bytes) -> None:
    assert "unusual way" in refused("a.pdf", content)


def test_no_comment_hides_that_a_pdf_is_encrypted() -> None:
    assert "encrypted" in refused("a.pdf", pdf(b"<</Encrypt %" + b"a" * 90 + b"\n 9 0 R>>"))


@pytest.mark.parametrize(
    "content",
    [
        pdf(stream(b"6 0 <</Title(Concept/Launch of HTML/JavaScript, kWh/EF %)>>", more=OBJECTS)),
        pdf(objects(b"6 0 <</Title(Concept/Launch)>>", OBJECTS), b"<</First 5 0 R/Count 1>>"),
        pdf(objects(zlib.compress(b"6 0 null"), b"/Type /ObjStm /N 1 /First 4 /Extends 9 0 R /Filter [ /FlateDecode ]")),
        pdf(stream(b"BT (100 %) Tj (Pilot/Launch) Tj ET"), b"<</S 31 0 R/T 32 0 R>>", b"<</S 36/Length 9>>"),
        pdf(stream(b"(upstream\n) Tj (HTML/JavaScript) Tj (kWh/EF 2 times) Tj (HTML/JS %) Tj")),
    ],
)
def test_an_honest_pdf_may_speak_of_all_this(content: bytes) -> None:
    assert files.examine("a.pdf", "", content).media_type == "application/pdf"


def test_streams_that_begin_inside_each_other_are_paid_for_each_time() -> None:
    assert "bomb" in refused("a.pdf", nested(400, 1024 * 1024))
    assert files.examine("a.pdf", "", nested(1, 1024 * 1024)).media_type == "application/pdf"


def test_what_is_read_is_what_is_paid_for() -> None:
    budget = unpacking.Budget(packed=200_000, left=1_000_000)
    packed = zlib.compress(b"x" * 500_000, 0)
    with pytest.raises(unpacking.Unsafe):
        list(unpacking.unpacked(packed, zlib.MAX_WBITS, budget))
    enough = unpacking.Budget(packed=len(packed) + 70_000, left=500_000)
    assert sum(map(len, unpacking.unpacked(packed + bytes(90_000), zlib.MAX_WBITS, enough))) == 500_000
    assert (enough.packed, enough.left) == (70_000, 0)
    pdfs.look(pdf(*(stream(b"%d" % number) for number in range(2_000))))


def refused(name: str, content: bytes) -> str:
    """Why this file is unsafe."""
    with pytest.raises(Problem) as why:
        files.examine(name, "", content)
    assert why.value.code == "file-unsafe", why.value.detail
    return why.value.detail


RELATION = '<Relationships><Relationship Id="a" Type="http://x/{}" Target="http://example.org/?a=1&amp;b" TargetMode="{}"/></Relationships>'


def related(kind: str, mode: str = "External") -> bytes:
    return office(word___rels__document_dot_xml_dot_rels=RELATION.format(kind, mode).encode())


def with_types(add: bytes) -> bytes:
    types = b'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>%s</Types>'
    return package({"[Content_Types].xml": types % add, "word/document.xml": b"<x/>"})


def renamed() -> bytes:
    """An entry that an extra field calls by another name."""
    entry, other = zipfile.ZipInfo("word/x.bin"), b"word/vbaProject.bin"
    entry.extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(b"word/x.bin")) + other
    return office_and(lambda made: made.writestr(entry, b"x"))


def office_and(add: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO(office())
    with zipfile.ZipFile(out, "a") as made:
        add(made)
    return out.getvalue()


def gap(hidden: bytes, *, at_the_end: bool) -> bytes:
    """A package with ``hidden`` bytes before its first entry, or between its last one and its directory."""
    made = office()
    end = made.rfind(b"PK\x05\x06")
    directory = int.from_bytes(made[end + 16 : end + 20], "little")
    moved = made[:end] if at_the_end else b"".join(_moved(made, directory, end, len(hidden)))
    whole = moved[:directory] + hidden + moved[directory:] if at_the_end else hidden + moved
    return whole + made[end : end + 16] + struct.pack("<I", directory + len(hidden)) + made[end + 20 :]


def _moved(made: bytes, directory: int, end: int, by: int) -> list[bytes]:
    """The entries and the directory of ``made``, which says that they begin ``by`` bytes later."""
    parts, place = [made[:directory]], directory
    while place < end:
        offset = int.from_bytes(made[place + 42 : place + 46], "little") + by
        following = made.find(b"PK\x01\x02", place + 4, end)
        after = end if following == -1 else following
        parts.append(made[place : place + 42] + struct.pack("<I", offset) + made[place + 46 : after])
        place = after
    return parts


def quoted() -> bytes:
    """An entry that holds another one, which the directory lists as well (Fifield, “A better zip bomb”, 2019)."""
    inner = package({"z.xml": b"x" * 9})
    head = inner[: inner.find(b"PK\x01\x02")]
    listed = inner[inner.find(b"PK\x01\x02") : inner.rfind(b"PK\x05\x06")]
    made = package({"[Content_Types].xml": b"<Types/>", "a": b"only text" + head}, stored=frozenset({"a"}))
    begin, end = made.find(head), made.rfind(b"PK\x05\x06")
    whole = made[:end] + listed[:42] + struct.pack("<I", begin) + listed[46:]
    directory = int.from_bytes(made[end + 16 : end + 20], "little")
    return whole + b"PK\x05\x06" + bytes(4) + struct.pack("<HHIIH", 3, 3, len(whole) - directory, directory, 0)


def streamed() -> bytes:
    """A document that was written to where one cannot go back: lengths stand behind each entry."""

    class Pipe(io.RawIOBase):
        """It only takes."""

        def __init__(self) -> None:
            self.taken = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.taken += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(io.BytesIO(office())) as read, zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in read.infolist():
            made.writestr(entry.filename, read.read(entry))
    return pipe.taken


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (with_types(b'<Override ContentType="application/vnd.ms-word.document.macro&#69;nabled.main+xml"/>'), "unusual way"),
        (with_types(b"<!-- -->"), "unusual way"),
        (renamed(), "two names"),
        *((related(kind), kind) for kind in ("attachedTemplate", "frame", "oleObject", "image", "subDocument")),
        (related("frame", "&#69;xternal"), "frame"),
        (office(_rels__x_dot_rels=RELATION.format("frame", "External").encode("utf-16")), "frame"),
        (office(_rels__x_dot_rels=b'<!DOCTYPE a [<!ENTITY e "External">]><a/>'), "declares"),
        (office(_rels__x_dot_rels=b"<a"), "damaged"),
        (office(word__embeddings__oleObject1_dot_bin=b"x"), "embedded object"),
        (office(word__x_dot_bin=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Attribut VBA"), "embedded object"),
        (gap(b"x", at_the_end=True), "does not fit its entries"),
        (gap(b"PK\x03\x04" + bytes(26), at_the_end=False), "does not fit its entries"),
        (quoted(), "does not fit its entries"),
        (streamed().replace(b"PK\x07\x08", b"PK\x07\x09"), "does not fit its entries"),
    ],
)
def test_a_package_holds_what_it_shows_and_fetches_nothing(content: bytes, says: str) -> None:
    assert says in refused("a.docx", content)


@pytest.mark.parametrize("content", [related("hyperlink"), related("image", "Internal"), streamed(), gap(b"", at_the_end=True)])
def test_an_honest_package_may_link_and_be_streamed(content: bytes) -> None:
    assert files.examine("a.docx", "", content).content == content


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP of these chunks."""
    parts = b"".join(kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


def lossy(width: int, height: int) -> tuple[bytes, bytes]:
    return b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(12)


CANVAS = (b"VP8X", bytes(4) + b"\x01\0\0\x01\0\0")
FRAME = bytes(6) + b"\x01\0\0\x01\0\0" + bytes(4)
LARGE = b"\xff\xc0\0\x0b\x08\xff\xff\xff\xff\x01\x01\x11\0\xff\xd9"


def framed(width: int, height: int) -> tuple[bytes, bytes]:
    """A frame of a film, with a picture of this size in it."""
    return b"ANMF", FRAME + riff(lossy(width, height))[12:]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.webp", riff(CANVAS, lossy(16_383, 16_383)), "megapixels"),
        ("a.webp", riff(CANVAS, framed(2, 2), framed(16_383, 16_383)), "megapixels"),
        ("a.webp", riff(CANVAS), "that we know"),
        ("a.webp", riff((b"EXIF", bytes(20)), lossy(2, 2)), "that we know"),
        ("a.webp", riff(CANVAS, lossy(2, 2))[:-1] + b"x" * 9, "no whole WebP"),
        ("a.jpg", jpeg()[:-2] + LARGE, "megapixels"),
        ("a.jpg", jpeg() + b"\xff\xd8" + LARGE, "megapixels"),
        *(("a.jpg", jpeg() + bytes(1_024) + tail, "goes on") for tail in (b"Rar!\x1a\x07\0", b"7z\xbc\xaf\x27\x1c", b"%PDF-1.7")),
        *(("a.jpg", jpeg() + tail, "goes on") for tail in (b"<html>", b"<SCRIPT src=x>", package({"a": b""})[:40])),
    ],
)
def test_each_picture_in_a_picture_is_measured_and_nothing_else_follows(name: str, content: bytes, says: str) -> None:
    assert says in refused(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.webp", riff(CANVAS, (b"ICCP", b"abc"), framed(2, 2), framed(2, 2), (b"EXIF", b"x"))),
        ("a.jpg", jpeg() + jpeg(3, 3)),
        ("a.jpg", jpeg() + b"\0\0\0\x18ftypmp42" + bytes(400)),
        ("a.png", png()[:33] + chunk(b"tEXt", b"a\0b") + png()[33:]),
    ],
)
def test_telephones_write_films_and_second_pictures(name: str, content: bytes) -> None:
    assert files.examine(name, "", content).content == content
