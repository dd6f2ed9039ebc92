"""Rate limits that count in this process and settle with Redis about once a second (library `limits`).

A gateway never asks Redis inside a request. Between two settlements it knows what it has counted itself and what all
gateways had counted at the last one, so that the sum of several gateways overshoots by at most a second. Without Redis
each gateway limits for itself: requests are never refused because Redis is away.
"""

import asyncio
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.errors import StorageError
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from services.core.kit import clock
from services.core.kit.errors import Problem
from services.core.kit.log import logger

Headers = list[tuple[bytes, bytes]]
_MAX_PRINCIPALS = 50_000


@dataclass(slots=True)
class _Count:
    shared: int = 0
    own: int = 0


class RateLimiter:
    """A fixed window per principal, shared by all gateways of an installation. ``name`` tells several limits apart."""

    def __init__(self, rate: str, redis_url: str, *, name: str = "default", settle_s: float = 1.0) -> None:
        self._item: RateLimitItem = parse(rate)
        self._span = self._item.get_expiry()
        # The pool is ours, so that it can be closed; the URL that `limits` wants beside it is not looked at then.
        self._pool = ConnectionPool.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1)
        self._settle_s = settle_s
        self._window = 0
        self._counts: dict[str, _Count] = {}
        self._task: asyncio.Task[None] | None = None
        self._name = name
        self._policy = f'"{name}";q={self._item.amount};w={self._span}'.encode()

    def hit(self, principal: str) -> Headers:
        """Count one request of ``principal``; the RateLimit headers of its answer, or `Problem` 429."""
        now = clock.wall().timestamp()
        window = int(now // self._span)
        if window != self._window or len(self._counts) > _MAX_PRINCIPALS:
            self._window, self._counts = window, {}
        count = self._counts.setdefault(principal, _Count())
        left = self._item.amount - count.shared - count.own
        reset = int((window + 1) * self._span - now) + 1
        if left <= 0:
            headers = {"Retry-After": str(reset), "RateLimit": f'"{self._name}";r=0;t={reset}', "RateLimit-Policy": self._policy.decode()}
            raise Problem("rate-limited", f"More than {self._item.amount} requests in {self._span} s.", headers=headers)
        count.own += 1
        return [(b"ratelimit-policy", self._policy), (b"ratelimit", f'"{self._name}";r={left - 1};t={reset}'.encode())]

    def start(self) -> None:
        """Begin to settle with Redis."""
        self._task = asyncio.create_task(self._settle_for_ever())

    async def stop(self) -> None:
        """Stop settling, and let go of Redis."""
        while self._task is not None and not self._task.done():
            self._task.cancel()  # more than once: redis-py may turn a cancellation into a timeout, which the loop survives
            await asyncio.wait({self._task}, timeout=0.1)
        await self._pool.disconnect()  # not in the task, where a second cancellation would leave connections open

    async def _settle_for_ever(self) -> None:
        storage = RedisStorage("async+redis://", implementation="redispy", connection_pool=self._pool)  # type: ignore[arg-type]
        was_down = False
        while True:
            await asyncio.sleep(self._settle_s)
            try:
                await self._settle(storage)
                was_down = False
            except (RedisError, StorageError, OSError) as error:
                if not was_down:
                    logger.warning("rate_limit_alone", error=type(error).__name__)
                was_down = True

    async def _settle(self, storage: RedisStorage) -> None:
        for principal, count in list(self._counts.items()):
            if count.own:
                delta, count.own = count.own, 0
                count.shared += delta  # until Redis has answered, what we counted still counts
                key = self._item.key_for(self._name, principal, str(self._window))
                count.shared = max(count.shared, await storage.incr(key, self._span, amount=delta))
