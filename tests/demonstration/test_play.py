"""The play against a stack in memory: the story, the report, the second run, and failures that say what failed."""

import io
import json
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from services.local.demonstration import run, seed, waiting
from services.local.demonstration.api import Api, ApiProblem
from services.local.demonstration.post import letter_of
from tests.demonstration.fake_stack import FakeStack, problem


async def rehearse(stack: FakeStack, folder: Path, *, terminal: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    console = Console(file=out, width=160, force_terminal=terminal)
    code = await run("http://api", "key", "http://mail", folder, console, transport=stack.transport())
    return code, out.getvalue()


async def test_one_play_ends_with_ok_and_counts(tmp_path: Path) -> None:
    code, told = await rehearse(FakeStack(), tmp_path)
    assert code == 0, told
    report = json.loads((tmp_path / "demo.json").read_text("utf-8"))
    assert report["ok"] is True
    letters = report["counts"].pop("letters")
    assert letters > 18
    assert report["counts"] == {
        "jurisdictions": 7, "memberships_active": 6, "practices": 6, "assessed": 6, "returned": 1,
        "reviews": 18, "declined": 1, "recognised": 4, "commended": 2,
    }  # fmt: skip
    assert len(report["recognitions"]) == 6
    assert all({"title", "status", "total"} <= set(p) for p in report["practices"])
    assert told.strip().splitlines()[-1].startswith("demo: ok jurisdictions=7 memberships_active=6 practices=6")
    plain = " ".join(told.split())
    for part in (
        "41.43 %",
        "returned first",
        "No measured result.",
        "version 2: 7 added, 1 changed (indicators, lessons)",
        "a.csv, text/csv",
        "An alternate was asked.",
        "CP-",
        "1 of 3 points: a result [with method]",
        "speaks your language",
    ):
        assert part in plain


async def test_a_second_play_seeds_nothing_and_works(tmp_path: Path) -> None:
    stack = FakeStack()
    assert (await rehearse(stack, tmp_path))[0] == 0
    async with Api("http://api", "key", transport=stack.transport()) as api:
        before = stack.posts
        seeded = await seed(api)
        assert (seeded.created, stack.posts) == (0, before)
        assert seeded.active == 6
        assert seeded.memberships["goyang"]["status"] == "expressed_interest"
    assert (await rehearse(stack, tmp_path))[0] == 0


async def test_a_terminal_sees_progress(tmp_path: Path) -> None:
    code, told = await rehearse(FakeStack(), tmp_path, terminal=True)
    assert code == 0
    assert "demo: ok" in told


async def test_what_never_happens_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.2)
    stack = FakeStack()
    stack.deaf = True
    code, told = await rehearse(stack, tmp_path)
    assert code == 1
    assert "demo: failed at 'Submitting six practices" in told
    assert "the assessment of" in told
    assert "status submitted" in told
    report = json.loads((tmp_path / "demo.json").read_text("utf-8"))
    assert report["ok"] is False


async def test_a_refusal_is_readable() -> None:
    transport = httpx.MockTransport(lambda _: problem(409, "chair-taken"))
    async with Api("http://api", "key", transport=transport) as api:
        with pytest.raises(ApiProblem, match=r"POST /v1/x answered 409 chair-taken: Because of chair-taken\. \[/x: wrong\]"):
            await api.post("/v1/x", {})


async def test_a_stack_that_is_down_is_named(tmp_path: Path) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    out = io.StringIO()
    code = await run("http://api", "k", "http://mail", tmp_path, Console(file=out), transport=httpx.MockTransport(down))
    assert code == 1
    assert "no answer from http://api/livez: refused" in " ".join(out.getvalue().split())


def test_a_link_is_found_in_wrapped_text() -> None:
    letter = letter_of({"id": 1, "to": "A <a@x.example>, b@x.example", "text": "One\n two:\n<http://h/review/ab_C-1>.", "subject": None})
    assert letter.to == ("a@x.example", "b@x.example")
    assert letter.review_token == "ab_C-1"
    assert letter.speaks_of("One two")
