"""Long work that its starter watches: a job and its parts, which run one after another as tasks.

A part's effect, its results, the job's progress and the task of the next part commit together with the ``done`` of its own
task (which may go on with the parts after it): whatever dies in between, the job goes on where it was and nothing is done twice.
Jobs of one lane run one after another
too. A part whose task is dead has failed its job, for as long as no operator requeues that task.

Job: ``queued`` -> ``running`` -> ``succeeded`` | ``failed`` | ``cancelled``.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.statements import Connection
from services.core.ledger import ring
from services.core.ledger.record import schedule
from services.core.ledger.task import Lease, Task

ATTEMPTS = 5
"""How often a part is tried: about three minutes with the usual waits, so that whoever watches is told soon."""
_WAIT_S = 15
"""How long a job waits before it looks again whether its lane is free; whoever ends wakes it sooner."""

_START = """
WITH j AS (
  INSERT INTO job (id, kind, lane, principal, total, task_key, result_url, params) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
)
INSERT INTO job_part (job_id, number, content)
SELECT $1, part.number - 1, part.content FROM unnest($9::bytea[]) WITH ORDINALITY AS part(content, number)
"""
_LANE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 42))"
_BUSY = """
SELECT EXISTS(SELECT 1 FROM job o WHERE o.lane = $1 AND o.id <> $2 AND (o.status = 'running' OR (o.status = 'queued' AND o.id < $2))
  AND NOT EXISTS(SELECT 1 FROM task t WHERE t.dedupe_key = o.task_key AND t.state = 'dead'))
"""
_TAKE = """
SELECT j.kind, j.lane, j.status, j.total, j.done, j.params::text AS params, j.outcome::text AS outcome, p.content,
       (SELECT count(*) FROM job_part a WHERE a.job_id = j.id) AS parts
FROM job j JOIN job_part p ON p.job_id = j.id AND p.number = $2 WHERE j.id = $1 FOR UPDATE OF j
"""
_NEXT = "SELECT content FROM job_part WHERE job_id = $1 AND number = $2"
_KEEP = """
WITH p AS (UPDATE job_part SET results = $3 WHERE job_id = $1 AND number = $2)
UPDATE job SET done = done + $4, outcome = $5::jsonb, status = 'running', started_at = coalesce(started_at, domain_now())
WHERE id = $1
"""
_NAME_TASK = "UPDATE job SET task_key = $2 WHERE id = $1"
_END = """
WITH p AS (UPDATE job_part SET content = NULL WHERE job_id = $1)
UPDATE job SET status = $2, problem = $3::jsonb, outcome = $4::jsonb, started_at = coalesce(started_at, domain_now()),
       finished_at = domain_now()
WHERE id = $1
"""
_WAKE = """
UPDATE task SET due_at = domain_now() WHERE id = (
  SELECT id FROM task WHERE state = 'pending' AND lease_token IS NULL
    AND dedupe_key = (SELECT task_key FROM job WHERE lane = $1 AND status = 'queued' ORDER BY id LIMIT 1)
  FOR UPDATE SKIP LOCKED)
RETURNING queue
"""
_RESULTS = "SELECT results FROM job_part WHERE job_id = $1 AND results IS NOT NULL ORDER BY number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job to start. ``handler`` works on its parts; jobs of one ``lane`` never run side by side."""

    id: UUID
    kind: str
    lane: str
    queue: str
    handler: str
    total: int
    result_url: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """The part that a task is about; its job's row is locked."""

    lease: Lease
    job_id: UUID
    number: int
    parts: int
    lane: str
    content: bytes
    params: dict[str, Any]
    outcome: dict[str, Any]

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        return self.number == self.parts - 1


async def start(session: Session, actor: Actor, plan: Plan, parts: Sequence[bytes]) -> None:
    """Write the job with its parts and the task of the first one, all with the commit of ``session``."""
    key = _key(plan.handler, plan.id, 0)
    connection = await session.driver()
    await connection.execute(
        _START, plan.id, plan.kind, plan.lane, actor.principal, plan.total, key, plan.result_url,
        orjson.dumps(plan.params).decode(), [pack(part) for part in parts],
    )  # fmt: skip
    schedule(session, _task(plan.queue, plan.handler, plan.id, 0, key))


async def hold_lane(session: Session, lane: str) -> None:
    """Wait until no other transaction works in ``lane``, and hold it until the end of this one."""
    await (await session.driver()).execute(_LANE, lane)


async def is_busy(session: Session, lane: str, before: UUID) -> bool:
    """Whether another job of ``lane`` is running, or was queued before the job with the id ``before``."""
    return bool(await (await session.driver()).fetchval(_BUSY, lane, before))


async def take(session: Session, lease: Lease) -> Part | None:
    """The part of ``lease``, with its lane held; None when its job has ended, or has to wait (it is tried again later)."""
    job_id, number = lease.uuid("id"), int(lease.payload["number"])
    connection = await session.driver()
    row = await connection.fetchrow(_TAKE, job_id, number)
    if row is None or row["status"] not in ("queued", "running"):
        return None
    await hold_lane(session, row["lane"])
    if row["status"] == "queued" and await is_busy(session, row["lane"], job_id):
        await _wait(session, lease, job_id)
        return None
    return Part(
        lease, job_id, number, row["parts"], row["lane"], unpack(row["content"]), orjson.loads(row["params"]), orjson.loads(row["outcome"])
    )


async def keep(session: Session, part: Part, *, results: bytes, done: int, outcome: Mapping[str, Any]) -> None:
    """Store what came of ``part`` (``done`` items); `follow` or `end` comes next."""
    connection = await session.driver()
    await connection.execute(_KEEP, part.job_id, part.number, pack(results), done, orjson.dumps(outcome).decode())


async def follow(session: Session, part: Part, *, outcome: Mapping[str, Any], here: bool) -> Part | None:
    """The part after ``part``, to be worked on in this same transaction (``here``); else None, and it is the next task's."""
    number = part.number + 1
    connection = await session.driver()
    if here:
        content = await connection.fetchval(_NEXT, part.job_id, number)
        return replace(part, number=number, content=unpack(content), outcome=dict(outcome))
    key = _key(part.lease.handler, part.job_id, number)
    await connection.execute(_NAME_TASK, part.job_id, key)
    schedule(session, _task(part.lease.queue, part.lease.handler, part.job_id, number, key))
    return None


async def end(session: Session, part: Part, *, outcome: Mapping[str, Any], problem: Problem | None = None) -> None:
    """End the job: it has succeeded, or failed with ``problem``. What its parts were to do is forgotten; the next of its lane wakes."""
    told = None if problem is None else orjson.dumps(inner(problem)).decode()
    connection = await session.driver()
    status = "succeeded" if problem is None else "failed"
    await connection.execute(_END, part.job_id, status, told, orjson.dumps(outcome).decode())
    if queue := await connection.fetchval(_WAKE, part.lane):
        ring.after_commit(session, queue)


def inner(problem: Problem) -> dict[str, Any]:
    """``problem`` as it is told inside another answer."""
    return {
        "code": problem.code,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [{"pointer": error.pointer, "code": error.code, "detail": error.detail} for error in problem.errors],
        **problem.extra,
    }


async def results(connection: Connection, job_id: UUID) -> list[bytes]:
    """What came of the job's parts so far, in their order."""
    return [unpack(row["results"]) for row in await connection.fetch(_RESULTS, job_id)]


def pack(content: bytes) -> bytes:
    """Compressed for storage; quickly rather than well."""
    return zlib.compress(content, 1)


def unpack(content: bytes) -> bytes:
    """The other way round."""
    return zlib.decompress(content)


async def _wait(session: Session, lease: Lease, job_id: UUID) -> None:
    turn = int(lease.payload.get("turn", 0)) + 1
    key = f"{_key(lease.handler, job_id, 0)}:{turn}"
    due = await clock.now(session) + timedelta(seconds=_WAIT_S)
    await (await session.driver()).execute(_NAME_TASK, job_id, key)
    schedule(session, _task(lease.queue, lease.handler, job_id, 0, key, due_at=due, turn=turn))


def _key(handler: str, job_id: UUID, number: int) -> str:
    return f"{handler}:{job_id}:{number}"


def _task(queue: str, handler: str, job_id: UUID, number: int, key: str, *, due_at: Any = None, turn: int = 0) -> Task:
    payload = {"id": str(job_id), "number": number, "turn": turn}
    return Task(queue=queue, handler=handler, dedupe_key=key, payload=payload, due_at=due_at, max_attempts=ATTEMPTS)
