"""Runs the demonstration: plays, tells, writes demo.json, and says in one sentence what went wrong if something did."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.local.demonstration.api import Api, ApiProblem
from services.local.demonstration.cohort import Json
from services.local.demonstration.play import play
from services.local.demonstration.post import Mailbox
from services.local.demonstration.seed import TermOver
from services.local.demonstration.story import tell
from services.local.demonstration.submitting import Unexpected
from services.local.demonstration.told import Story
from services.local.demonstration.waiting import TooLate

FAILED = 1
UNDERSTOOD = (ApiProblem, TooLate, Unexpected, TermOver, httpx.HTTPError)


class Steps:
    """Shows what is being done: a moving line on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.current = "starting"
        self._console = console
        self._progress = (
            Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)
            if console.is_terminal
            else None
        )
        self._task = self._progress.add_task(self.current, total=1) if self._progress else None

    def __enter__(self) -> Self:
        self._shown: AbstractContextManager[object] = self._progress or nullcontext()
        self._shown.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._finish()
        self._shown.__exit__(kind, error, trace)

    def begin(self, step: str) -> None:
        """The step before this one is done; this one begins."""
        self._finish()
        self.current = step
        if self._progress:
            self._task = self._progress.add_task(escape(step), total=1)
        else:
            self._console.print(f"demo: {step} ...", highlight=False, markup=False, soft_wrap=True)

    def _finish(self) -> None:
        if self._progress and self._task is not None:
            if self.current == "starting":
                self._progress.remove_task(self._task)
            else:
                self._progress.update(self._task, completed=1)
            self._task = None


async def run(
    api_url: str,
    admin_key: str,
    mailbox_url: str,
    data_dir: Path,
    console: Console,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> int:
    """Play the demonstration against a running stack.

    Writes `<data_dir>/demo.json` in both cases; answers 0, or 1 after a sentence that names the step and the problem.
    `transport` lets a test stand in for the stack.
    """
    began = time.monotonic()
    steps = Steps(console)
    try:
        with steps:
            async with (
                Api(api_url, admin_key, transport=transport) as api,
                Api(api_url, None, transport=transport) as link,
                Mailbox(mailbox_url, transport=transport) as mailbox,
            ):
                story = await play(api, link, mailbox, steps.begin)
    except BaseExceptionGroup as group:
        told, rest = group.split(UNDERSTOOD)
        if told is None or rest is not None:
            raise
        return _failed(data_dir, console, steps.current, _leaf(told), time.monotonic() - began)
    except UNDERSTOOD as error:
        return _failed(data_dir, console, steps.current, error, time.monotonic() - began)
    story.seconds = time.monotonic() - began
    _write(data_dir, story.as_report())
    pictures = _hang(data_dir / "pictures", story)
    tell(story, console, pictures=pictures)
    return 0


def _leaf(error: BaseException) -> BaseException:
    """The first error in a group of parallel steps: the one that the others only follow."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _failed(data_dir: Path, console: Console, step: str, error: BaseException, seconds: float) -> int:
    problem = str(error) or type(error).__name__
    if isinstance(error, httpx.HTTPError):
        problem = f"no answer from {_asked(error)}: {problem}"
    _write(data_dir, {"ok": False, "step": step, "problem": problem, "seconds": round(seconds, 1)})
    console.print(f"[bold red]demo: failed[/] at '{escape(step)}': {escape(problem)}", soft_wrap=True, highlight=False)
    return FAILED


def _asked(error: httpx.HTTPError) -> str:
    try:
        return str(error.request.url)
    except RuntimeError:  # httpx: an error that was raised before there was a request
        return "the stack"


def _hang(folder: Path, story: Story) -> Path:
    folder.mkdir(exist_ok=True)
    for each in story.commitments:
        for language, picture in each.pictures.items():
            (folder / f"{each.ref}.{language}.svg").write_bytes(picture)
    return folder


def _write(data_dir: Path, report: Json) -> None:
    """Written beside and moved into place, so that a reader never sees half a report."""
    target = data_dir / "demo.json"
    draft = target.with_suffix(".json.part")
    draft.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(target)
