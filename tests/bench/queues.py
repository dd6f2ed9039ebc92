"""The ledger's queue against arq: how soon work begins, what waiting costs, how much is done per second."""

import asyncio
import random
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import asyncpg
import orjson
from arq.connections import ArqRedis, RedisSettings, create_pool

from services.core.kit.connections import driver_url
from services.core.kit.db import Database
from services.core.kit.ids import new_id
from services.core.kit.settings import Settings
from services.core.ledger import ring
from services.core.ledger.record import schedule
from services.core.ledger.task import Task
from tests.bench.engines import SECRET, Place, started
from tests.bench.measure import Result, Series, cpu_s, percentile
from tests.bench.worker import DOORS, QUEUE, SCHEMA, STARTS

Say = Callable[[str], None]
_FILL = """
INSERT INTO task (id, queue, handler, dedupe_key, payload)
SELECT gen_random_uuid(), $1, 'bench.note', 'bench:' || gen_random_uuid(), '{}' FROM generate_series(1, $2)
"""


@dataclass
class Queues:
    """The engines as the benchmarks of the queue see them."""

    where: Place
    connection: "asyncpg.Connection[asyncpg.Record]"
    redis: ArqRedis
    settings: Settings

    async def close(self) -> None:
        await self.redis.aclose()
        await self.connection.close()


async def queues(where: Place) -> Queues:
    """Connected, with the table of small effects."""
    connection = await asyncpg.connect(driver_url(where.database_url))
    await connection.execute(SCHEMA)
    settings = Settings(database_url=where.database_url, redis_url=where.redis_url, secret_key=SECRET)  # type: ignore[arg-type]
    return Queues(where, connection, await create_pool(RedisSettings.from_dsn(where.redis_url)), settings)


async def queue_pickup(site: Queues, size: int, say: Say) -> Result:
    """From COMMIT to the handler's first line, through a real ring and a real worker; and what that worker uses while idle."""
    with started(["tests.bench.worker", "pickup"], site.where) as worker:
        ours, idle = await _our_pickups(site, 150 * size, worker, say)
    say(f"ours: {len(ours)} pick-ups, idle worker {idle:.2f} % of a core")
    default = await _arq_pickups(site, "arq-default", 60 * size, say)
    tuned = await _arq_pickups(site, "arq-tuned", 60 * size, say)
    p95 = percentile(ours, 0.95)
    series = [
        Series("ours", "ms", ours),
        Series("ours p95", "ms", [p95]),
        Series("idle worker", "% of a core", [idle]),
        Series("arq default", "ms", default),
        Series("arq default p95", "ms", [percentile(default, 0.95)]),
        Series("arq tuned", "ms", tuned),
    ]
    met = p95 <= 30 and idle <= 4
    return Result(
        "queue-pickup", p95, "ms (p95, at most)", 30, series, percentile(default, 0.95), met, f"idle {idle:.2f} % (goal: at most 4)"
    )


async def _our_pickups(site: Queues, number: int, worker: "subprocess.Popen[bytes]", say: Say) -> tuple[list[float], float]:
    database = Database(site.settings, application="bench")
    bell = ring.Bell(site.settings, DOORS)
    ring.hang(bell)
    try:
        for _ in range(20):
            await _committed(database)
        await _until(lambda: _effects(site, 20), 30, "the worker's first tasks")
        say("ours: measuring the idle worker")
        before, began = cpu_s(worker.pid), time.monotonic()
        await asyncio.sleep(10)
        idle = (cpu_s(worker.pid) - before) / (time.monotonic() - began) * 100
        say(f"ours: {number} tasks, one at a time")
        commits = {}
        for _ in range(number):
            task_id, moment = await _committed(database)
            commits[task_id] = moment
            await asyncio.sleep(random.uniform(0.03, 0.07))
        await _until(lambda: _effects(site, number + 20), 30, "the last pick-up")
        rows = await site.connection.fetch(
            "SELECT t.dedupe_key, e.started FROM bench_effect e JOIN task t ON t.id = e.task_id WHERE t.dedupe_key = ANY($1)", list(commits)
        )
        return [(row["started"] - commits[row["dedupe_key"]]) * 1000 for row in rows], idle
    finally:
        ring.hang(None)
        await bell.close()
        await database.close()


async def _committed(database: Database) -> tuple[str, float]:
    moment: list[float] = []
    key = f"pickup:{new_id()}"
    async with database.transaction() as session:
        session.after_commit.append(lambda: moment.append(time.time()))
        schedule(session, Task(queue=QUEUE, handler="bench.note", dedupe_key=key))
    return key, moment[0]


async def _effects(site: Queues, number: int) -> bool:
    return bool(await site.connection.fetchval("SELECT count(*) >= $1 FROM bench_effect", number))


async def _arq_pickups(site: Queues, kind: str, number: int, say: Say) -> list[float]:
    """Enqueued one at a time at odd moments; jobs begin in the order in which they came."""
    say(f"{kind}: {number} jobs, one at a time")
    await site.redis.delete(STARTS)
    with started(["tests.bench.worker", kind], site.where):
        await site.redis.enqueue_job("noop")
        await _until(lambda: _starts(site, 1), 30, f"{kind}'s first job")
        await site.redis.delete(STARTS)
        moments = []
        for _ in range(number):
            await site.redis.enqueue_job("noop")
            moments.append(time.time())
            await asyncio.sleep(random.uniform(0.05, 0.15))
        await _until(lambda: _starts(site, number), 30, f"{kind}'s last job")
        begun = sorted(float(value) for value in await cast("Awaitable[list[bytes]]", site.redis.lrange(STARTS, 0, -1)))
    return [(start - moment) * 1000 for start, moment in zip(begun, moments, strict=True)]


async def _starts(site: Queues, number: int) -> bool:
    return int(await cast("Awaitable[int]", site.redis.llen(STARTS))) >= number


async def queue_drain(site: Queues, size: int, say: Say) -> Result:
    """Claim, a small effect, and ``done`` under the fence, against arq jobs that do nothing."""
    ours, default, tuned = (Series(name, "tasks/s") for name in ("ours", "arq default", "arq tuned"))
    for number in range(2 + size):
        ours.values.append(await _our_rate(site, 6000))
        default.values.append(await _arq_rate(site, "arq-default", 600))
        tuned.values.append(await _arq_rate(site, "arq-tuned", 1500))
        say(f"round {number + 1}/{2 + size}: " + ", ".join(f"{each.name} {each.values[-1]:.0f} tasks/s" for each in (ours, default, tuned)))
    ratio = Series("ratio", "×", [a / b for a, b in zip(ours.values, default.values, strict=True)])
    note = f"{ours.median / tuned.median:.1f} × arq tuned (max_jobs 50, poll 0.01 s)"
    series = [ours, default, tuned, ratio]
    return Result("queue-drain", ratio.median, "× (tasks/s)", 20, series, default.median, ratio.median >= 20, note)


async def _our_rate(site: Queues, number: int) -> float:
    await site.connection.execute("TRUNCATE bench_effect, task")
    await site.connection.execute(_FILL, QUEUE, number)
    await site.connection.execute("ANALYZE task")
    with started(["tests.bench.worker", "drain"], site.where, output=subprocess.PIPE) as process:
        output = await asyncio.to_thread(process.stdout.readline) if process.stdout else b""
    told = orjson.loads(output)
    effects = await site.connection.fetchval("SELECT count(*) FROM bench_effect")
    if (told["done"], effects) != (number, number):
        message = f"{number} tasks were due, {told['done']} were drained, {effects} had an effect"
        raise RuntimeError(message)
    return float(told["done"] / told["seconds"])


async def _arq_rate(site: Queues, kind: str, number: int) -> float:
    """From the first job's start to the last one's, so that neither start-up nor the first poll counts."""
    await site.redis.delete(STARTS)
    for _ in range(number):
        await site.redis.enqueue_job("noop")
    with started(["tests.bench.worker", kind], site.where):
        await _until(lambda: _starts(site, number), 60, f"{kind}'s last job")
    begun = sorted(float(value) for value in await cast("Awaitable[list[bytes]]", site.redis.lrange(STARTS, 0, -1)))
    return (number - 1) / (begun[-1] - begun[0])


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                if await condition():
                    return
                await asyncio.sleep(0.05)
    message = f"not within {seconds} s: {what}"
    raise RuntimeError(message)
