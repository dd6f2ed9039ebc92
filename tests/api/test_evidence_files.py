"""Files as evidence: how they come in, how they go out, and that nothing is left of what was refused."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.api import middleware
from services.api.calls import Call
from services.core.kit import storage
from services.core.practices import files, service
from services.core.practices.schemas import LARGEST_FILE
from tests.fixtures.calls import Season, where
from tests.fixtures.evidence_files import bomb, office, pdf, png
from tests.fixtures.house import House

Json = dict[str, Any]
ANY = {"If-Match": "*"}
KIND = {"Content-Type": "multipart/form-data; boundary=b"}


def head(name: str = "report.pdf") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n' % name.encode()


async def send(client: httpx.AsyncClient, path: str, name: str = "report.pdf", content: bytes = b"", kind: str = "") -> httpx.Response:
    """Add a file; the practice's path or that of its evidence."""
    body = (name, content or pdf(), kind) if kind else (name, content or pdf())
    return await client.post(f"{path}/evidence", files={"file": body})


async def nothing_is_kept(house: House, folder: Path) -> bool:
    """Neither a row nor an object."""
    return await house.rows("SELECT 1 FROM evidence") == [] and [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the house keeps its files."""
    return tmp_path / "evidence"


@pytest.mark.parametrize(
    ("name", "content", "kind", "status", "code"),
    [
        ("report.pdf", png(), "", 422, "file-type-mismatch"),
        ("report.pdf", pdf(), "image/png", 422, "file-type-mismatch"),
        ("page.html", b"<html><script>alert(1)</script>", "text/html", 422, "file-type-refused"),
        ("report.txt", b"<!doctype html><p>hello", "text/plain", 422, "file-type-refused"),
        ("report.docx", bomb(60 * 1024 * 1024), "", 422, "file-unsafe"),
        ("../report.pdf", pdf(), "", 422, "file-name-refused"),
        ("C:\\reports\\report.pdf", pdf(), "", 422, "file-name-refused"),
        ("..", pdf(), "", 422, "file-name-refused"),
        ("report.txt", b"x" * (LARGEST_FILE + 1), "", 413, "payload-too-large"),
        ("report.txt", b"x" * (LARGEST_FILE + 110_000), "", 413, "payload-too-large"),
    ],
)
async def test_what_is_refused_leaves_nothing_behind(
    house: House, folder: Path, name: str, content: bytes, kind: str, status: int, code: str
) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    refused = await send(season.author, where(draft), name, content, kind)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    if status == 413:
        assert "10 MiB" in refused.json()["detail"]
    else:
        assert refused.json()["errors"][0]["pointer"] == "/file"
    assert await nothing_is_kept(house, folder)
    assert (await send(season.author, where(draft))).status_code == 201, "and the next file is taken"


async def test_a_form_says_what_its_file_is(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    path = f"{where(await season.draft())}/evidence"
    forms: tuple[Json, ...] = (
        {"files": {"title": (None, "no file")}},
        {"files": {"file": (None, pdf())}},
        {"files": {"file": ("", pdf())}},
        {"files": {"file": ("a.pdf", b"")}},
        {"files": {"file": ("a.pdf", pdf())}, "data": {"kind": "link"}},
        {"files": {"file": ("a.pdf", pdf())}, "data": {"url": "https://city.example/"}},
        {"files": {"file": ("a.pdf", pdf())}, "data": {"title": "x" * 201}},
    )
    pointers = []
    for form in forms:
        refused = await season.author.post(path, **form)
        assert refused.status_code == 422, refused.text
        pointers.append(refused.json()["errors"][0]["pointer"])
    assert pointers == ["/file", "/file", "/file", "/file", "/kind", "/url", "/title"]
    hostile = await season.author.post(path, files={"file": ("a.pdf", pdf())}, data={"title": "a\x00b"})
    assert (hostile.status_code, hostile.json()["code"]) == (400, "malformed-json")
    neither = await season.author.post(path, content=b"x", headers={"Content-Type": "application/pdf"})
    assert neither.status_code == 415
    assert await nothing_is_kept(house, folder)


async def test_a_file_of_ten_mebibytes_comes_in_and_goes_out(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    content = b"a,b\n" * (LARGEST_FILE // 4)
    made = (await send(season.author, where(await season.draft()), "all.csv", content)).json()
    assert made["size"] == LARGEST_FILE
    assert (folder / "evidence" / made["id"]).read_bytes() == content
    assert (await season.author.get(made["content_url"])).content == content


async def test_a_file_is_saved_and_never_shown(house: House) -> None:
    season = await Season.begin(house)
    made = (await send(season.author, where(await season.draft()), 'Zürich "碳" 50%.csv', b"a,b\n")).json()
    answer = await season.author.get(made["content_url"])
    assert (answer.status_code, answer.content) == (200, b"a,b\n")
    expected = {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": "attachment; filename=\"Z_rich ___ 50%.csv\"; filename*=UTF-8''Z%C3%BCrich%20_%E7%A2%B3_%2050%25.csv",
        "content-length": "4",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-cache",
        "etag": f'"{made["sha256"]}"',
        "accept-ranges": "bytes",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    known = await season.author.get(made["content_url"], headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "begin", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, 300),
        ("bytes=-5", 206, 295, 300),
        ("bytes=290-9999", 206, 290, 300),
        ("bytes=-9999", 200, 0, 300),
        ("bytes=0-", 200, 0, 300),
        ("bytes=0-1,5-6", 200, 0, 300),
        ("bytes=-", 200, 0, 300),
        ("lines=1-2", 200, 0, 300),
    ],
)
async def test_a_broken_connection_goes_on_where_it_left_off(house: House, asked: str, status: int, begin: int, end: int) -> None:
    season = await Season.begin(house)
    content = bytes(65 + place % 26 for place in range(300))
    made = (await send(season.author, where(await season.draft()), "a.txt", content)).json()
    answer = await season.author.get(made["content_url"], headers={"Range": asked})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (status, content[begin:end], str(end - begin))
    assert answer.headers.get("content-range") == (f"bytes {begin}-{end - 1}/300" if status == 206 else None)
    for tag, expected in ((f'"{made["sha256"]}"', status), ('"another"', 200)):
        checked = await season.author.get(made["content_url"], headers={"Range": asked, "If-Range": tag})
        assert checked.status_code == expected


@pytest.mark.parametrize("asked", ["bytes=300-", "bytes=999-1000", "bytes=9-5", "bytes=-0"])
async def test_bytes_that_a_file_has_not_are_refused(house: House, asked: str) -> None:
    season = await Season.begin(house)
    made = (await send(season.author, where(await season.draft()), "a.txt", b"x" * 300)).json()
    refused = await season.author.get(made["content_url"], headers={"Range": asked})
    assert (refused.status_code, refused.json()["code"], refused.headers["content-range"]) == (416, "range-not-satisfiable", "bytes */300")


async def raw(
    app: FastAPI, client: httpx.AsyncClient, path: str, receive: Callable[[], Awaitable[Any]], **headers: str
) -> tuple[int, bytes]:
    """Send a request message by message, as no HTTP library would; its status and body."""
    sent: list[Any] = []
    given = {"x-api-key": client.headers["X-API-Key"], "content-type": KIND["Content-Type"], **headers}
    scope: Json = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1), "server": ("comphub.test", 80),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip

    async def send_on(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send_on)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def bodies(*messages: Json) -> Callable[[], Awaitable[Json]]:
    """What comes in, one after the other; then the client is gone."""
    waiting = [*messages]

    async def receive() -> Json:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    return receive


async def test_a_cut_upload_is_refused_and_leaves_nothing_behind(app: FastAPI, house: House, folder: Path) -> None:
    season = await Season.begin(house)
    path = f"{where(await season.draft())}/evidence"
    whole = head() + pdf() + b"\r\n--b--\r\n"
    gone = bodies({"type": "http.request", "body": whole[:200], "more_body": True})
    assert (await raw(app, season.author, path, gone, content_length=str(len(whole))))[0] == 400
    for length in (10, len(head()), 200, len(whole) - 6):
        cut = await season.author.post(path, content=whole[:length], headers=KIND)
        assert (cut.status_code, cut.json()["code"]) == (400, "malformed-request"), length
    assert await nothing_is_kept(house, folder)
    assert (await season.author.post(path, content=whole, headers=KIND)).status_code == 201


async def test_an_endless_upload_is_refused_whatever_it_says_of_its_length(app: FastAPI, house: House, folder: Path) -> None:
    season = await Season.begin(house)
    path = f"{where(await season.draft())}/evidence"
    taken: list[int] = []

    async def endless() -> Json:
        taken.append(1)
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    for said in ({}, {"content_length": "500"}, {"transfer_encoding": "chunked"}):
        taken.clear()
        status, body = await raw(app, season.author, path, endless, **said)
        assert (status, b"10 MiB" in body, len(taken) <= 163) == (413, True, True)
    taken.clear()
    assert (await raw(app, season.author, path, endless, content_length=str(11 * 1024**2)))[0] == 413
    assert taken == [], "it said so itself"
    assert await nothing_is_kept(house, folder)


async def test_a_slow_upload_ends_and_others_are_taken_meanwhile(app: FastAPI, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    neighbour = await house.platform("practices:write", jurisdictions=[season.jurisdiction])
    monkeypatch.setattr(middleware, "_UPLOAD_S", 3)
    monkeypatch.setattr(middleware, "_WAIT_S", 0.2)
    arrived, all_here, never = [], asyncio.Event(), asyncio.Event()

    async def stalled() -> Json:
        arrived.append(1)
        if len(arrived) == 3:
            all_here.set()
        await never.wait()
        return {"type": "http.disconnect"}

    slow = [asyncio.create_task(raw(app, season.author, f"{where(draft)}/evidence", stalled)) for _ in range(3)]
    await all_here.wait()
    busy = await send(season.author, where(draft))
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert (await send(neighbour, where(draft))).status_code == 201, "nobody takes all places"
    ended = await asyncio.gather(*slow)
    assert [status for status, _ in ended] == [400] * 3
    assert b"did not come in within" in ended[0][1]
    assert (await send(season.author, where(draft), content=pdf(b"another"))).status_code == 201


async def test_nobodys_file_is_read_before_it_is_known_that_they_may_send_one(house: House, anonymous: httpx.AsyncClient) -> None:
    season = await Season.begin(house)
    path = f"{where(await season.draft())}/evidence"
    asked: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            asked.append(1)
            yield b"x" * 100_000

    reader = await house.platform("practices:read", jurisdictions=[season.jurisdiction])
    for client, status in ((anonymous, 401), (reader, 403)):
        asked.clear()
        refused = await client.post(path, content=endless(), headers=KIND)
        assert (refused.status_code, refused.headers["connection"], len(asked) <= 1) == (status, "close", True)


async def test_a_transaction_that_comes_to_nothing_takes_its_file_with_it(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    seen: list[int] = []

    async def broken(self: Call, *_: Any, **__: Any) -> Any:
        seen.append(len([path for path in folder.rglob("*") if path.is_file()]))
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(Call, "written", broken)
        assert (await send(season.author, where(draft))).status_code == 503
    assert seen == [1], "it was stored before its row was to be written"
    assert await nothing_is_kept(house, folder)


async def test_two_uploads_at_once_are_two_files_at_most_three(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    answers: list[httpx.Response] = []
    waiting = [pdf(b"%d" % number) for number in range(6)]
    while waiting:  # three are stored at once; who is told to come back does
        told = await asyncio.gather(*(send(season.author, where(draft), content=content) for content in waiting))
        answers += [answer for answer in told if answer.status_code != 503]
        waiting = [content for content, answer in zip(waiting, told, strict=True) if answer.status_code == 503]
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409, 409]
    kept = {str(row["id"]) for row in await house.rows("SELECT id FROM evidence")}
    assert {path.name for path in folder.rglob("*") if path.is_file()} == kept


async def test_a_removed_file_goes_after_its_row(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    made = (await send(season.author, where(await season.draft()))).json()
    stored = folder / "evidence" / made["id"]
    assert (await season.author.delete(f"/v1/evidence/{made['id']}", headers=ANY)).status_code == 204
    assert stored.exists(), "the answer does not wait for the storage"
    await house.work("practices")
    assert not stored.exists()


async def test_what_a_crash_left_behind_is_swept_a_day_later(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    made = (await send(season.author, where(await season.draft()))).json()
    orphan, fresh = uuid4(), uuid4()
    for each in (orphan, fresh):
        await storage.put(files.key(each), b"left by a gateway that was killed")
    (folder / "evidence" / "read me").write_text("not ours")
    age(folder / "evidence" / str(orphan), days=1.1)
    age(folder / "evidence" / made["id"], days=9)
    assert await service.sweep_files(house.worker) == 1
    assert sorted(path.name for path in (folder / "evidence").iterdir()) == sorted([made["id"], str(fresh), "read me"])
    assert (await season.author.get(made["content_url"])).content == pdf()


def age(path: Path, *, days: float) -> None:
    """Make a file as old as that."""
    then = path.stat().st_mtime - days * 86_400
    os.utime(path, (then, then))


async def test_without_a_place_for_files_everything_else_works(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    made = (await send(season.author, where(draft))).json()
    storage.hang(None)
    refused = await send(season.author, where(draft), content=pdf(b"1"))
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "unavailable", "3600")
    link = {"kind": "link", "title": "A report", "url": "https://city.example/"}
    assert (await season.author.post(f"{where(draft)}/evidence", json=link)).status_code == 201
    assert (await season.author.get(made["content_url"])).status_code == 503
    assert (await season.author.get("/readyz")).status_code == 200
    assert await service.sweep_files(house.worker) == 0


async def test_a_file_that_was_lost_is_no_empty_answer(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    made = (await send(season.author, where(await season.draft()))).json()
    (folder / "evidence" / made["id"]).unlink()
    assert (await season.author.get(made["content_url"])).status_code == 503


async def test_a_document_with_its_chart_comes_in_whole(house: House) -> None:
    season = await Season.begin(house)
    slides = office("pptx", ppt__embeddings__Workbook_dot_xlsx=office("xlsx"))
    made = (await send(season.author, where(await season.draft()), "slides.pptx", slides)).json()
    assert made["media_type"].endswith("presentationml.presentation")
    assert (await season.author.get(made["content_url"])).content == slides
