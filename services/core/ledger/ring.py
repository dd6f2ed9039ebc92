"""The doorbell: “there is work on this queue”. A ring carries no data, and losing one costs at most a sweep.

Rings of one process are coalesced (a queue is rung at once, and then not again for `PAUSE_S`), and a flag in Redis lets only
one ring of a queue wait at a time: a burst of ten thousand commits is one ring. The flag is taken away *before* the answering
drain claims, so that no work falls between.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from arq.connections import ArqRedis, RedisSettings
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from services.core.kit.db import Unit
from services.core.kit.log import logger
from services.core.kit.settings import Settings

FLAG_MS = 2_000
PAUSE_S = 0.01


def serialize(job: Mapping[str, Any]) -> bytes:
    """JSON instead of arq's pickle: whoever can write to Redis must not be able to run code here.

    What is no JSON (the error of a job whose worker was killed) is told in words; the ledger knows better anyway.
    """
    return orjson.dumps(job, default=repr)


def deserialize(raw: bytes) -> dict[str, Any]:
    """The other way round."""
    job: dict[str, Any] = orjson.loads(raw)
    return job


def arq_queue(door: str) -> str:
    """The arq queue that the processes of one door listen to."""
    return f"comphub:{door}"


def flag(queue: str) -> str:
    """The Redis key that says that a ring of ``queue`` is already waiting."""
    return f"comphub:ring:{queue}"


def redis_settings(url: str) -> RedisSettings:
    """Settings for arq: a short connect, and commands that are tried again when the connection drops."""
    given = RedisSettings.from_dsn(url)
    given.conn_timeout = 2
    given.conn_retries = 2
    given.conn_retry_delay = 1
    given.retry_on_timeout = True
    return given


class Bell:
    """Rings the doors of this installation. ``doors`` maps each queue to the door that drains it."""

    def __init__(self, settings: Settings, doors: Mapping[str, str]) -> None:
        self._settings = settings
        self._doors = doors
        # Built without a connection: whoever makes one while a ring times out would lose hold of it.
        self._pool = ConnectionPool.from_url(settings.redis_url, socket_connect_timeout=2, retry_on_timeout=True)
        self._redis = ArqRedis(self._pool, job_serializer=serialize, job_deserializer=deserialize)
        self._wanted: set[str] = set()
        self._ringing: asyncio.Task[None] | None = None
        self._rung: dict[str, float] = {}
        self.failures = 0

    def want(self, queue: str) -> None:
        """Ring for ``queue`` soon, without making the caller wait."""
        self._wanted.add(queue)
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.get_running_loop().create_task(self._ring_all())

    async def _ring_all(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._wanted:
            waits = {queue: self._rung.get(queue, 0.0) + PAUSE_S - clock() for queue in self._wanted}
            queue = min(waits, key=waits.__getitem__)
            if waits[queue] > 0:
                await asyncio.sleep(waits[queue])
            self._wanted.discard(queue)
            self._rung[queue] = clock()
            try:
                async with asyncio.timeout(self._settings.ring_timeout_s):
                    await self._ring(queue)
            except (RedisError, OSError, TimeoutError) as error:
                self.failures += 1
                logger.warning("ring_failed", queue=queue, error=type(error).__name__)

    async def _ring(self, queue: str) -> None:
        if await self._redis.set(flag(queue), b"1", nx=True, px=FLAG_MS):
            await self._redis.enqueue_job("drain", queue, _queue_name=arq_queue(self._doors[queue]))

    async def answered(self, queue: str) -> None:
        """Take the flag away: from now on a commit rings again."""
        try:
            await self._redis.delete(flag(queue))
        except (RedisError, OSError) as error:
            logger.warning("ring_flag_kept", queue=queue, error=type(error).__name__)

    async def settle(self) -> None:
        """Wait until the rings that are wanted now have been tried."""
        if self._ringing is not None:
            await self._ringing

    async def close(self) -> None:
        """Ring what is still wanted, then let go of Redis."""
        await self.settle()
        await self._pool.disconnect()


class _Hung:
    """The bell of this process, hung by its door; without one, only the sweeper finds work."""

    bell: Bell | None = None


def hang(bell: Bell | None) -> None:
    """Give this process its bell."""
    _Hung.bell = bell


def after_commit(session: Unit, queue: str) -> None:
    """Ring for ``queue`` once this transaction is durable; once per commit and queue."""
    rung: set[str] = session.info.setdefault("rings", set())
    if queue not in rung:
        rung.add(queue)
        session.after_commit.append(lambda: want(queue))


def want(queue: str) -> None:
    """Ring for ``queue`` through this process's bell, if it has one."""
    if _Hung.bell is not None:
        _Hung.bell.want(queue)
