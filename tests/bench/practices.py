"""Practices from submitted to assessed, by a real worker, against the pure function alone over the same contents.

The practices are in the database as their hand-in left them: practice, frozen version, sketch, task. Ours is everything from
the claim of a task until the assessment is committed: lease, load, the search for near-duplicates, the pure function, rows,
events, tasks that follow. The reference parses nothing and stores nothing: it calls the pure function on submissions that are
in memory. Each side is a process of its own with the same settings of its garbage collector; what is compared is its CPU.
"""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from services.core.kit.connections import driver_url
from services.core.kit.ids import new_id
from services.core.practices import rubric
from services.core.practices.content import submission_of
from services.core.practices.similarity import keys, sketches
from tests.bench.engines import Place, started
from tests.bench.measure import Result, Series, cpu_s, in_turns, is_postgres, ratios
from tests.fixtures import prose

Say = Callable[[str], None]
SMALL, FULL = 2_000, 10_000
_PATIENCE_S = 300
_GROUND = """
WITH community AS (
  INSERT INTO community (id, name, names, starts_on, ends_on, capacity, themes, version)
  VALUES (gen_random_uuid(), 'Bench', '{}', '2025-01-01', '2030-12-31', 15, '{energy_transition,innovative_finance}', 1) RETURNING id
)
INSERT INTO call (id, community_id, title, status, themes, rubric_version, opens_at, closes_at, answer_due_at, review_due_at, time_zone,
  reviewers_per_practice, quorum, max_load, max_open_invitations, blind, assignment, release, thresholds, version)
SELECT gen_random_uuid(), id, 'Bench', 'open', '{energy_transition,innovative_finance}', $1, now() - interval '1 day',
  now() + interval '9 days', now() + interval '14 days', now() + interval '21 days', 'Asia/Taipei', 3, 3, 3, 5, 'single', 'after_close',
  'each', '{"recognised": 70, "commended": 50}', 1
FROM community RETURNING id
"""
_CITY = """
INSERT INTO jurisdiction (id, name, names, level, country, languages, context, search, version)
VALUES (gen_random_uuid(), 'Bench', '{}', 'city', 'TW', '{en}', '{}', '', 1) RETURNING id
"""
_HANDED_IN = """
INSERT INTO practice (id, call_id, jurisdiction_id, status, title, summary, theme, secondary_themes, language, translations, problem,
  actions, partners, indicators, co_benefits, sdg_targets, obstacles, lessons, transfer_conditions, commitment_ids, consent_to_publish,
  submission, submitted_at, version)
SELECT id, $1, $2, 'submitted', content->>'title', content->>'summary', content->>'theme', '{}', 'en', '{}', content->>'problem',
  content->>'actions', '[]', '[]', '{}', '{}', '{}', content->>'lessons', content->>'transfer_conditions', '{}', true, 1,
  domain_now() - interval '1 hour' + number * interval '1 ms', 2
FROM handed_in
"""
_FROZEN = """
INSERT INTO practice_version (practice_id, number, content, submitted_at)
SELECT p.id, 1, h.content, p.submitted_at FROM handed_in h JOIN practice p ON p.id = h.id
"""
_AGAIN = """
UPDATE practice SET status = 'submitted';
TRUNCATE assessment, task, event CASCADE;
"""
_TASKS = """
INSERT INTO task (id, queue, handler, dedupe_key, payload)
SELECT gen_random_uuid(), 'practices', 'practices.assess', 'practices.assess:' || id || ':1', jsonb_build_object('id', id, 'number', 1)
FROM practice
"""
_NOT_ONCE = """
SELECT count(*) FILTER (WHERE p.status <> 'assessed' OR a.n IS DISTINCT FROM 1)
FROM practice p LEFT JOIN (SELECT practice_id, count(*) AS n FROM assessment GROUP BY practice_id) a ON a.practice_id = p.id
"""


@dataclass
class Site:
    """A connection, and where the processes find the engines."""

    where: Place
    connection: "asyncpg.Connection[asyncpg.Record]"


@asynccontextmanager
async def practices(where: Place) -> AsyncIterator[Site]:
    """Connected."""
    connection = await asyncpg.connect(driver_url(where.database_url))
    try:
        yield Site(where, connection)
    finally:
        await connection.close()


async def assess_10k(site: Site, size: int, say: Say) -> Result:
    """The same practices in each round; every other round in the opposite order."""
    number = FULL if size > 1 else SMALL
    await _fill(site.connection, number)
    say(f"{number} practices are handed in")
    ours, alone = Series("worker", "µs/practice (CPU)"), Series("the pure function alone", "µs/practice (CPU)")
    clock, database = Series("worker: on the clock", "practices/s"), Series("worker's PostgreSQL sessions", "µs/practice (CPU)")

    async def worker() -> float:
        measured = await _worker(site, number)
        clock.values.append(number / measured.seconds)
        database.values.append(measured.database_s / number * 1e6)
        return measured.worker_s / number * 1e6

    async def reference() -> float:
        return await _alone(site, number) / number * 1e6

    await in_turns(3, [(ours, worker), (alone, reference)], say)
    if min(ours.values) < min(alone.values):
        message = "the worker used less than the function that it calls: somebody else did its work"
        raise RuntimeError(message)
    ratio = Series("ratio", "×", ratios(alone, ours))
    note = f"{number} practices; {clock.median:.0f} assessed per second, {database.median:.0f} µs of PostgreSQL each"
    met = ratio.median >= 0.5
    return Result("assess-10k", ratio.median, "× (CPU)", 0.5, [ours, alone, ratio, clock, database], alone.median, met, note)


async def _fill(connection: "asyncpg.Connection[asyncpg.Record]", number: int) -> None:
    """Practices that were handed in, in the order of their numbers, each with words of its own."""
    contents = [prose.practice(n) | {"evidence": []} for n in range(number)]
    ids = [new_id() for _ in contents]
    call, city = await connection.fetchval(_GROUND, rubric.versions()[-1]), await connection.fetchval(_CITY)
    await connection.execute("CREATE TEMP TABLE handed_in (id uuid, number int, content jsonb)")
    rows = [(ids[n], n, orjson.dumps(content).decode()) for n, content in enumerate(contents)]
    await connection.copy_records_to_table("handed_in", records=rows)
    await connection.execute(_HANDED_IN, call, city)
    await connection.execute(_FROZEN)
    found = [
        (ids[n], 1, locale, keys(sketch), list(sketch))
        for n, content in enumerate(contents)
        for locale, sketch in sketches(submission_of(content)).items()
    ]
    await connection.copy_records_to_table("practice_sketch", records=found)
    await connection.execute("DROP TABLE handed_in")
    await connection.execute("VACUUM ANALYZE")


@dataclass(frozen=True)
class _Measured:
    worker_s: float
    database_s: float
    seconds: float


async def _worker(site: Site, number: int) -> _Measured:
    """A worker that waits gets all the tasks at once, and is measured until the last one is assessed."""
    connection = site.connection
    await connection.execute(_AGAIN)
    with started(["tests.bench.worker", "assess"], site.where) as process:
        await _until(connection, "SELECT count(*) FROM heartbeat WHERE process LIKE '%:' || $1", str(process.pid), 1)
        before, databases, began = cpu_s(process.pid), await _sessions(connection), time.monotonic()
        await connection.execute(_TASKS)
        await _until(connection, "SELECT count(*) FROM task WHERE queue = $1 AND state = 'done'", "practices", number)
        measured = _Measured(cpu_s(process.pid) - before, await _sessions(connection) - databases, time.monotonic() - began)
    if missed := await connection.fetchval(_NOT_ONCE):
        message = f"{missed} of {number} practices were not assessed exactly once"
        raise RuntimeError(message)
    return measured


async def _sessions(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    rows = await connection.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = 'comphub-bench'")
    return sum(cpu_s(row["pid"]) for row in rows if is_postgres(row["pid"]))


async def _alone(site: Site, number: int) -> float:
    with started(["tests.bench.worker", "assess-alone"], site.where, output=subprocess.PIPE) as process:
        output = await asyncio.to_thread(process.stdout.readline) if process.stdout else b""
    told: dict[str, Any] = orjson.loads(output)
    if told["done"] != number:
        message = f"{number} contents were expected, {told['done']} were assessed"
        raise RuntimeError(message)
    return float(told["cpu_s"])


async def _until(connection: "asyncpg.Connection[asyncpg.Record]", sql: str, argument: str, number: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            if await connection.fetchval(sql, argument) >= number:
                return
            await asyncio.sleep(0.1)
