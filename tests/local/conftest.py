import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.local.engines.identity import Identity, identity_of
from services.local.engines.processes import pauses

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
LONG = "a-folder-with-a-long-name-" * 7

Query = Callable[[str, str], Any]


def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """The first true answer of `condition`; fails when there's none in time."""
    for pause in pauses(seconds):
        answer = condition()
        if answer:
            return answer
        time.sleep(pause)
    pytest.fail(f"nothing came of it within {seconds} s")


def ends(*identities: Identity) -> bool:
    return bool(until(lambda: not any(identity.is_alive() for identity in identities)))


def known(pid: int) -> Identity:
    identity = identity_of(pid)
    assert identity is not None
    return identity


async def answer(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


class Owner:
    """A process of its own that owns engines, for tests that kill it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def facts(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found: dict[str, Any] = json.loads(line)
        return found

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


Start = Callable[..., Owner]


@pytest.fixture
def start_owner() -> Iterator[Start]:
    """Start a program of this folder with its data folder; whatever still runs in the end is told to stop."""
    started: list[tuple[subprocess.Popen[str], signal.Signals]] = []

    def start(program: str, data_dir: Path, **who: Any) -> Owner:
        python = who.pop("python", sys.executable)
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)])}
        process = subprocess.Popen(
            [python, str(HERE / program), str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**env, "PYTHONDONTWRITEBYTECODE": "1"},
            **who,
        )
        started.append((process, signal.SIGTERM if program == "stack_owner.py" else signal.SIGINT))
        return Owner(process)

    yield start
    for process, farewell in started:
        process.send_signal(farewell)
        process.communicate(timeout=30)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with a path longer than a socket's may be. Under root it lies below a folder closed to others."""
    folder = tmp_path / LONG
    folder.mkdir()
    assert len(str(folder)) > 180
    return folder


@pytest.fixture
def nobody() -> pwd.struct_passwd:
    """An ordinary user, whom only root can play."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a process as another user")
    return pwd.getpwnam("nobody")


@pytest.fixture
def python_for_all(nobody: pwd.struct_passwd) -> str:
    """An interpreter that an ordinary user can run, and that can import what the engines need."""
    paths = [str(ROOT), *(path for path in sys.path if "site-packages" in path)]
    for candidate in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}", "/usr/bin/python3"):
        try:
            trial = subprocess.run(
                [candidate, "-c", "import services.local.engines.postgres, asyncpg"],
                cwd="/",
                env={"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
                user=nobody.pw_uid,
                group=nobody.pw_gid,
                extra_groups=[],
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if trial.returncode == 0:
            return candidate
    pytest.skip("no interpreter here that an ordinary user may run with this code")
