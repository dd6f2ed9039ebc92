"""The doorbell lets go of Redis, however little time it was given."""

import asyncio
import gc

from redis.asyncio import Redis

from services.core.kit.settings import Settings
from services.core.ledger.ring import Bell


async def test_a_ring_that_ran_out_of_time_leaves_no_connection_open(settings: Settings) -> None:
    async with Redis.from_url(settings.redis_url) as client:
        before = {one["id"] for one in await client.client_list()}
        for seconds in (1e-6, 1e-4, 5e-4, 1e-3, 2e-3, 5e-3):
            bell = Bell(settings.model_copy(update={"ring_timeout_s": seconds}), {"slow": "worker", "slower": "worker"})
            bell.want("slow")
            bell.want("slower")
            await asyncio.gather(bell.settle(), bell.answered("slow"))
            await bell.close()
            del bell
        gc.collect()  # a connection that nobody holds any more would warn now, and a warning fails the test
        async with asyncio.timeout(5):
            while {one["id"] for one in await client.client_list()} - before:  # noqa: ASYNC110  another process, which tells nobody
                await asyncio.sleep(0.01)
