"""Long polls: callers who wait for news hold no database connection; one look per process serves all who wait."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from fastapi import Request

from services.core.kit.db import Database, is_unavailable
from services.core.kit.log import logger
from services.core.kit.statements import Connection

Head = Callable[[Connection], Awaitable[str]]


class News(Protocol):
    """An answer that may have nothing new in it."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing new."""


N = TypeVar("N", bound=News)


class Watch:
    """Looks where a feed ends, every ``every_s`` seconds and only while someone waits, and wakes all who wait when it went on."""

    def __init__(self, database: Database, head: Head, *, every_s: float) -> None:
        self._database = database
        self._read_head = head
        self._every_s = every_s
        self._bells: set[asyncio.Event] = set()
        self._head: str | None = None
        self._first_look = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._bells)

    async def follow(self, request: Request, ask: Callable[[], Awaitable[N]], seconds: float) -> N:
        """The first answer of ``ask`` that has news in it; an empty one after ``seconds``, or when caller or gateway go away."""
        answer = await ask()
        if not answer.is_empty or not seconds or self._over.is_set():
            return answer
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        with self._bell() as bell, _gone(request, bell) as gone:
            await self._begin()
            while not self._over.is_set() and not gone.done():
                bell.clear()
                answer = await ask()
                if not answer.is_empty or not await _rings(bell, until - loop.time()):
                    break
        return answer

    def wake_all(self) -> None:
        """Let everyone who waits answer now, and nobody wait any more: the gateway stops."""
        self._over.set()
        for bell in self._bells:
            bell.set()

    async def close(self) -> None:
        """Stop looking."""
        self.wake_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @contextmanager
    def _bell(self) -> Iterator[asyncio.Event]:
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)

    async def _begin(self) -> None:
        """Know where the feed ends before the caller asks once more: what comes after that look rings."""
        async with self._first_look:
            if self._task is None:
                self._head = await self._look()
                self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._every_s)
                if not self._bells:
                    return
                await self._ring_when_it_went_on()
        finally:
            self._task = None

    async def _ring_when_it_went_on(self) -> None:
        try:
            head = await self._look()
        except Exception as error:  # noqa: BLE001  whoever waits is told by their own next question
            if not is_unavailable(error):
                logger.error("watch_failed", exc_info=error)
            return
        if head != self._head:
            self._head = head
            for bell in self._bells:
                bell.set()

    async def _look(self) -> str:
        async with self._database.read() as connection:
            return await self._read_head(connection)


@contextmanager
def _gone(request: Request, bell: asyncio.Event) -> Iterator["asyncio.Task[None]"]:
    """A task that is done, and rings, when the caller has hung up."""
    listening = asyncio.create_task(_hang_up(request))
    listening.add_done_callback(lambda _: bell.set())
    try:
        yield listening
    finally:
        listening.cancel()


async def _hang_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _rings(bell: asyncio.Event, seconds: float) -> bool:
    """Whether it rings within ``seconds``."""
    if seconds <= 0:
        return False
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return False
    return True
