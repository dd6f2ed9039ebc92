"""Files and the storage that they lie in: one that is slow holds nobody up, and what is committed and what is kept are the same."""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.api import middleware
from services.api.middleware import Gate
from services.core.kit import storage
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.settings import Settings
from services.core.practices import files, service
from tests.fixtures.calls import PRACTICE, Season, patch, where
from tests.fixtures.evidence_files import pdf
from tests.fixtures.house import House

Put = Callable[[str, bytes], Awaitable[None]]


async def send(client: httpx.AsyncClient, draft: dict[str, Any], content: bytes = b"", key: str = "") -> httpx.Response:
    """Add a file."""
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(f"{where(draft)}/evidence", files={"file": ("report.pdf", content or pdf())}, headers=headers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the house keeps its files."""
    return tmp_path / "evidence" / "evidence"


async def kept(house: House) -> set[str]:
    """The ids of the rows."""
    return {str(row["id"]) for row in await house.rows("SELECT id FROM evidence")}


def stored(folder: Path) -> set[str]:
    """The names of the objects."""
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


class Hanging:
    """A storage that answers when it is told to: ``arrived`` counts what was sent to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, expected: int) -> None:
        self._put: Put = storage.put
        self._expected = expected
        self.arrived = 0
        self.all_here, self.answers = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(storage, "put", self.put)

    async def put(self, key: str, content: bytes) -> None:
        """What `storage.put` does, once it may."""
        self.arrived += 1
        if self.arrived == self._expected:
            self.all_here.set()
        await self.answers.wait()
        await self._put(key, content)


@pytest.mark.parametrize("with_key", [False, True])
async def test_a_storage_that_hangs_holds_no_other_writes_up(
    app: FastAPI, house: House, folder: Path, monkeypatch: pytest.MonkeyPatch, *, with_key: bool
) -> None:
    season = await Season.begin(house)
    drafts = [await season.draft() for _ in range(12)]
    hanging = Hanging(monkeypatch, expected=3)
    monkeypatch.setattr(middleware, "_WAIT_S", 0.2)
    keys = {draft["id"]: f"of {draft['id']}" * with_key for draft in drafts}
    uploads = {asyncio.create_task(send(season.author, draft, key=keys[draft["id"]])): draft for draft in drafts}
    waiting = {*uploads}
    async with asyncio.timeout(20):
        await hanging.all_here.wait()
        while len(waiting) > 3:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    busy = [each for each in uploads if each not in waiting]
    assert [(each.result().status_code, each.result().headers["retry-after"]) for each in busy] == [(503, "5")] * 9
    assert app.state.database.engine.pool.checkedout() == 0, "who waits for the storage holds no connection"
    asleep = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    assert await house.rows(asleep) == []
    body = PRACTICE | {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction}
    others = await asyncio.gather(
        *(season.author.post("/v1/practices", json=body) for _ in range(12)),
        *(patch(season.author, draft, title="Changed while a file was on its way") for draft in drafts),
    )
    assert {each.status_code for each in others} == {200, 201}
    hanging.answers.set()
    assert [(await each).status_code for each in waiting] == [201] * 3
    back = uploads[busy[0]]
    again = await send(season.author, back, key=keys[back["id"]])
    assert again.status_code == 201, "who was told to come back is taken"
    assert stored(folder) == await kept(house)
    assert len(stored(folder)) == 4


async def test_what_is_refused_anyway_is_never_stored(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house)
    draft, submitted, full = await season.draft(), await season.submitted(), await season.draft()
    for number in range(3):
        assert (await send(season.author, full, pdf(b"%d" % number))).status_code == 201
    assert (await send(season.author, draft, pdf(b"1"))).status_code == 201
    hanging = Hanging(monkeypatch, expected=1)
    hanging.answers.set()
    missing = {"id": str(uuid4())}
    for practice, code in ((missing, "not-found"), (submitted, "conflict"), (full, "evidence-limit"), (draft, "evidence-known")):
        refused = await send(season.author, practice, pdf(b"1" if practice is draft else b"9"))
        assert refused.json()["code"] == code
    assert hanging.arrived == 0


async def test_what_was_true_before_a_file_was_stored_is_asked_again_after_it(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    for number in range(2):
        assert (await send(season.author, draft, pdf(b"%d" % number))).status_code == 201
    hanging = Hanging(monkeypatch, expected=3)
    uploads = [asyncio.create_task(send(season.author, draft, pdf(b"%d" % number))) for number in (7, 8, 9)]
    async with asyncio.timeout(20):
        await hanging.all_here.wait()
        hanging.answers.set()
        answers = await asyncio.gather(*uploads)
    assert sorted(each.status_code for each in answers) == [201, 409, 409]
    assert stored(folder) == await kept(house)
    assert len(stored(folder)) == 3


async def test_the_same_request_twice_at_once_keeps_one_file(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    first, second = Hanging(monkeypatch, expected=1), Hanging(monkeypatch, expected=1)
    second.answers.set()
    monkeypatch.setattr(storage, "put", first.put)
    late = asyncio.create_task(send(season.author, draft, key="the same"))
    async with asyncio.timeout(20):
        await first.all_here.wait()
    monkeypatch.setattr(storage, "put", first._put)
    soon = await send(season.author, draft, key="the same")
    first.answers.set()
    replayed = await late
    assert (soon.status_code, replayed.status_code, replayed.content) == (201, 201, soon.content)
    assert (soon.headers.get("idempotency-replayed"), replayed.headers.get("idempotency-replayed")) == (None, "true")
    assert stored(folder) == await kept(house) == {soon.json()["id"]}


async def test_a_repeat_that_is_still_looked_at_is_replayed_and_never_stored(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    examine, begun, may_end = service.examine, threading.Event(), threading.Event()

    def slow(*given: Any) -> files.File:
        begun.set()
        assert may_end.wait(20)
        return examine(*given)

    monkeypatch.setattr(service, "examine", slow)
    late = asyncio.create_task(send(season.author, draft, key="the same"))
    assert await asyncio.to_thread(begun.wait, 20)
    monkeypatch.setattr(service, "examine", examine)
    soon = await send(season.author, draft, key="the same")
    hanging = Hanging(monkeypatch, expected=1)
    may_end.set()
    replayed = await late
    assert (soon.status_code, replayed.status_code, replayed.content, hanging.arrived) == (201, 201, soon.content, 0)


async def test_another_file_under_the_same_key_is_told_so_and_goes_again(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    hanging = Hanging(monkeypatch, expected=1)
    late = asyncio.create_task(send(season.author, draft, pdf(b"2"), key="the same"))
    async with asyncio.timeout(20):
        await hanging.all_here.wait()
    monkeypatch.setattr(storage, "put", hanging._put)
    soon = await send(season.author, draft, pdf(b"1"), key="the same")
    hanging.answers.set()
    refused = await late
    assert (soon.status_code, refused.status_code, refused.json()["code"]) == (201, 422, "idempotency-key-reused")
    assert stored(folder) == await kept(house) == {soon.json()["id"]}


async def test_who_goes_away_while_a_file_is_stored_leaves_nothing_behind(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    put = storage.put
    is_there = asyncio.Event()

    async def put_and_hang(key: str, content: bytes) -> None:
        await put(key, content)
        is_there.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(storage, "put", put_and_hang)
    upload = asyncio.create_task(send(season.author, draft))
    async with asyncio.timeout(20):
        await is_there.wait()
    assert len(stored(folder)) == 1
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert (stored(folder), await kept(house)) == (set(), set())


async def test_a_commit_whose_answer_is_lost_keeps_file_and_row(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    commit = Session.commit

    async def lost(self: Session) -> None:
        await commit(self)
        raise ConnectionResetError("the line broke before the answer came")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", lost)
        unknown = await send(season.author, draft)
    assert unknown.status_code == 503
    [evidence_id] = await kept(house)
    assert stored(folder) == {evidence_id}, "nobody knows whether it was committed, so the file stays"
    assert (await season.author.get(f"/v1/evidence/{evidence_id}/content")).content == pdf()


async def test_a_file_that_cannot_be_made_durable_is_not_acknowledged(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house)
    draft = await season.draft()

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fails)
        assert (await send(season.author, draft)).status_code == 503
    assert (stored(folder), await kept(house)) == (set(), set())
    assert (await send(season.author, draft)).status_code == 201


async def test_what_a_killed_upload_left_half_written_is_swept_a_day_later(house: House, folder: Path) -> None:
    season = await Season.begin(house)
    made = (await send(season.author, await season.draft())).json()
    old, fresh = f"{uuid4()}#1", f"{uuid4()}#12"
    for name, days in ((old, 1.1), (fresh, 0.9)):
        (folder / name).write_bytes(b"the first half of a file")
        then = time.time() - days * 86_400
        os.utime(folder / name, (then, then))
    assert await service.sweep_files(house.worker) == 1
    assert stored(folder) == {made["id"], fresh}
    assert [each.key async for group in storage.listed(files.PREFIX) for each in group] == [files.key(made["id"])]


FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF\r\n--b--\r\n'


def requests() -> Iterator[tuple[dict[str, Any], Callable[[], Awaitable[Any]], list[int]]]:
    """Uploads as the gate is given them: scope, the body's messages, and a list that tells whether they were asked for."""
    while True:
        asked: list[int] = []

        async def receive(asked: list[int] = asked) -> Any:
            asked.append(1)
            return {"type": "http.request", "body": FORM, "more_body": False}

        path = f"/v1/practices/{uuid4()}/evidence"
        headers = [(b"content-type", b"multipart/form-data; boundary=b")]
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        yield scope | {"state": {"actor": SYSTEM}}, receive, asked


async def test_an_upload_keeps_its_place_until_it_is_answered(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "_WAIT_S", 0.2)
    inside, all_here, may_end = [0], asyncio.Event(), asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        inside[0] += 1
        if inside[0] == 3:
            all_here.set()
        await may_end.wait()

    async def send_on(_: Any) -> None:
        raise AssertionError("the application says nothing")

    gate, coming = Gate(application, settings=settings), requests()
    running = [asyncio.create_task(gate(scope, receive, send_on)) for (scope, receive, _), _ in zip(coming, range(3), strict=False)]
    async with asyncio.timeout(20):
        await all_here.wait()
    scope, receive, asked = next(coming)
    with pytest.raises(Problem) as full:
        async with asyncio.timeout(5):
            await gate(scope, receive, send_on)
    assert (full.value.status, full.value.headers, asked) == (503, {"Retry-After": "5", "Connection": "close"}, [])
    may_end.set()
    await asyncio.gather(*running)
    await gate(scope, receive, send_on)
    assert asked == [1]


async def test_what_was_uploaded_is_forgotten_with_its_request(settings: Settings) -> None:
    seen: list[set[str]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scope["comphub.call"] = scope  # as the route does: whoever holds the scope holds all
        seen.append({name for name in scope if name.startswith("comphub.")})
        raise Problem("conflict", "Not now.")

    async def send_on(_: Any) -> None:
        raise AssertionError("the application says nothing")

    scope, receive, _ = next(requests())
    with pytest.raises(Problem, match="Not now"):
        await Gate(application, settings=settings)(scope, receive, send_on)
    assert seen == [{"comphub.form", "comphub.body", "comphub.call"}]
    assert not [name for name in scope if name.startswith("comphub.")]
