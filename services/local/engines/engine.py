"""What PostgreSQL and Redis have in common: one owner, no leftovers, a log, and a start that waits for an answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from services.local.engines import processes
from services.local.engines.failures import EngineFailed
from services.local.engines.identity import Identity, identity_of, working_in
from services.local.engines.locks import FolderLock
from services.local.engines.private_files import read_if_there, write_private
from services.local.engines.socket_folder import remove_leftover_socket_folder

_LOG_LIMIT = 5_000_000
_TAIL_LINES = 12


class Engine(ABC):
    """A server with a data folder of its own.

    `start()` and `stop()` are all that most callers need. A supervisor, which mustn't block, calls `launch()` and then
    asks `is_ready()` until it says yes. The calling thread must live as long as the server (see `processes.spawn`).
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    program: ClassVar[str]
    farewell: ClassVar[signal.Signals]
    stop_steps: ClassVar[processes.StopSteps]

    def __init__(self, data_dir: Path) -> None:
        """Choose the data folder; nothing is touched before `launch()`."""
        self.data_dir = data_dir.resolve()
        self.log_path = self.data_dir / f"{self.program}.log"
        self._lock = FolderLock(self.data_dir, f"the owner of this {self.title}")
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: Identity | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The server's pid while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def identity(self) -> Identity | None:
        """Who the server is, while it runs."""
        return self._identity if self.pid is not None else None

    @property
    @abstractmethod
    def work_dir(self) -> Path:
        """The folder in which the server works, by which a leftover is recognised."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make what the server needs before it starts."""

    @abstractmethod
    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        """Start the server, its output going to the file descriptor `log`."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server takes requests now; never waits long."""

    def _after_stop(self) -> None:  # noqa: B027 - most servers leave nothing behind
        """Clear what only a running server needs."""

    def start(self, timeout: float = 60.0) -> None:
        """Start the server and return when it answers; FolderInUse, EngineMissing or EngineFailed if it can't."""
        self.launch()
        try:
            for pause in processes.pauses(timeout):
                if self.is_ready():
                    return
                time.sleep(pause)
            raise EngineFailed(self._sentence(f"didn't answer within {timeout:g} s"))  # noqa: TRY301 - this too must stop it
        except BaseException:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the server without waiting for it; does nothing while it runs."""
        if self.pid is not None:
            return
        held_before = self._lock.is_held
        self._open_folder()
        try:
            self._end_leftovers()
            self._prepare()
            with self._open_log() as log:
                self._process = self._spawn(log.fileno())
            self._identity = identity_of(self._process.pid)
            if self._identity is not None:
                write_private(self._record, json.dumps(self._identity.to_json()))
        except BaseException:
            if not held_before:
                self.stop()
            raise

    def is_ready(self) -> bool:
        """Whether the launched server answers; EngineFailed when it ended."""
        if self.pid is None:
            raise EngineFailed(self.obituary)
        return self._answers()

    @property
    def obituary(self) -> str:
        """How the server ended, with the last lines of its log."""
        status = None if self._process is None else self._process.poll()
        return self._sentence("doesn't answer" if status is None else f"ended with status {status}")

    def ask_to_stop(self) -> None:
        """Send the first of the signals that stop it; `stop()` sees to the rest."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.stop_steps[0][0])

    def end_leftovers(self) -> None:
        """Stop a server that outlived its owner; FolderInUse when the owner lives. Harmless when nothing runs."""
        if not self.data_dir.exists():
            return
        self._open_folder()
        try:
            self._end_leftovers()
            remove_leftover_socket_folder(self.data_dir)
            self._record.unlink(missing_ok=True)
        finally:
            self._lock.release()

    def stop(self) -> None:
        """Stop the server, firmly if need be, and let the data folder go; harmless when nothing runs."""
        if not self._lock.is_held:
            return
        self._end_child()
        self._after_stop()
        self._record.unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    @property
    def _record(self) -> Path:
        return self.data_dir / "process.json"

    def _end_child(self) -> None:
        if self._process is not None:
            processes.stop_child(self._process, self.stop_steps)

    def _open_folder(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except PermissionError as error:
            message = f"{self.title}: {self.data_dir} belongs to another user; run as that user or choose another folder."
            raise EngineFailed(message) from error

    def _open_log(self) -> _Log:
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_LIMIT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        log = _Log(self.log_path)
        self._log_start = self.log_path.stat().st_size
        return log

    def _end_leftovers(self) -> None:
        """Stop a server that still runs on this data although its owner is gone (else we hadn't got the lock)."""
        for leftover in self._leftovers():
            processes.stop_firmly(leftover, self.stop_steps)
        # A server that was killed leaves helpers that end by themselves as soon as they notice.
        for pause in processes.pauses(5.0):
            if not any(working_in(self.work_dir, self.program)):
                return
            time.sleep(pause)
        for straggler in working_in(self.work_dir, self.program):
            processes.stop(straggler, signal.SIGKILL, 5.0)

    def _leftovers(self) -> Sequence[Identity]:
        """The main process of a leftover: as recorded, or found at work in the folder."""
        recorded = Identity.from_json(json.loads(read_if_there(self._record) or "null"))
        if recorded is not None and recorded.is_alive():
            return [recorded]
        return self._main_processes(list(working_in(self.work_dir, self.program)))

    def _main_processes(self, found: Sequence[Identity]) -> Sequence[Identity]:
        """Which of the processes found at work is to be told to stop; the others follow it."""
        return found

    def _sentence(self, what: str) -> str:
        tail = self._log_tail()
        return f"{self.title} {what}." + (f" Last lines of {self.log_path}:\n{tail}" if tail else "")

    def _log_tail(self) -> str:
        if not self.log_path.exists():
            return ""
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])


class _Log:
    """The log file, open for appending; the server writes to the descriptor that it inherits.

    It's opened by the owner, so a server that runs as somebody else needs no right to the folder.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        return self._descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
