"""What a file really is, by looking into it: the types that are taken, and what is refused however it is called."""

import io
import random
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.kit.errors import Problem
from services.core.practices import filenames, files
from tests.fixtures.evidence_files import OPEN, SHEET, SLIDES, WORD, bomb, jpeg, office, opendocument, package, pdf, png, stream, webp

SCRIPT = b"<</S /JavaScript /JS (app.alert\\(1\\))>>"
"""An action of a PDF."""
CHART: Any = {"ppt__embeddings__Workbook_dot_xlsx": office("xlsx")}
"""The figures behind a chart."""


def refused(name: str, content: bytes, declared: str = "") -> Problem:
    """The problem that a file is."""
    with pytest.raises(Problem) as why:
        files.examine(name, declared, content)
    assert [error.pointer for error in why.value.errors] == ["/file"]
    return why.value


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", pdf(), "application/pdf"),
        ("a.pdf", b"\xef\xbb\xbf\n" + pdf(stream(b"BT (Pilot/Launch phase) Tj ET")), "application/pdf"),
        ("a.pdf", pdf(b"<</Title (Concept/Launch of HTML/JavaScript training /Encrypt )>>"), "application/pdf"),
        ("A.PDF", pdf(), "application/pdf"),
        ("a.png", png(), "image/png"),
        ("a.png", png(10_000, 10_000), "image/png"),
        ("a.jpg", jpeg(), "image/jpeg"),
        ("a.jpeg", jpeg() + b"what a camera writes behind", "image/jpeg"),
        ("a.webp", webp(), "image/webp"),
        ("a.csv", b"a,b\r\n1,2\r\n", "text/csv"),
        ("a.txt", "\ufeff碳排總量\t1".encode(), "text/plain"),
        ("a.csv", b"value\n<5\nx < y\n", "text/csv"),
        ("a.docx", office(), WORD),
        ("a.xlsx", office("xlsx"), SHEET),
        ("a.pptx", office("pptx", **CHART), SLIDES),
        ("a.odt", opendocument(), f"{OPEN}.text"),
        ("a.ods", opendocument("spreadsheet"), f"{OPEN}.spreadsheet"),
        ("a.odp", opendocument("presentation"), f"{OPEN}.presentation"),
    ],
)
def test_the_types_that_are_taken(name: str, content: bytes, media_type: str) -> None:
    found = files.examine(name, "", content)
    assert (found.name, found.media_type, found.content, len(found.sha256)) == (name, media_type, content, 64)
    assert files.examine(name, "application/octet-stream", content) == files.examine(name, f"{media_type}; charset=utf-8", content) == found


@pytest.mark.parametrize(
    ("name", "declared", "content", "says"),
    [
        ("report.pdf", "", png(), "says .pdf; the file is image/png"),
        ("report.pdf", "application/pdf", office(), "says .pdf"),
        ("picture.png", "", jpeg(), "says .png"),
        ("report", "", pdf(), "has no extension"),
        ("a.docx", "", office("xlsx"), "says .docx"),
        ("a.csv", "", pdf(), "says .csv"),
        ("a.html", "", b"only text", "says .html"),
        ("a.pdf", "", b"only text", "text/plain"),
        ("a.pdf", "image/png", pdf(), "Content-Type of the file says image/png"),
        ("a.png", "application/pdf", png(), "Content-Type of the file says application/pdf"),
        ("a.txt", "text/html", b"only text", "Content-Type of the file says text/html"),
    ],
)
def test_a_file_that_lies_about_its_type_is_refused(name: str, declared: str, content: bytes, says: str) -> None:
    why = refused(name, content, declared)
    assert (why.code, why.status) == ("file-type-mismatch", 422)
    assert says in why.detail


def test_a_browser_on_windows_calls_csv_by_the_program_that_opens_it() -> None:
    assert files.examine("a.csv", "application/vnd.ms-excel", b"a;b\n1;2\n").media_type == "text/csv"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><title>x</title>",
        b"\xef\xbb\xbf \n<html>",
        b"words first <script>alert(1)</script>",
        b"<?xml version='1.0'?><svg/>",
        b"<svg onload=alert(1)>",
        b"#!/bin/sh\nrm",
        b"{\\rtf1 x}",
        b"GIF89a" + bytes(40),
        b"MZ\x90\0\x03" + bytes(200),
        b"\x7fELF" + bytes(200),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"Rar!\x1a\x07\0" + bytes(50),
        "UTF-16, as Excel writes it".encode("utf-16"),
        b"caf\xe9 in Latin 1",
        b"a\0b",
        b"a\x1b[31mb",
        package({"a.txt": b"1"}),
        package({"[Content_Types].xml": b"<Types/>", "a.xml": b""}),
        bytes(100),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.pdf", "a.html", "a.docx"])
def test_every_other_type_is_refused_whatever_it_is_called(name: str, content: bytes) -> None:
    why = refused(name, content)
    assert (why.code, why.status) == ("file-type-refused", 422)
    assert "pdf, png, jpg, webp, csv, txt, docx, xlsx, pptx, odt, ods, odp (texts in UTF-8)" in why.detail


def with_entries(count: int) -> bytes:
    entries: Any = {f"e{number}": b"" for number in range(count)}
    return office(**entries)


def overlapping() -> bytes:
    """A directory that lists one entry's bytes twice, under two names."""
    content = bytearray(office(first=b"x" * 50, other=b"x" * 50))
    directory = content.rfind(b"PK\x01\x02", 0, content.rfind(b"PK\x01\x02"))
    content[content.rfind(b"PK\x01\x02") + 42 :][:4] = content[directory + 42 : directory + 46]
    last = content.rfind(b"PK\x01\x02")
    content[last + 42 : last + 46] = content[directory + 42 : directory + 46]
    return bytes(content)


def encrypted() -> bytes:
    """The first entry says that it is encrypted."""
    content = bytearray(office())
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def named(name: str) -> bytes:
    """A document with an entry of this name."""
    out = io.BytesIO(office())
    with zipfile.ZipFile(out, "a") as made:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        made.writestr(entry, b"1")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.docx", bomb(30 * 1024 * 1024), "bomb"),
        ("a.docx", bomb(30 * 1024 * 1024, claims=1_000), "bomb"),
        ("a.docx", with_entries(1_001), "entries"),
        ("a.docx", office(word__vbaProject_dot_bin=b"x"), "macros"),
        ("a.odt", opendocument(Basic__Standard__Module1_dot_xml=b"x"), "macros"),
        ("a.docx", office(inside_dot_zip=package({"a": b"1"})), "another archive"),
        ("a.pptx", office("pptx", ppt__embeddings__Workbook_dot_xlsx=office("pptx")), "something else than a workbook"),
        (
            "a.pptx",
            office("pptx", ppt__embeddings__Workbook_dot_xlsx=office("xlsx", xl__embeddings__B_dot_xlsx=office("xlsx"))),
            "another archive",
        ),
        ("a.docx", office(word__media__image1_dot_png=b"MZ\x90\0"), "a program"),
        ("a.docx", named("../../etc/passwd"), "leads elsewhere"),
        ("a.docx", named("/etc/passwd"), "leads elsewhere"),
        ("a.docx", named("MAIN.XML"), "twice"),
        ("a.docx", encrypted(), "encrypted"),
        ("a.docx", overlapping(), "does not fit"),
        ("a.docx", office()[:-30], "directory"),
        ("a.docx", office() + b"<script>", "directory"),
        ("a.docx", office().replace(b"PK\x05\x06\0\0", b"PK\x05\x06\1\0"), "does not fit"),
        ("a.png", png(20_000, 20_000), "megapixels"),
        ("a.png", png(0, 1), "without a size"),
        ("a.png", png()[:-4], "no whole PNG"),
        ("a.png", png() + b"<script>", "after the end"),
        ("a.jpg", jpeg(60_000, 60_000), "megapixels"),
        ("a.jpg", jpeg()[:-2], "no whole JPEG"),
        ("a.jpg", jpeg() + office(), "goes on after the end"),
        ("a.webp", webp(16_000, 16_000), "megapixels"),
        ("a.webp", webp() + b"x", "no whole WebP"),
        ("a.pdf", pdf() + package({"a.class": b"1"}), "ZIP archive at its end"),
        ("a.pdf", b"<script>x</script>" + pdf(), "before the beginning"),
        ("a.pdf", b"GIF89a" + pdf(), "before the beginning"),
        ("a.pdf", pdf()[:-10], "breaks off"),
        ("a.pdf", pdf(SCRIPT), "JavaScript"),
        ("a.pdf", pdf(SCRIPT.replace(b"/JavaScript", b"/J#61vaScri#70t")), "JavaScript"),
        ("a.pdf", pdf(SCRIPT.replace(b"/S ", b"/S % a comment\n")), "JavaScript"),
        ("a.pdf", pdf(b"/JavaScript"), "JavaScript"),
        ("a.pdf", pdf(stream(b"1 0 " + SCRIPT, more=b"/Type/ObjStm/N 1/First 4")), "JavaScript"),
        ("a.pdf", pdf(stream(b" " * 70_000 + SCRIPT)), "JavaScript"),
        ("a.pdf", pdf(stream(b"x", more=b"/Type/ObjStm/N 1/First 4/Filter/ASCIIHexDecode")), "unusual"),
        ("a.pdf", pdf(b"<</S/Launch/F(cmd.exe)>>"), "Launch"),
        ("a.pdf", pdf(b"<</Type/EmbeddedFile>>"), "EmbeddedFile"),
        ("a.pdf", pdf(b"<</EF<</F 5 0 R>>>>"), "EF"),
        ("a.pdf", pdf(b"<</XFA[(x) 5 0 R]>>"), "XFA"),
        ("a.pdf", pdf(b"<</Encrypt 5 0 R>>"), "encrypted"),
        ("a.pdf", pdf(stream(bytes(30 * 1024 * 1024))), "bomb"),
    ],
)
def test_what_is_damaged_or_dangerous_is_refused(name: str, content: bytes, says: str) -> None:
    why = refused(name, content)
    assert (why.code, why.status) == ("file-unsafe", 422), why.detail
    assert says in why.detail


def test_a_file_has_a_length() -> None:
    assert (refused("a.pdf", b"").code, refused("a.pdf", b"").status) == ("invalid-body", 422)
    large = refused("a.txt", b"x" * (files.LARGEST + 1))
    assert (large.code, large.status, "10 MiB" in large.detail) == ("payload-too-large", 413, True)
    assert files.examine("a.txt", "", b"x" * files.LARGEST).media_type == "text/plain"


@pytest.mark.parametrize("made", [office, opendocument, pdf, png, jpeg, webp])
def test_a_file_that_breaks_off_anywhere_is_refused(made: object) -> None:
    whole: bytes = made()  # type: ignore[operator]
    ending = files.TYPES[files.examine(_named(whole), "", whole).media_type].extensions[0]
    for length in range(1, len(whole) - 8, max(1, len(whole) // 60)):
        refused(f"a.{ending}", whole[:length])


def _named(content: bytes) -> str:
    for kind in files.TYPES.values():
        try:
            return files.examine(f"a.{kind.extensions[0]}", "", content).name
        except Problem as why:
            if why.code != "file-type-mismatch":
                raise
    raise AssertionError("it has no name")


@given(st.binary(max_size=400), st.sampled_from(["", "%PDF-1.7\n", "PK\x03\x04", "\x89PNG\r\n\x1a\n", "RIFF", "<"]))
def test_whatever_is_sent_is_taken_or_refused_with_a_reason(content: bytes, begin: str) -> None:
    refusal: Problem | None = None
    try:
        files.examine("a.txt", "", begin.encode("latin-1") + content)
    except Problem as why:
        refusal = why
    assert refusal is None or (refusal.status == 422 and refusal.detail)


PROBE = """
import resource, sys
from pathlib import Path
from services.core.kit.errors import Problem
from services.core.practices import files

def spend(name, declared, content):
    return bytearray(b"x") * (100 * 1024 * 1024)

def peak():
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    return int(line.split()[1])

examine = spend if sys.argv[2] == "spend" else files.examine
content = Path(sys.argv[1]).read_bytes()
open("/proc/self/clear_refs", "w").write("5")
before, began = peak(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
try:
    examine(Path(sys.argv[1]).name, "", content)
except Problem as why:
    print(why.detail, file=sys.stderr)
print(peak() - before, resource.getrusage(resource.RUSAGE_SELF).ru_utime - began)
"""
"""Looks at a file that is there already, in a process that has done nothing else, whose peak (VmHWM) is set back before it begins."""


def hostile(which: str) -> tuple[str, bytes]:
    """A file that costs much when it is believed: its name and its content."""
    noise = random.Random(1).randbytes(9 * 1024 * 1024)
    if which == "bomb":
        return "a.docx", office(bomb=bytes(100 * 1024 * 1024), noise=noise)
    if which == "entries":
        return "a.docx", b"PK\x03\x04" + b"PK\x01\x02" + bytes(42)
    if which == "pdf":
        return "a.pdf", pdf(stream(bytes(95 * 1024 * 1024)), b"<</Length 9>>stream\n" + noise + b"endstream")
    return "a.pdf", pdf(b"/S%" * 3_000_000)


def measured(folder: Path, name: str, content: bytes, how: str = "examine") -> tuple[int, float]:
    """What looking at a file takes: kibibytes of memory over what was there before, and seconds of the processor."""
    (folder / name).write_bytes(content)
    told = subprocess.run([sys.executable, "-c", PROBE, folder / name, how], check=True, capture_output=True, text=True)
    kibibytes, seconds = told.stdout.split()
    return int(kibibytes), float(seconds)


@pytest.mark.parametrize("which", ["bomb", "entries", "pdf", "slashes"])
def test_nothing_in_a_file_decides_how_much_memory_or_time_is_spent_on_it(tmp_path: Path, which: str) -> None:
    kibibytes, seconds = measured(tmp_path, *hostile(which))
    assert kibibytes < 50 * 1024
    assert seconds < 10


def test_memory_that_was_spent_would_be_seen(tmp_path: Path) -> None:
    assert measured(tmp_path, *hostile("bomb"), how="spend")[0] > 90 * 1024


def test_nothing_that_is_sniffed_depends_on_a_claimed_size() -> None:
    content = bytearray(office(text=b"x" * 1_000))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = (999).to_bytes(4, "little")
    assert "does not unpack" in refused("a.docx", bytes(content)).detail
    assert zlib.crc32(bytes(content)) != zlib.crc32(office(text=b"x" * 1_000))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("報告 2024.pdf", "報告 2024.pdf"),
        ("  a \t\n b .pdf", "a b .pdf"),
        ("..hidden.pdf", "hidden.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        ("a\x00\x07b\u200b.pdf", "ab.pdf"),
        ('a<b>:"c|d?.pdf', "a_b___c_d_.pdf"),
        ("con.pdf", "_con.pdf"),
        ("CON .pdf", "_CON .pdf"),
        ("com¹.pdf", "_com¹.pdf"),
        ("conin$.pdf", "_conin$.pdf"),
        ("A：報告 100%.pdf", "A：報告 100%.pdf"),
        ("نامه\u200cها.pdf", "نامه\u200cها.pdf"),
        ("name.pdf. . ", "name.pdf"),
    ],
)
def test_names_are_kept_as_one_visible_line(sent: str, kept: str) -> None:
    assert filenames.sanitised(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        *("../a.pdf", "..", "a/b.pdf", "/etc/passwd", "..\\a.pdf", "C:\\a.pdf", "C:a.pdf", "a/", ".", "", "\u200b", " . "),
        *("..／a.pdf", "..＼a.pdf", "..%2fa.pdf", "..%5Ca.pdf", "%2e%2e", "．．", "..%ef%bc%8fa.pdf"),
        *("---.pdf", "\u200d.pdf", "\u0301.pdf"),
    ],
)
def test_names_with_path_parts_or_without_anything_are_refused(sent: str) -> None:
    with pytest.raises(Problem) as why:
        filenames.sanitised(sent)
    assert (why.value.code, why.value.errors[0].pointer) == ("file-name-refused", "/file")


def test_a_name_with_a_path_says_what_to_do() -> None:
    assert refused("../a.pdf", pdf()).detail == "Send the file's name without a path."


@given(st.text(min_size=1, max_size=400))
def test_a_name_that_is_kept_stays_as_it_is(sent: str) -> None:
    try:
        kept = filenames.sanitised(sent)
    except Problem:
        return
    assert 0 < len(kept.encode()) <= filenames.LONGEST
    assert kept.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert not set(kept) & set('/\\<>:"|?*')
    assert filenames.sanitised(kept) == kept


def test_a_long_name_keeps_its_extension() -> None:
    kept = filenames.sanitised("碳" * 300 + ".pdf")
    assert kept.endswith("碳.pdf")
    assert 195 < len(kept.encode()) <= filenames.LONGEST
