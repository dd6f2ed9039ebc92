"""`comphub import cdp-targets`: a file goes to a running hub, which judges it; we wait for it, report it and tell it."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from services.local import importing
from services.local.cli import app
from services.local.importing import targets
from tests.fixtures.house import House
from tests.fixtures.target_files import EXTRACT
from tests.fixtures.targets import account, file, row

API = "http://comphub.test"
Json = dict[str, Any]
Handler = Callable[[httpx.Request], httpx.Response | Exception]
NO_TARGET = {"kind": "No target", "base_year": "", "base": "", "percent": "", "target_year": "", "level": ""}
COUNTS = {
    "rows": 2, "imported": 1, "imported_with_findings": 0, "skipped": 1, "rejected": 0, "created": 1, "revised": 0, "unchanged": 0,
    "jurisdictions_created": 1,
}  # fmt: skip
RESULT = {"kind": "cdp_targets", "edition": "e", "dry_run": False, "unknown_headers": [], "counts": COUNTS, "rows": []}


def job(done: int, status: str = "running", **more: Any) -> Json:
    ended = status in ("succeeded", "failed")
    return {
        "id": "j", "status": status, "progress": {"done": done, "total": 2}, "result_url": "/v1/imports/j" if ended else None, **more,
    }  # fmt: skip


class Hub:
    """An API that answers by a script, one answer after another."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Waits:
    """Instead of sleeping: how long it would have been, and what happens meanwhile."""

    def __init__(self, house: House | None = None) -> None:
        self.waits: list[float] = []
        self.house = house

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.house is not None:
            await self.house.work("imports")


class Run:
    """One run of the command: its exit status, what it said, its report."""

    def __init__(self, status: int, said: str, report: Json) -> None:
        self.status, self.said, self.report = status, said, report


Import = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Run the import against a hub, or against the whole house."""

    async def do(content: bytes, transport: httpx.AsyncBaseTransport, sleep: Waits, *, terminal: bool = False, **options: Any) -> Run:
        path, report = tmp_path / "cities.csv", tmp_path / "report.json"
        path.write_bytes(content)
        report.unlink(missing_ok=True)
        chosen: Any = {"report": report, "api_url": API, "key": "key"} | options
        given = importing.TargetOptions(file=path, data_dir=tmp_path, **chosen)
        screen = StringIO()
        console = Console(file=screen, force_terminal=terminal, width=100)
        status = await importing.run_targets(given, console=console, transport=transport, sleep=sleep)
        return Run(status, screen.getvalue(), json.loads(report.read_text()) if report.exists() else {})

    return do


async def test_each_row_is_accounted_for_in_the_file_s_order(house: House, run: Import) -> None:
    through, key = httpx.ASGITransport(house.app), house.admin.headers["X-API-Key"]
    content = file(row(1), row(2, **NO_TARGET), row(3, percent="120", year_set="2023"), row(1, base_year="2010"))
    dry = await run(content, through, Waits(house), key=key, dry_run=True)
    assert (dry.status, dry.report["dry_run"]) == (1, True)
    assert "nothing was written" in dry.said
    assert await house.rows("SELECT id FROM jurisdiction") == []
    done = await run(content, through, Waits(house), key=key)
    assert done.status == 1
    assert [each["account"] for each in done.report["rows"]] == [account(number) for number in (1, 2, 3, 1)]
    assert [each["status"] for each in done.report["rows"]] == [each["status"] for each in dry.report["rows"]]
    assert (done.report["rows"][1]["status"], done.report["rows"][2]["rules"]) == ("skipped", ["R3"])
    assert done.report["rows"][0]["target_year_emissions_t"] == 53898284.8
    assert done.report["counts"]["created"] == 2
    assert f"line 4 ({account(3)}): R3: " in done.said
    assert "Besides: It was set in 2023" in " ".join(done.said.split())
    assert "import: 4 of 4 rows taken in" in done.said
    assert "1 rows without a target" in done.said
    again = await run(content, through, Waits(house), key=key)
    assert (again.status, again.report["counts"]["unchanged"], again.report["counts"]["created"]) == (1, 2, 0)


async def test_the_extract_goes_in_and_the_exit_status_says_whether_a_row_was_rejected(house: House, run: Import) -> None:
    through, key = httpx.ASGITransport(house.app), house.admin.headers["X-API-Key"]
    done = await run(EXTRACT.read_bytes(), through, Waits(house), key=key)
    assert len(done.report["rows"]) == 24
    assert done.status == (1 if done.report["counts"]["rejected"] else 0)
    fine = await run(file(row(1), row(2, **NO_TARGET)), through, Waits(house), key=key)
    assert fine.status == 0


async def test_a_column_that_nobody_knows_is_named(house: House, run: Import) -> None:
    through, key = httpx.ASGITransport(house.app), house.admin.headers["X-API-Key"]
    content = file(row(1)).replace(b"Last update", b"Colour of the mayor's tie", 1)
    done = await run(content, through, Waits(house), key=key)
    assert done.report["unknown_headers"] == ["Colour of the mayor's tie"]
    assert "Colour of the mayor's tie" in done.said


async def test_a_file_that_is_no_file_of_targets_is_said_in_words(house: House, run: Import, capsys: Any) -> None:
    done = await run(b"a,b\n1,2\n", httpx.ASGITransport(house.app), Waits(house), key=house.admin.headers["X-API-Key"])
    said = capsys.readouterr().err
    assert (done.status, done.report["rows"]) == (2, [])
    assert "Account" in said
    assert "/file" in said


async def test_it_is_patient_and_repeats_safely(run: Import) -> None:
    hub = Hub(
        httpx.ConnectError("not yet"),
        httpx.Response(503, json={}, headers={"Retry-After": "7"}),
        httpx.ReadError("cut off"),
        httpx.Response(202, json=job(0, "queued")),
        httpx.Response(429, json={}, headers={"Retry-After": "3"}),
        httpx.Response(200, json=job(1)),
        httpx.Response(502),
        httpx.Response(200, json=job(2, "succeeded")),
        httpx.Response(200, json=RESULT),
    )
    waits = Waits()
    done = await run(b"x", httpx.MockTransport(hub), waits)
    assert (done.status, hub.script) == (0, [])
    posts = [request for request in hub.asked if request.method == "POST"]
    assert len({request.headers["Idempotency-Key"] for request in posts}) == 1
    assert (len(posts), posts[0].url.path, posts[0].headers["X-API-Key"]) == (4, "/v1/imports", "key")
    assert b'name="kind"' in posts[3].content
    assert b"cdp_targets" in posts[3].content
    assert {7.0, 3.0} <= set(waits.waits)
    assert [request.url.path for request in hub.asked[-2:]] == ["/v1/jobs/j", "/v1/imports/j"]


async def test_two_runs_have_keys_of_their_own(run: Import) -> None:
    hubs = [Hub(httpx.Response(202, json=job(2, "succeeded")), httpx.Response(200, json=RESULT)) for _ in range(2)]
    for hub in hubs:
        await run(b"x", httpx.MockTransport(hub), Waits())
    assert hubs[0].asked[0].headers["Idempotency-Key"] != hubs[1].asked[0].headers["Idempotency-Key"]


async def test_a_job_that_failed_tells_why_and_reports_how_far_it_came(run: Import) -> None:
    problem = {"title": "You may not do this", "detail": "Who started this may not do it any more."}
    hub = Hub(httpx.Response(202, json=job(0, "failed", problem=problem)), httpx.Response(200, json=RESULT))
    done = await run(b"x", httpx.MockTransport(hub), Waits())
    assert (done.status, done.report["stopped"]) == (2, f"{problem['title']}: {problem['detail']}")
    assert problem["detail"] in done.said


async def test_when_nothing_happens_for_long_it_says_where_to_look(run: Import, capsys: Any) -> None:
    hub = Hub(httpx.Response(202, json=job(0)), *(httpx.Response(200, json=job(0)) for _ in range(2_000)))
    waits = Waits()
    done = await run(b"x", httpx.MockTransport(hub), waits)
    assert (done.status, targets._GIVE_UP_S <= sum(waits.waits) < targets._GIVE_UP_S + 60) == (2, True)
    assert "/v1/jobs/j" in capsys.readouterr().err


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json={}), httpx.Response(404, text="?")])
async def test_another_server_is_told_apart(run: Import, answer: httpx.Response) -> None:
    assert (await run(b"x", httpx.MockTransport(Hub(answer)), Waits())).status == 2


async def test_what_cannot_be_read_or_written_is_said_before_anything_is_sent(run: Import, tmp_path: Path, capsys: Any) -> None:
    hub = Hub()
    done = await run(b"x", httpx.MockTransport(hub), Waits(), report=tmp_path / "nowhere" / "report.json")
    assert (done.status, hub.asked) == (2, [])
    assert "cannot be written" in capsys.readouterr().err
    missing = importing.TargetOptions(file=tmp_path / "missing.csv", data_dir=tmp_path, api_url=API, key="key")
    assert await importing.run_targets(missing, transport=httpx.MockTransport(hub)) == 2
    assert "cannot be read" in capsys.readouterr().err


async def test_a_terminal_sees_a_bar_and_no_lines(house: House, run: Import) -> None:
    through, key = httpx.ASGITransport(house.app), house.admin.headers["X-API-Key"]
    done = await run(file(row(1)), through, Waits(house), key=key, terminal=True)
    assert done.status == 0
    assert "rows taken in\n" not in done.said


def test_the_command_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPHUB_API_KEY", raising=False)
    path = tmp_path / "cities.csv"
    path.write_bytes(file(row(1)))
    done = CliRunner().invoke(app, ["import", "cdp-targets", str(path), "--data-dir", str(tmp_path)])
    assert done.exit_code == 2
    assert "No stack runs on" in done.output
