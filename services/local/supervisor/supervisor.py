"""The supervisor: see the door plate of this package."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from services.local.engines.engine import Engine
from services.local.engines.failures import EngineError
from services.local.engines.identity import Identity
from services.local.engines.processes import pauses
from services.local.supervisor.children import Child, EngineChild, ServiceChild
from services.local.supervisor.printer import Printer
from services.local.supervisor.service import Service, ServiceFailed

Changed = Callable[[Mapping[str, Sequence[Identity]]], None]
"""Called with who runs now, by the name of the service, whenever that has changed."""

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
# A child that lived this long before it died isn't failing again and again: it's restarted at once.
_HEALTHY_AFTER = 10.0
_SECONDS_TO_STOP = 25.0
_SECONDS_FOR_AN_ENGINE = 20.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """An asynchronous context manager, to be used in the main thread (see `processes.spawn`)."""

    def __init__(self, printer: Printer, *, on_change: Changed | None = None) -> None:
        """Choose where to write, and whom to tell when processes come and go."""
        self._printer = printer
        self._on_change = on_change
        self._groups: list[list[Child]] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._asked_to_stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._body: asyncio.Task[object] | None = None
        self._is_waiting = False
        self._stopping = asyncio.Event()

    @property
    def identities(self) -> dict[str, list[Identity]]:
        """Who runs now, by the name of the service, in the order of their start."""
        found: dict[str, list[Identity]] = {}
        for group in self._groups:
            for child in group:
                identity = child.identity
                found.setdefault(child.kind, []).extend([identity] if identity is not None else [])
        return found

    @property
    def pids(self) -> dict[str, list[int]]:
        """The same as pids."""
        return {kind: [identity.pid for identity in identities] for kind, identities in self.identities.items()}

    async def __aenter__(self) -> Self:
        """Listen for signals from now on: one that comes during the start breaks it off and stops what runs."""
        self._body = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, self._on_signal)
        loop.add_signal_handler(signal.SIGCHLD, self._look_for_ends)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Stop everything; a break-off by signal ends here, quietly."""
        try:
            await self.stop()
        finally:
            for number in (*_STOP_SIGNALS, signal.SIGCHLD):
                asyncio.get_running_loop().remove_signal_handler(number)
        by_signal = isinstance(error, asyncio.CancelledError) and self._asked_to_stop.is_set()
        if by_signal and self._body is not None:
            self._body.uncancel()
        return by_signal

    async def start(self, what: Service | Engine) -> None:
        """Start a service (all its instances) or an engine, wait until it's ready, and keep it alive from then on.

        Several may be started side by side, with asyncio.gather. ServiceFailed or an EngineError when it doesn't come up;
        what came up before is stopped on leaving the block.
        """
        if self._stopping.is_set():
            raise ServiceFailed("The stack is being stopped.")
        began = time.monotonic()
        group: list[Child] = (
            [EngineChild(what)]
            if isinstance(what, Engine)
            else [ServiceChild(what, number, self._printer) for number in range(1, what.count + 1)]
        )
        self._groups.append(group)
        for child in group:
            child.launch()
            self._tell()
        await asyncio.gather(*(self._until_ready(child) for child in group))
        # When a start beside this one failed, `stop` has begun meanwhile, and nothing may come back to life.
        if self._stopping.is_set():
            return
        self._keepers += [asyncio.create_task(self._keep_alive(child)) for child in group]
        times = f" ×{len(group)}" if len(group) > 1 else ""
        self._printer.progress(f"{group[0].kind}{times} ready ({time.monotonic() - began:.1f} s)")

    async def wait(self) -> None:
        """Return when SIGINT, SIGTERM or SIGHUP asks to stop."""
        self._is_waiting = True
        await self._asked_to_stop.wait()

    async def stop(self) -> None:
        """Stop all, the newest first; 25 s for all services together, then SIGKILL. A second signal kills at once."""
        self._stopping.set()
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()
        deadline = time.monotonic() + _SECONDS_TO_STOP
        for group in reversed(self._groups):
            is_engine = isinstance(group[0], EngineChild)
            seconds = _SECONDS_FOR_AN_ENGINE if is_engine else max(1.0, deadline - time.monotonic())
            await self._stop_group(group, seconds)
        if self._groups:
            self._printer.progress("all stopped")
        self._groups.clear()
        self._tell()

    async def _stop_group(self, group: Sequence[Child], seconds: float) -> None:
        for child in group:
            child.ask_to_stop()
        self._look_for_ends()
        ends = asyncio.create_task(_all_ended(group))
        hurry = asyncio.create_task(self._hurry.wait())
        await asyncio.wait({ends, hurry}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (ends, hurry):
            waiting.cancel()
        await asyncio.gather(ends, hurry, return_exceptions=True)
        for child in group:
            if child.identity is not None:
                self._printer.trouble(f"{child.name} didn't stop in time and is killed")
            child.finish()

    async def _until_ready(self, child: Child) -> None:
        for pause in pauses(child.ready_timeout, shortest=0.02):
            if await child.is_ready():
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.ended.wait(), pause)
        raise ServiceFailed(f"{child.obituary}.")

    async def _keep_alive(self, child: Child) -> None:
        """Start the child again each time it ends, with growing pauses while it keeps failing."""
        pause = _FIRST_PAUSE
        while True:
            await child.ended.wait()
            self._tell()
            lived = time.monotonic() - child.launched_at
            pause = _FIRST_PAUSE if lived > _HEALTHY_AFTER else pause
            self._printer.trouble(f"{child.obituary}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)
            try:
                child.launch()
                self._tell()
                await self._until_ready(child)
            except (ServiceFailed, EngineError, OSError) as error:
                self._printer.trouble(str(error))
                child.notice_end()
            else:
                self._printer.progress(f"{child.name} is back")

    def _look_for_ends(self) -> None:
        for group in self._groups:
            for child in group:
                child.notice_end()

    def _on_signal(self) -> None:
        if self._asked_to_stop.is_set():
            self._hurry.set()
            return
        self._asked_to_stop.set()
        self._printer.progress("stopping (once more to kill)")
        # While it waits, `wait` returns; while it already stops, that goes on.
        if not (self._is_waiting or self._stopping.is_set()) and self._body is not None:
            self._body.cancel()

    def _tell(self) -> None:
        if self._on_change is None:
            return
        try:
            self._on_change(self.identities)
        except OSError as error:
            # A full disk, or a data folder that somebody deleted: bad for `status`, but no reason to stop minding children.
            self._printer.trouble(f"can't note who runs: {error}")


async def _all_ended(group: Sequence[Child]) -> None:
    for child in group:
        await child.ended.wait()
