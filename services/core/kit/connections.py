"""Driver connections that are kept: asyncpg's own pool makes a task and a round trip for each use; ours makes neither."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import asyncpg

_IDLE_S = 300
KEPT_STATEMENTS: dict[str, Any] = {
    "statement_cache_size": 500,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
}
"""Our statements are few, long and built once: each connection prepares each of them once, whatever its length."""


async def connect(url: str, server_settings: dict[str, str]) -> "asyncpg.Connection[asyncpg.Record]":
    """A new connection."""
    return await asyncpg.connect(url, server_settings=server_settings, timeout=5, **KEPT_STATEMENTS)


class Connections:
    """At most ``size`` connections, made on demand; the one that was used last is used next."""

    def __init__(self, connect: Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]], size: int, timeout_s: float) -> None:
        self._connect = connect
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(size)
        self._idle: list[tuple[float, asyncpg.Connection[asyncpg.Record]]] = []

    async def take(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The connection that was used last, or a new one; `TimeoutError` when all places stay taken."""
        if self._places.locked():
            async with asyncio.timeout(self._timeout_s):
                await self._places.acquire()
        else:
            await self._places.acquire()
        oldest = monotonic() - _IDLE_S
        try:
            while self._idle:
                since, connection = self._idle.pop()
                if since > oldest and not connection.is_closed():
                    return connection
                connection.terminate()
            return await self._connect()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: "asyncpg.Connection[asyncpg.Record]", error: BaseException | None) -> None:
        """Keep it for the next; one in the middle of something (a statement that was broken off) is ended instead."""
        is_whole = error is None or (isinstance(error, Exception) and not isinstance(error, TimeoutError | OSError))
        if is_whole and not connection.is_closed() and not connection.is_in_transaction():
            self._idle.append((monotonic(), connection))
        else:
            connection.terminate()
        self._places.release()

    async def close(self) -> None:
        """Close what nobody uses."""
        while self._idle:
            await self._idle.pop()[1].close(timeout=2)


class Use:
    """One use of a connection."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Connections) -> None:
        self._pool = pool

    async def __aenter__(self) -> "asyncpg.Connection[asyncpg.Record]":
        self._connection = await self._pool.take()
        return self._connection

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._pool.give_back(self._connection, error)


def driver_url(url: str) -> str:
    """``url`` in the form that asyncpg reads."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def sqlalchemy_url(url: str) -> str:
    """``url`` in the form that SQLAlchemy reads."""
    return driver_url(url).replace("postgresql://", "postgresql+asyncpg://", 1)
