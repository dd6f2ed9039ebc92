"""Claiming due tasks and fulfilling them, each effect committed together with its ``done``."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import NoReturn
from uuid import UUID

import orjson
from sqlalchemy import text

from services.core.kit.db import Database, Session
from services.core.kit.ids import new_id
from services.core.kit.log import logger
from services.core.kit.settings import Settings
from services.core.ledger.task import Handler, Lease

_CLAIM = """
UPDATE task SET lease_token = $2, lease_until = now() + make_interval(secs => $3), attempts = attempts + 1,
       state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'pending' END,
       dead_at = CASE WHEN attempts >= max_attempts THEN now() END,
       last_error = CASE WHEN attempts >= max_attempts THEN coalesce(last_error, 'its workers died') ELSE last_error END
WHERE id = ANY(ARRAY(
  SELECT id FROM task WHERE queue = $1 AND state = 'pending' AND due_at <= domain_now() AND {which}
  ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED))
RETURNING id, queue, handler, payload, attempts, max_attempts, state
"""
_FRESH = _CLAIM.format(which="lease_until IS NULL")
_ORPHANED = _CLAIM.format(which="lease_until < now()")

_FENCE = text(
    "UPDATE task SET state = 'done', done_at = now(), lease_token = NULL, lease_until = NULL "
    "WHERE id = ANY(:ids) AND lease_token = :token AND state = 'pending' RETURNING id"
)
_RENEW = text(
    "UPDATE task SET lease_until = greatest(lease_until, now() + make_interval(secs => :seconds)) "
    "WHERE id = :id AND lease_token = :token AND state = 'pending' RETURNING id"
)
_RELEASE = """
UPDATE task SET lease_token = NULL, lease_until = NULL, last_error = $3,
       state = CASE WHEN $4 THEN 'dead' ELSE 'pending' END, dead_at = CASE WHEN $4 THEN now() END,
       due_at = domain_now() + make_interval(secs => $5)
WHERE id = $1 AND lease_token = $2 AND state = 'pending'
"""
_ERROR_CHARS = 500


class LeaseLostError(Exception):
    """The lease ran out and someone else holds the task: nothing of this run may be committed."""


class Drain:
    """Fulfils the due tasks of one door's queues with that door's handlers."""

    def __init__(self, database: Database, handlers: Mapping[str, Handler], settings: Settings) -> None:
        self._database = database
        self._handlers = handlers
        self._settings = settings
        self._places = asyncio.Semaphore(settings.task_concurrency)

    async def __call__(self, queue: str) -> int:
        """Claim one batch of due tasks of ``queue`` and run them side by side; the number that was claimed.

        What a dead worker left behind is claimed one by one, so that a task which kills its process takes no other
        task's attempts with it.
        """
        fresh, leases = await self._claim(_FRESH, queue, self._settings.task_batch)
        orphaned, orphans = await self._claim(_ORPHANED, queue, 1)
        await asyncio.gather(*(self._place(group) for group in [*self._groups(leases), *([lease] for lease in orphans)]))
        return fresh + orphaned

    async def until_empty(self, queue: str) -> int:
        """Drain ``queue`` until nothing is due; the number of claims."""
        total = 0
        while claimed := await self(queue):
            total += claimed
        return total

    async def _claim(self, statement: str, queue: str, limit: int) -> tuple[int, list[Lease]]:
        """How many rows were claimed, and the leases of those that are not dead by now."""
        token = new_id()
        async with self._database.read() as connection:
            rows = await connection.fetch(statement, queue, token, self._settings.task_lease_s, limit)
        for row in rows:
            if row["state"] == "dead":
                logger.error("task_dead", task=str(row["id"]), handler=row["handler"], why="its workers died")
        return len(rows), [
            Lease(row["id"], token, row["queue"], row["handler"], orjson.loads(row["payload"]), row["attempts"], row["max_attempts"])
            for row in rows
            if row["state"] == "pending"
        ]

    def _groups(self, leases: Sequence[Lease]) -> list[list[Lease]]:
        by_handler: dict[str, list[Lease]] = {}
        for lease in leases:
            by_handler.setdefault(lease.handler, []).append(lease)
        groups: list[list[Lease]] = []
        for name, members in by_handler.items():
            handler = self._handlers.get(name)
            if handler and handler.coalesce:
                members.sort(key=_thing)  # what names the same thing comes into the same group
            size = handler.group if handler else 1
            groups += [members[start : start + size] for start in range(0, len(members), size)]
        return groups

    async def _place(self, group: list[Lease]) -> None:
        async with self._places:
            await self._run(group)

    async def _run(self, group: list[Lease]) -> None:
        handler = self._handlers.get(group[0].handler)
        try:
            async with asyncio.timeout(self._settings.task_lease_s * 0.9):
                if handler is None:
                    _refuse(f"no handler is called {group[0].handler}")
                elif handler.conversation is not None:
                    await handler.conversation(self._database, group[0])
                else:
                    await self._work(handler, group)
        except LeaseLostError:
            logger.warning("lease_lost", handler=group[0].handler)
        except Exception as error:  # noqa: BLE001  whatever a handler raises is the task's failure, never the worker's
            if len(group) > 1:
                for lease in group:  # one after another, in the place of the group: a burst of transactions would starve all others
                    await self._run([lease])
            else:
                await self._fail(group[0], error)

    async def _work(self, handler: Handler, group: Sequence[Lease]) -> None:
        async with self._database.transaction() as session:
            held = await _fence(session, group)
            if not held:
                raise LeaseLostError
            # In one order in all workers: two groups about the same things never wait for each other.
            ours: dict[str, Lease] = {}
            for lease in sorted((each for each in group if each.id in held), key=_thing):
                ours.setdefault(_thing(lease) if handler.coalesce else str(lease.id), lease)
            if handler.work_all is not None:
                await handler.work_all(session, list(ours.values()))
                return
            work = handler.work or _refuse(f"{handler.name} has neither work nor conversation")
            for lease in ours.values():
                await work(session, lease)

    async def _fail(self, lease: Lease, error: Exception) -> None:
        dead = lease.attempts >= lease.max_attempts
        wait = backoff(lease.attempts, self._settings.retry_first_s, self._settings.retry_ceiling_s)
        why = f"{type(error).__name__}: {error}"[:_ERROR_CHARS]
        logger.error("task_dead" if dead else "task_failed", task=str(lease.id), handler=lease.handler, attempt=lease.attempts,
                     wait_s=round(wait, 1), exc_info=error)  # fmt: skip
        async with self._database.read() as connection:
            await connection.execute(_RELEASE, lease.id, lease.token, why, dead, wait)


async def finish(session: Session, lease: Lease) -> None:
    """Mark a conversation's task done in the transaction of ``session``; `LeaseLostError` when it is no longer ours."""
    if not await _fence(session, [lease]):
        raise LeaseLostError


async def renew(session: Session, lease: Lease, seconds: float) -> None:
    """Hold a conversation's task for ``seconds`` from now; also the fence of what ``session`` writes besides.

    `LeaseLostError` when the task is no longer ours. The row stays locked until the commit, so nobody claims it meanwhile.
    """
    held = await session.execute(_RENEW, {"id": lease.id, "token": lease.token, "seconds": seconds})
    if held.scalar_one_or_none() is None:
        raise LeaseLostError


async def postpone(database: Database, lease: Lease, why: str, wait_s: float, *, dead: bool = False) -> None:
    """Give a conversation's task back, to be tried again after ``wait_s``, or never when it is ``dead``."""
    async with database.read() as connection:
        await connection.execute(_RELEASE, lease.id, lease.token, why[:_ERROR_CHARS], dead, wait_s)


def backoff(attempt: int, first_s: float, ceiling_s: float) -> float:
    """Seconds to wait after failed ``attempt`` (from 1): threefold each time up to the ceiling, ± 20 % of jitter."""
    return min(first_s * 3.0 ** (attempt - 1), ceiling_s) * random.uniform(0.8, 1.2)  # noqa: S311  jitter, not a secret


def _thing(lease: Lease) -> str:
    """What a task is about: itself, when it does not say."""
    return str(lease.payload.get("id", lease.id))


def _refuse(why: str) -> NoReturn:
    raise LookupError(why)


async def _fence(session: Session, group: Sequence[Lease]) -> set[UUID]:
    rows = await session.execute(_FENCE, {"ids": [lease.id for lease in group], "token": group[0].token})
    return set(rows.scalars())
