import asyncio
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.local.engines.failures import EngineFailed
from services.local.engines.identity import Identity
from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis
from services.local.supervisor import Printer, Service, ServiceFailed, Supervisor
from tests.local.conftest import answer, ends

SLEEPER = [sys.executable, "-c", "import time; print('höre zu', flush=True); time.sleep(600)"]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


class Terminal(io.StringIO):
    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture
def screen() -> Terminal:
    return Terminal(tty=False)


def never(_: int) -> bool:
    return False


async def comes(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110 - it's about other processes, which set no Event
            await asyncio.sleep(0.02)
    return found


async def test_a_killed_child_is_restarted_and_all_are_stopped(screen: Terminal) -> None:
    changes: list[dict[str, list[int]]] = []

    def noted(running: Mapping[str, Sequence[Identity]]) -> None:
        changes.append({name: [who.pid for who in several] for name, several in running.items()})

    async with Supervisor(Printer(screen), on_change=noted) as supervisor:
        await supervisor.start(Service("worker", SLEEPER, count=2))
        first = supervisor.pids["worker"]
        assert len(first) == 2
        await comes(lambda: "worker-1 höre zu" in screen.getvalue())
        os.kill(first[0], signal.SIGKILL)
        await comes(lambda: supervisor.pids["worker"][0] != first[0] and len(supervisor.pids["worker"]) == 2)
        await comes(lambda: "worker-1 is back" in screen.getvalue())
        assert supervisor.pids["worker"][1] == first[1]
        assert changes[-1] == supervisor.pids
        await comes(lambda: screen.getvalue().count("worker-1 höre zu") == 2)
        living = supervisor.identities["worker"]
    assert ends(*living)
    assert changes[-1] == {}
    shown = screen.getvalue()
    assert "worker-1 ended (SIGKILL); starting it again in 0.2 s" in shown
    assert "worker ×2 ready" in shown
    assert "\x1b" not in shown


async def test_engines_come_back_at_the_same_address(data_dir: Path, screen: Terminal) -> None:
    postgres, redis = Postgres(data_dir / "postgres", fsync=False), Redis(data_dir / "redis")
    async with Supervisor(Printer(screen)) as supervisor:
        await supervisor.start(postgres)
        await supervisor.start(redis)
        urls = postgres.url(), redis.url()
        for name in ("postgres", "redis"):
            (pid,) = supervisor.pids[name]
            os.kill(pid, signal.SIGKILL)
        await comes(lambda: "postgres is back" in screen.getvalue() and "redis is back" in screen.getvalue())
        assert urls == (postgres.url(), redis.url())
        assert await answer(postgres.url(), "SELECT 1") == 1
        assert redis.is_ready()
        living = [*supervisor.identities["postgres"], *supervisor.identities["redis"]]
        assert len(living) == 2
    assert ends(*living)
    assert (postgres.pid, redis.pid) == (None, None)


async def test_a_service_that_cannot_start_says_why(screen: Terminal) -> None:
    failing = [sys.executable, "-c", "import sys; print('no DATABASE_URL', file=sys.stderr); sys.exit(2)"]
    with pytest.raises(ServiceFailed, match=r"gateway ended \(status 2\).\s[^$]*no DATABASE_URL"):  # noqa: PT012 - the same
        async with Supervisor(Printer(screen)) as supervisor:
            await supervisor.start(Service("worker", SLEEPER))
            living = supervisor.identities["worker"]
            await supervisor.start(Service("gateway", failing, ready=never))
    assert ends(*living)
    with pytest.raises(ServiceFailed, match=r"isn't ready after 0\.3 s"):
        async with Supervisor(Printer(screen)) as supervisor:
            await supervisor.start(Service("gateway", SLEEPER, ready=never, ready_timeout=0.3))
    with pytest.raises(ServiceFailed, match="no program no-such"):
        async with Supervisor(Printer(screen)) as supervisor:
            await supervisor.start(Service("gateway", ["no-such-program"]))


async def test_nothing_comes_back_when_one_of_several_fails(screen: Terminal) -> None:
    """The starts beside the failed one go on while everything is stopped."""
    living: list[Identity] = []

    def noted(running: Mapping[str, Sequence[Identity]]) -> None:
        living.extend(who for several in running.values() for who in several)

    with pytest.raises(ServiceFailed, match="notifier ended"):
        async with Supervisor(Printer(screen), on_change=noted) as supervisor:
            await asyncio.gather(
                supervisor.start(Service("gateway", SLEEPER, ready=lambda _: "notifier" in screen.getvalue())),
                supervisor.start(Service("worker", SLEEPER, ready=never)),
                supervisor.start(Service("notifier", [sys.executable, "-c", "print('failing'); exit(1)"], ready=never)),
            )
    await asyncio.sleep(0.5)
    assert len({who.pid for who in living}) == 3
    assert ends(*living)
    assert "starting it again" not in screen.getvalue()
    with pytest.raises(ServiceFailed, match="being stopped"):
        await supervisor.start(Service("late", SLEEPER))


async def test_a_ready_that_raises_means_not_yet(screen: Terminal) -> None:
    tries: list[int] = []

    async def ready(pid: int) -> bool:
        tries.append(pid)
        if len(tries) < 3:
            raise ConnectionRefusedError
        return True

    async with Supervisor(Printer(screen)) as supervisor:
        await supervisor.start(Service("gateway", SLEEPER, ready=ready))
    assert len(tries) == 3


async def test_an_engine_that_cannot_start_says_why(data_dir: Path, screen: Terminal) -> None:
    with pytest.raises(EngineFailed, match="no-such-directive"):
        async with Supervisor(Printer(screen)) as supervisor:
            await supervisor.start(Redis(data_dir, settings={"no-such-directive": "1"}))


async def test_a_signal_ends_the_wait_and_a_second_one_kills(screen: Terminal) -> None:
    async with Supervisor(Printer(screen)) as supervisor:
        await supervisor.start(Service("deaf", [sys.executable, "-c", STUBBORN]))
        living = supervisor.identities["deaf"]
        await comes(lambda: "deaf deaf" in screen.getvalue() or "deaf    deaf" in screen.getvalue())
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)
        loop.call_later(0.5, os.kill, os.getpid(), signal.SIGINT)
        await supervisor.wait()
    assert ends(*living)
    assert "deaf didn't stop in time and is killed" in screen.getvalue()


async def test_a_signal_breaks_a_start_off(screen: Terminal) -> None:
    living: list[Identity] = []
    async with Supervisor(Printer(screen)) as supervisor:
        asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGINT)
        await supervisor.start(Service("worker", SLEEPER))
        living += supervisor.identities["worker"]
        await supervisor.start(Service("gateway", SLEEPER, ready=never))
        pytest.fail("the start wasn't broken off")
    assert ends(*living)


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    for tty, env, coloured in ((True, {}, True), (True, {"NO_COLOR": "1"}, False), (False, {}, False), (True, {"TERM": "dumb"}, False)):
        screen = Terminal(tty=tty)
        printer = Printer(screen, env)
        printer.line("gateway-1", "one")
        printer.line("gateway-2", "two")
        printer.line("worker", "three")
        assert ("\x1b[" in screen.getvalue()) is coloured
        assert screen.getvalue().count("\x1b[36m") == 2 * coloured
