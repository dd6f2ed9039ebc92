"""The campaigns. Each takes its size and answers what it tried and what it found; an invariant that breaks is a failure."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.faults.stack import HurtStack, hurt_stack
from tests.faults.world import World, batch

STUCK_S = 45


@dataclass(frozen=True)
class Found:
    """What a campaign found: how much was tried, how many invariants broke (the goal is none), and how it went."""

    tried: int
    broken: int
    note: str


async def worker_kill(size: int, *, kills: int | None = None, seed: int = 1) -> Found:
    """``size`` practices are submitted while the worker is killed ``kills`` times: each is assessed exactly once.

    Where it is not said, it is killed 20 times, or once for every 200 practices up to 50 times.
    """
    kills = min(50, max(20, size // 200)) if kills is None else kills
    async with hurt_stack() as stack:
        world = await World.make(stack, assignment="after_close")
        practices = await world.drafts(size)

        async def hurt() -> None:
            pauses = random.Random(seed)
            for number in range(kills):
                await stack.until(_assessed_at_least(stack, size * number // (kills * 2)), 120, "assessments go on between kills")
                await asyncio.sleep(pauses.uniform(0, 0.4))
                await stack.kill_running("worker")

        killer = asyncio.create_task(hurt())
        await world.submit(practices)
        await killer
        began = asyncio.get_running_loop().time()
        await stack.until(_assessed_at_least(stack, size), STUCK_S + size / 20, "every practice is assessed")
        settled = asyncio.get_running_loop().time() - began
        await stack.until(_nothing_waits(stack), STUCK_S, "no task waits")
        return Found(size, await _assessment_faults(stack, size), f"{stack.kills} kills, settled {settled:.1f} s after the last")


def _assessed_at_least(stack: HurtStack, number: int) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return int(await stack.value("SELECT count(*) FROM assessment")) >= number

    return condition


def _nothing_waits(stack: HurtStack) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return not await stack.value("SELECT count(*) FROM task WHERE state = 'pending' AND queue = 'practices' AND due_at <= domain_now()")

    return condition


async def _assessment_faults(stack: HurtStack, size: int) -> int:
    """Invariants: one assessment and one event per submission, no practice left as submitted, no dead task."""
    checks = (
        "SELECT count(*) FROM (SELECT 1 FROM assessment GROUP BY practice_id, number HAVING count(*) > 1) AS twice",
        "SELECT count(*) FROM practice WHERE status = 'submitted'",
        "SELECT count(*) FROM task WHERE state = 'dead'",
    )
    assessments = int(await stack.value("SELECT count(*) FROM assessment"))
    told = int(await stack.value("SELECT count(*) FROM event WHERE type IN ('practice.assessed', 'practice.returned')"))
    return abs(assessments - size) + abs(told - size) + sum([int(await stack.value(check)) for check in checks])


async def redis_wipe(size: int, *, wipes: int = 3) -> Found:
    """Redis is killed (and with it everything it held) while work is queued: the API stays up, and no work is lost."""
    async with hurt_stack() as stack:
        world = await World.make(stack, assignment="after_close")
        practices = await world.drafts(size)
        refused = 0
        for number in range(wipes):
            await stack.kill_running("redis")
            for practice in practices[number::wipes]:
                answer = await stack.api.post(f"/v1/practices/{practice}/transitions", json={"action": "submit"})
                refused += answer.status_code != 200
        await stack.until(_assessed_at_least(stack, size), STUCK_S + size / 20, "every practice is assessed")
        return Found(size, refused + await _assessment_faults(stack, size), f"{wipes} wipes, {refused} requests refused")


async def gateway_kill(size: int, *, kills: int = 10) -> Found:
    """Gateways are killed during POSTs whose clients repeat them with their key: no effect twice, no acknowledged one lost."""
    async with hurt_stack() as stack:
        acknowledged: list[str] = []
        body = {"name": "Kaohsiung", "level": "city", "country": "TW"}

        async def client(number: int) -> None:
            for turn in range(number, size, 8):
                answer = await stack.post("/v1/jurisdictions", body | {"name": f"City {turn}"}, key=f"post-{turn}")
                assert answer.status_code == 201, answer.text
                acknowledged.append(answer.json()["id"])

        async def hurt() -> None:
            for number in range(kills):
                await stack.until(_reached(acknowledged, size * number // (kills + 1)), 120, "posts go on between kills")
                await stack.kill_running("gateway")

        await asyncio.gather(hurt(), *(client(number) for number in range(8)))
        stored = {str(row["id"]) for row in await stack.database.fetch("SELECT id FROM jurisdiction")}
        events = int(await stack.value("SELECT count(*) FROM event WHERE type = 'jurisdiction.changed'"))
        broken = len(set(acknowledged) ^ stored) + abs(events - size) + abs(len(acknowledged) - size)
        return Found(size, broken, f"{stack.kills} kills")


def _reached(seen: list[str], goal: int) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return len(seen) >= goal

    return condition


async def lease_pause(size: int) -> Found:
    """Workers are stopped (SIGSTOP) past their lease and go on: the zombie's writes change nothing."""
    async with hurt_stack() as stack:
        world = await World.make(stack, assignment="after_close")
        practices = await world.drafts(size)
        submitting = asyncio.create_task(world.submit(practices))
        for _ in range(max(2, size // 50)):
            paused = stack.pids("worker")
            stack.kill("worker", signal.SIGSTOP)
            await asyncio.sleep(3)  # longer than the lease of 2 s: the pause is the fault itself
            for pid in paused:
                with_pid = stack.pids("worker")
                if pid in with_pid:
                    stack.kill("worker", signal.SIGCONT)
        await submitting
        await stack.until(_assessed_at_least(stack, size), STUCK_S + size / 20, "every practice is assessed")
        await stack.until(_nothing_waits(stack), STUCK_S, "no task waits")
        return Found(size, await _assessment_faults(stack, size), f"{stack.kills // 2} pauses past the lease")


async def postgres_kill(size: int, *, kills: int = 3) -> Found:
    """PostgreSQL is killed under load: refusals are 503, what was acknowledged is there after its recovery."""
    async with hurt_stack() as stack:
        acknowledged: list[str] = []
        strange: list[int] = []
        body = {"name": "Kaohsiung", "level": "city", "country": "TW"}

        async def client(number: int) -> None:
            for turn in range(number, size, 4):
                answer: Any = None
                while answer is None or answer.status_code != 201:
                    answer = await stack.api.post("/v1/jurisdictions", json=body, headers={"Idempotency-Key": f"post-{turn}"})
                    if answer.status_code not in (201, 409, 503):
                        strange.append(answer.status_code)
                    if answer.status_code != 201:
                        await asyncio.sleep(0.1)
                acknowledged.append(answer.json()["id"])

        async def hurt() -> None:
            for number in range(kills):
                await stack.until(_reached(acknowledged, size * number // (kills + 1)), 120, "posts go on between kills")
                await stack.kill_running("postgres")

        await asyncio.gather(hurt(), *(client(number) for number in range(4)))
        rows = await stack.until(lambda: _rows(stack), 30, "the database answers")
        broken = len(set(acknowledged) ^ {str(row["id"]) for row in rows}) + len(strange)
        return Found(size, broken, f"{stack.kills} kills; other answers than 201, 409, 503: {strange}")


async def _rows(stack: HurtStack) -> list[asyncpg.Record]:
    return list(await stack.database.fetch("SELECT id FROM jurisdiction"))


async def batch_kill(size: int, *, kills: int = 8, seed: int = 1) -> Found:
    """A batch of ``size`` cities is taken in while the worker is killed ``kills`` times: each city once, told once, and all told."""
    async with hurt_stack(TASK_LEASE_S="3") as stack:
        items = await batch(stack, size)
        answer = await stack.post("/v1/membership/batches", {"source": "iclei", "items": items}, key="the-batch")
        assert answer.status_code == 202, answer.text
        where, pauses = answer.headers["location"], random.Random(seed)

        async def job() -> Any:
            return (await stack.api.get(where)).json()

        hits = 0
        for _ in range(kills):
            await asyncio.sleep(pauses.uniform(0.2, 0.9))
            await stack.kill_running("worker")
            hits += (await job())["status"] == "running"
        await stack.until(lambda: _has_ended(job), STUCK_S + size / 50, "the job ends")
        done = await job()
        result = (await stack.api.get(done["result_url"])).json()
        told = [(each["index"], each["external_id"]) for each in result["results"]]
        counted = [int(await stack.value(f"SELECT count(*) FROM {what}")) for what in _ONE_OF_EACH_CITY]  # noqa: S608
        members = [int(await stack.value(f"SELECT count(*) FROM {what}")) for what in _ONE_OF_EACH_MEMBER]  # noqa: S608
        ends = int(await stack.value("SELECT count(*) FROM event WHERE type = 'sync.finished'"))
        wrong = (told != [(n, f"C{n}") for n in range(size)]) + (done["status"] != "succeeded") + (ends != 1)
        joined = sum("membership" in item for item in items)
        broken = wrong + sum(abs(n - size) for n in (*counted, result["counts"]["created"])) + sum(abs(n - joined) for n in members)
        return Found(size, broken, f"{stack.kills} kills, {hits} of them in the middle; {done['status']}")


_ONE_OF_EACH_CITY = ("jurisdiction", "external_id WHERE source = 'iclei'", "event WHERE type = 'jurisdiction.changed'")
_ONE_OF_EACH_MEMBER = ("membership WHERE status = 'active'", "event WHERE type = 'membership.status_changed'")


async def _has_ended(job: Callable[[], Awaitable[Any]]) -> bool:
    return (await job())["status"] in ("succeeded", "failed")


Campaign = Callable[..., Coroutine[Any, Any, Found]]
CAMPAIGNS: dict[str, tuple[Campaign, int, int]] = {
    "worker-kill": (worker_kill, 300, 10_000),
    "redis-wipe": (redis_wipe, 120, 5_000),
    "gateway-kill": (gateway_kill, 400, 4_000),
    "lease-pause": (lease_pause, 150, 5_000),
    "postgres-kill": (postgres_kill, 300, 4_000),
    "batch-kill": (batch_kill, 4_000, 20_000),
}
"""Name -> (the campaign, its reduced size, its full size)."""
