"""The input gate: hostile bytes on a real route are a clear 4xx, never a 5xx, never a silent change."""

import json
from collections.abc import Iterator

import httpx
import pytest

from services.api.gate import MAX_INTEGER, clean_text, parse_json
from services.core.kit.errors import Problem
from tests.fixtures.house import House

BASE = {"name": "Kaohsiung", "level": "city", "country": "TW"}
BAD_CHARACTERS = [
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"),
    *(chr(code) for code in range(0x7F, 0xA0)),
    "\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\ud800", "\udfff", "\udc00\ud800",
]  # fmt: skip


def bodies() -> Iterator[tuple[str, bytes]]:
    """(what it is, the bytes): each must be refused by the gate."""
    for number in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", str(MAX_INTEGER + 1), "9" * 400, "-" + "9" * 5000):
        yield f"number {number[:12]}", f'{{"name": "x", "level": "city", "country": "TW", "population": {number}}}'.encode()
        yield (
            f"nested {number[:12]}",
            f'{{"name": "x", "level": "city", "country": "TW", "context": {{"gdp_per_capita": {number}}}}}'.encode(),
        )
    for character in BAD_CHARACTERS:
        yield f"value {character!a}", json.dumps(BASE | {"name": f"a{character}b"}).encode()
        yield f"key {character!a}", json.dumps(BASE | {f"a{character}": 1}).encode()
        yield f"map {character!a}", json.dumps(BASE | {"names": {"en": character}}).encode()
    yield "duplicate key", b'{"name": "x", "name": "y", "level": "city", "country": "TW"}'
    yield "duplicate nested key", b'{"name": "x", "level": "city", "country": "TW", "names": {"en": "a", "en": "b"}}'
    yield "duplicate escaped key", b'{"name": "x", "n\\u0061me": "y", "level": "city", "country": "TW"}'
    for depth in (33, 500, 5_000, 40_000):
        yield f"lists {depth} deep", b'{"name": ' + b"[" * depth + b"]" * depth + b"}"
        yield f"objects {depth} deep", b'{"a":' * depth + b"1" + b"}" * depth
    yield "too many keys", json.dumps({f"k{n}": n for n in range(1_001)}).encode()
    for junk in (
        b"\xff",
        b"\xc3\x28",
        b'{"name": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x00",
        b"{",
        b"{'a': 1}",
        b"[1,]",
        b"{} {}",
        b"tru",
        b"\x1f\x8b\x08",
    ):
        yield f"junk {junk[:6]!r}", junk


CORPUS = list(bodies())


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 200


async def test_every_hostile_body_is_refused(admin: httpx.AsyncClient, house: House) -> None:
    for what, body in CORPUS:
        answer = await admin.post("/v1/jurisdictions", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json"), what
    assert await house.rows("SELECT 1 FROM jurisdiction") == []


async def test_what_browsers_send_is_normalised_and_kept(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/jurisdictions", json=BASE | {"name": "Zu\u0308rich", "names": {"ja": "\u30ab\u3099"}})
    assert (made.json()["name"], made.json()["names"]["ja"]) == ("Zürich", "ガ")
    assert clean_text("a\r\nb\rc", "") == "a\nb\nc"


async def test_urls_that_hide_bytes_are_refused(admin: httpx.AsyncClient) -> None:
    for path in (
        "/v1/jurisdictions?country=%00",
        "/v1/jurisdictions?country=%ff",
        "/v1/jurisdictions/%00",
        "/v1/jurisdictions/%ed%a0%80",
        "/v1/jurisdictions?cursor=%1b",
    ):
        answer = await admin.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request"), path


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415, "unsupported-media-type"),
        ({}, b"{}", 415, "unsupported-media-type"),
        ({"Content-Type": "application/merge-patch+json"}, b"{}", 415, "unsupported-media-type"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415, "unsupported-media-type"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"{}", 415, "unsupported-media-type"),
        ({"Content-Type": "application/json"}, b'"' + b"a" * 300_000 + b'"', 413, "payload-too-large"),
    ],
)
async def test_media_types_and_sizes(admin: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int, code: str) -> None:
    answer = await admin.post("/v1/jurisdictions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_streamed_body_is_cut_at_the_limit_whatever_its_length_says(admin: httpx.AsyncClient) -> None:
    async def stream() -> "object":
        for _ in range(10_000):
            yield b"a" * 1_000

    answer = await admin.post("/v1/jurisdictions", content=stream(), headers={"Content-Type": "application/json"})  # type: ignore[arg-type]
    assert answer.status_code == 413


def test_depth_and_size_that_are_allowed_are_allowed() -> None:
    deep = parse_json(b"[" * 32 + b"]" * 32)
    assert json.dumps(deep) == "[" * 32 + "]" * 32
    assert parse_json(str(MAX_INTEGER).encode()) == MAX_INTEGER
    with pytest.raises(Problem):
        parse_json(b"[" * 33 + b"]" * 33)
