"""The children that a supervisor has: processes of services, and engines, behind one face."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from services.local.engines import processes
from services.local.engines.engine import Engine
from services.local.engines.identity import Identity, identity_of
from services.local.supervisor.output import Output
from services.local.supervisor.printer import Printer
from services.local.supervisor.service import Service, ServiceFailed


class Child(ABC):
    """One process to keep alive. All methods are called in the supervisor's (main) thread."""

    def __init__(self, kind: str, name: str, ready_timeout: float) -> None:
        """Name it; nothing runs yet."""
        self.kind = kind
        self.name = name
        self.ready_timeout = ready_timeout
        self.ended = asyncio.Event()
        self.launched_at = 0.0

    def launch(self) -> None:
        """Start the process, without waiting for it."""
        self.ended.clear()
        self.launched_at = time.monotonic()
        self._launch()

    def notice_end(self) -> None:
        """Set `ended` if the process isn't there any more."""
        if self.identity is None:
            self.ended.set()

    @property
    @abstractmethod
    def identity(self) -> Identity | None:
        """Who the process is, while it runs."""

    @property
    @abstractmethod
    def obituary(self) -> str:
        """How it ended, with its last lines if they weren't shown."""

    @abstractmethod
    async def is_ready(self) -> bool:
        """Whether it does its work now; ServiceFailed or EngineFailed when it has ended."""

    @abstractmethod
    def ask_to_stop(self) -> None:
        """Begin to stop it, in its own time."""

    @abstractmethod
    def finish(self) -> None:
        """Make sure that it's gone, and clear up after it."""

    @abstractmethod
    def _launch(self) -> None: ...


class ServiceChild(Child):
    """A process of a service; what it writes is passed on line by line."""

    def __init__(self, service: Service, number: int, printer: Printer) -> None:
        """Prepare instance `number` of the service."""
        super().__init__(service.name, service.instance_name(number), service.ready_timeout)
        self._service = service
        self._command = service.command(number)
        self._output = Output(self.name, printer)
        self._process: subprocess.Popen[bytes] | None = None
        self._doubt = ""
        self._identity: Identity | None = None

    @property
    def identity(self) -> Identity | None:
        """Who the process is, while it runs."""
        return self._identity if self._process is not None and self._process.poll() is None else None

    @property
    def obituary(self) -> str:
        """How it ended; its lines were shown as they came."""
        status = None if self._process is None else self._process.poll()
        if status is None:
            return f"{self.name} isn't ready after {self.ready_timeout:g} s{self._doubt}"
        how = f"status {status}" if status >= 0 else signal.Signals(-status).name
        return f"{self.name} ended ({how})"

    async def is_ready(self) -> bool:
        """Whether it's ready by the service's own measure (without one: at once)."""
        identity = self.identity
        if identity is None:
            lines = "\n".join(self._output.last_lines)
            raise ServiceFailed(f"{self.obituary}." + (f" Its last lines:\n{lines}" if lines else ""))
        if self._service.ready is None:
            return True
        try:
            answer = self._service.ready(identity.pid)
            return await answer if inspect.isawaitable(answer) else bool(answer)
        except Exception as error:  # noqa: BLE001 - a question that can't be asked yet (no connection, say) isn't a yes
            self._doubt = f": {type(error).__name__}: {error}"
            return False

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def finish(self) -> None:
        """Kill it if it still runs, with whatever it started."""
        if self._process is None:
            return
        if self._process.poll() is None:
            # It leads a process group of its own (see `spawn`), whose number can't be reused while it isn't reaped.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.close()

    def _launch(self) -> None:
        env = dict(os.environ if self._service.env is None else self._service.env)
        env.setdefault("PYTHONUNBUFFERED", "1")  # Else the lines of a Python service come late, in bunches.
        program, *arguments = self._command
        found = shutil.which(program, path=env.get("PATH"))
        if found is None:
            raise ServiceFailed(f"{self.name}: there is no program {program}.")
        self._process = processes.spawn(
            [found, *arguments],
            cwd=self._service.cwd or Path.cwd(),
            farewell=signal.SIGTERM,
            env=env,
            output=self._output.open(),
            pass_fds=self._service.pass_fds,
        )
        self._output.begin()
        self._identity = identity_of(self._process.pid)


class EngineChild(Child):
    """PostgreSQL or Redis; their lines go to a log file of their own."""

    def __init__(self, engine: Engine, ready_timeout: float = 60.0) -> None:
        """Take charge of an engine that isn't started yet."""
        super().__init__(engine.kind, engine.kind, ready_timeout)
        self._engine = engine

    @property
    def identity(self) -> Identity | None:
        """Who the server is, while it runs."""
        return self._engine.identity

    @property
    def obituary(self) -> str:
        """How it ended, with the last lines of its log."""
        return self._engine.obituary

    async def is_ready(self) -> bool:
        """Whether it answers."""
        return self._engine.is_ready()

    def ask_to_stop(self) -> None:
        """Send the signal by which this engine stops."""
        self._engine.ask_to_stop()

    def finish(self) -> None:
        """Stop it for good."""
        self._engine.stop()

    def _launch(self) -> None:
        self._engine.launch()
