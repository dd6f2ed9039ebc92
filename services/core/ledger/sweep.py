"""The sweeper: every few seconds it finds queues with due or orphaned work and rings for them.

It is what makes Redis dispensable: a ring that was lost, a lease that ran out and a task whose time has come are all
found here.
"""

from collections.abc import Iterable

from services.core.kit.db import Database
from services.core.ledger import ring

_DUE = """
SELECT queue FROM task WHERE state = 'pending' AND queue = ANY($1) AND due_at <= domain_now()
  AND (lease_until IS NULL OR lease_until < now()) GROUP BY queue
"""
_BEAT = """
INSERT INTO heartbeat (process, service, seen_at) VALUES ($1, $2, now())
ON CONFLICT (process) DO UPDATE SET seen_at = now()
"""
_OLD_BEATS = "DELETE FROM heartbeat WHERE seen_at < now() - interval '1 day'"
_OLD_ANSWERS = "DELETE FROM idempotency WHERE created_at < now() - interval '48 hours'"
_OLD_JOBS = "DELETE FROM job WHERE finished_at < domain_now() - interval '30 days'"


async def due_queues(database: Database, queues: Iterable[str]) -> list[str]:
    """Those of ``queues`` that have something due which nobody holds."""
    async with database.read() as connection:
        return [row["queue"] for row in await connection.fetch(_DUE, list(queues))]


async def sweep(database: Database, queues: Iterable[str]) -> list[str]:
    """Ring for every queue that has due work; answers which."""
    due = await due_queues(database, queues)
    for queue in due:
        ring.want(queue)
    return due


async def beat(database: Database, *, service: str, process: str) -> None:
    """Leave a sign of life of this process."""
    async with database.read() as connection:
        await connection.execute(_BEAT, process, service)


async def tidy(database: Database) -> None:
    """Delete what has served.

    That is: answers older than two days (twice what callers are promised), jobs that ended a month ago with their results, signs
    of life of the dead.
    """
    async with database.read() as connection:
        await connection.execute(_OLD_ANSWERS)
        await connection.execute(_OLD_JOBS)
        await connection.execute(_OLD_BEATS)
