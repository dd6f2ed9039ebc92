"""`comphub up`, `down`, `status` and `demo`: the whole stack on this machine."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from services.local import demonstration, stack
from services.local.engines.failures import EngineError, FolderInUse
from services.local.engines.processes import pauses
from services.local.running import Running, StartFailed
from services.local.supervisor import Printer, ServiceFailed, Supervisor

_TROUBLE = (EngineError, FolderInUse, ServiceFailed, StartFailed, OSError)
_SECONDS_TO_START = 120.0


def run(data_dir: Path, port: int, counts: dict[str, int], *, empty: bool) -> int:
    """Start the stack, show its logs, and stop it on Ctrl-C; the exit status."""
    return asyncio.run(_run(data_dir.resolve(), port, counts, empty=empty))


async def _run(data_dir: Path, port: int, counts: dict[str, int], *, empty: bool) -> int:
    printer = Printer(sys.stdout)
    try:
        with _folder(data_dir):
            async with Supervisor(printer, on_change=lambda who: stack.note_processes(data_dir, who)) as supervisor:
                running = Running(data_dir, supervisor, printer)
                ready = await running.start(port, counts, seeded=not empty)
                stack.write(data_dir, ready)
                _say_ready(printer, ready)
                await supervisor.wait()
            stack.remove(data_dir)
    except _TROUBLE as error:
        printer.trouble(str(error))
        return 1
    return 0


class _folder:  # noqa: N801  reads like a function where it is used
    """Hold a data folder: made if missing, cleared of what a killed owner left behind, and let go at the end."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._lock = stack.lock(data_dir)

    def __enter__(self) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._data_dir.chmod(0o700)  # keys, letters and logs in it are their owner's alone
        self._lock.acquire()
        stack.end_leftovers(self._data_dir)

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def detach(data_dir: Path, port: int, *, empty: bool, scale: str) -> int:
    """Start the stack in the background and return once it is ready; the exit status."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    log = data_dir / "up.log"
    command = [sys.executable, "-m", "services.local", "up", "--data-dir", str(data_dir), "--port", str(port)]
    command += ["--empty"] if empty else []
    command += ["--scale", scale] if scale else []
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    shown = 0
    for pause in pauses(_SECONDS_TO_START):
        lines = [line for line in log.read_text().splitlines() if " comphub " in f" {line} "]
        for line in lines[shown:]:
            print(line, flush=True)
        shown = len(lines)
        ready = stack.read(data_dir)
        if ready is not None and stack.status(data_dir).supervisor == process.pid and _answers(ready.api_url):
            return 0
        if process.poll() is not None:
            print(f"The stack did not start; its log is {log}.", file=sys.stderr)
            return process.returncode or 1
        time.sleep(pause)  # the child is another process: there is nothing to await here but its files
    print(f"The stack is not ready after {_SECONDS_TO_START:g} s; its log is {log}.", file=sys.stderr)
    return 1


def _answers(api_url: str) -> bool:
    try:
        return httpx.get(f"{api_url}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False


def down(data_dir: Path) -> int:
    """Stop the stack of a data folder; the exit status."""
    try:
        stopped = stack.down(data_dir.resolve())
    except FolderInUse as error:
        print(str(error), file=sys.stderr)
        return 1
    print(f"Stopped: {', '.join(stopped)}." if stopped else f"Nothing runs on {data_dir}.")
    return 0


def show(data_dir: Path) -> int:
    """Show how the stack of a data folder is; 0 when it is ready."""
    state = stack.status(data_dir.resolve())
    console = Console()
    if state.supervisor is None and not any(process.is_alive for process in state.processes):
        console.print(f"Nothing runs on {data_dir}. Start it with: comphub up")
        return 1
    table = Table("process", "pid", "state", box=None)
    for process in state.processes:
        table.add_row(process.name, str(process.pid), "[green]runs[/]" if process.is_alive else "[red]ended[/]")
    console.print(table)
    ready = state.stack is not None and _answers(state.stack.api_url)
    if state.stack is not None:
        console.print(f"api      {state.stack.api_url}\nmailbox  {state.stack.mailbox_url}\nready    {'yes' if ready else 'no'}")
    else:
        console.print("starting" if state.supervisor else "its supervisor is gone: comphub down clears up")
    return 0 if ready else 1


def demo(data_dir: Path) -> int:
    """Play the demonstration on the running stack, or on one that is started for it; the exit status."""
    return asyncio.run(_demo(data_dir.resolve()))


async def _demo(data_dir: Path) -> int:
    console = Console()
    running = stack.read(data_dir)
    if running is not None and _answers(running.api_url):
        return await _play(running, data_dir, console)
    try:
        with _folder(data_dir), (data_dir / "demo.log").open("w") as log:
            quiet = Printer(log)
            async with Supervisor(quiet, on_change=lambda who: stack.note_processes(data_dir, who)) as supervisor:
                console.print("demo: starting PostgreSQL, Redis, the mailbox and the services ...", highlight=False)
                counts = {"gateway": 1, "worker": 1, "notifier": 1}
                running_here = Running(data_dir, supervisor, quiet)
                ready = await running_here.start(0, counts, seeded=False)
                stack.write(data_dir, ready)
                status = await _play(ready, data_dir, console)
            stack.remove(data_dir)
            return status
    except _TROUBLE as error:
        console.print(f"demo: failed at 'starting': {error}", style="red", markup=False)
        (data_dir / "demo.json").write_text(json.dumps({"ok": False, "step": "starting", "problem": str(error)}) + "\n")
        return 1


async def _play(running: stack.Stack, data_dir: Path, console: Console) -> int:
    if not running.mailbox_url:
        console.print("demo: failed: it reads the letters in the stack's own mailbox; unset SMTP_URL.", style="red")
        return 1
    return await demonstration.run(running.api_url, running.admin_api_key, running.mailbox_url, data_dir, console)


def _say_ready(printer: Printer, ready: stack.Stack) -> None:
    printer.progress(f"ready: {ready.api_url} (docs at {ready.api_url}/docs)")
    printer.progress(f"mailbox: {ready.mailbox_url}")
    printer.progress(f"try: curl -s -H 'X-API-Key: {ready.admin_api_key}' {ready.api_url}/v1/communities")
    printer.progress(f"stop with Ctrl-C{'' if os.isatty(0) else ' or comphub down'}")
