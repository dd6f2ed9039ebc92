"""A registry's ten thousand members, through HTTP and a job, against asyncpg's executemany of the rows alone.

The reference writes what the sync writes and nothing else: it is handed finished rows (jurisdiction with its search text,
external id, event, and the memory of the item, filled like rows that a sync wrote before it), judges none, looks nothing up,
and tells nobody anything. It upserts each table's rows in one executemany, all in one transaction; it cannot know that nothing
has changed, so it writes the same rows again then, though without events. Ours is everything from the first byte of the POST
until the results of all items are read: gate, envelope, job, parts, judgement, rows, events and results.

What is compared is CPU: of the gateway, the worker and their sessions in PostgreSQL, against the process that calls
executemany and its session. The time on the clock is shown beside it.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg
import httpx
import orjson

from services.core import reactions
from services.core.accounts import service as accounts
from services.core.accounts.schemas import ApiClientCreate
from services.core.kit.actor import SYSTEM
from services.core.kit.connections import driver_url
from services.core.kit.db import Database
from services.core.kit.ids import new_id
from services.core.kit.settings import Settings
from services.core.ledger import record
from tests.bench.engines import SECRET, Place, server, started
from tests.bench.measure import Result, Series, cpu_s, in_turns, is_postgres, ratios

ITEMS = 10_000
_OURS = ("comphub-gateway", "comphub-worker")
_REFERENCE = "reference"
Say = Callable[[str], None]
_KEYS = count()
_JURISDICTION = """
INSERT INTO jurisdiction (id, name, names, level, country, population, population_year, area_km2, latitude, longitude, time_zone,
  languages, context, search, version)
VALUES ($1, $2, $3::jsonb, 'city', 'TW', $4, 2024, 100.5, 22.6, 120.3, 'Asia/Taipei', '{zh-Hant}', $5::jsonb, $6::text::tsvector, 1)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, names = excluded.names, level = excluded.level, country = excluded.country,
  population = excluded.population, population_year = excluded.population_year, area_km2 = excluded.area_km2,
  latitude = excluded.latitude, longitude = excluded.longitude, time_zone = excluded.time_zone, languages = excluded.languages,
  context = excluded.context, search = excluded.search, version = jurisdiction.version + 1, updated_at = domain_now()
"""
_EXTERNAL_ID = """
INSERT INTO external_id (jurisdiction_id, source, value) VALUES ($1, $2, $3)
ON CONFLICT (jurisdiction_id, source) DO UPDATE SET value = excluded.value
"""
_EVENT = """
INSERT INTO event (id, type, subject, subject_id, jurisdiction_id, actor_kind, actor_id, actor_label, via, after, data)
VALUES ($1, 'jurisdiction.changed', 'jurisdiction', $2, $2, 'platform', $4, 'bench', $5, $3::jsonb, '{}')
"""
_MEMORY = """
INSERT INTO sync_item (source, external_id, item_hash, jurisdiction_id, stamp) VALUES ($1, $2, $3, $4, '1;;;')
ON CONFLICT (source, external_id) DO UPDATE SET item_hash = excluded.item_hash, stamp = excluded.stamp
"""
_WRITTEN = """
SELECT j.search::text AS search, e.after::text AS after, e.actor_id, e.via
FROM jurisdiction j JOIN event e ON e.subject_id = j.id WHERE j.name = 'City 1234' LIMIT 1
"""
_ROWS = "executemany of the rows of all four tables"
_ROWS_AGAIN = "executemany of the rows again, no events"


@dataclass
class Site:
    """The gateway and the worker, and a connection for the reference."""

    client: httpx.AsyncClient
    connection: "asyncpg.Connection[asyncpg.Record]"
    pids: list[int]

    async def used(self, applications: Sequence[str], pids: Sequence[int]) -> float:
        """CPU seconds so far of ``pids`` and of the sessions of ``applications`` in PostgreSQL, when that runs on this machine."""
        rows = await self.connection.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = ANY($1)", list(applications))
        return sum(cpu_s(pid) for pid in (*pids, *(row["pid"] for row in rows if is_postgres(row["pid"]))))


@asynccontextmanager
async def sync(where: Place) -> AsyncIterator[Site]:
    """Both processes, ready."""
    connection = await asyncpg.connect(driver_url(where.database_url), server_settings={"application_name": _REFERENCE})
    key = await _key(where)
    with server("services.api.main", where, "/readyz", _OURS[0]) as gateway, started(["services.worker.main"], where) as worker:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.port}", headers={"X-API-Key": key}, timeout=60) as client:
            yield Site(client, connection, [gateway.pid, worker.pid])
    await connection.close()


async def _key(where: Place) -> str:
    settings = Settings(database_url=where.database_url, redis_url=where.redis_url, secret_key=SECRET)  # type: ignore[arg-type]
    record.wire(reactions.REACTIONS)
    database = Database(settings, application="bench")
    try:
        async with database.transaction() as session:
            given = ApiClientCreate.model_validate({"name": "bench", "scopes": ["sync:write"], "jurisdiction_ids": ["*"]})
            return (await accounts.create_client(session, SYSTEM, given, environment="production")).key
    finally:
        await database.close()


def facts(number: int) -> dict[str, Any]:
    """What is known of one city."""
    return {
        "name": f"City {number}", "names": {"zh-Hant": f"城市{number}"}, "level": "city", "country": "TW", "population": 100_000 + number,
        "population_year": 2024, "area_km2": 100.5, "location": {"latitude": 22.6, "longitude": 120.3}, "time_zone": "Asia/Taipei",
        "languages": ["zh-Hant"], "context": {"gdp_per_capita": None, "industry_share": None, "emissions_per_capita": None,
        "climate_zone": "Cfa", "coastal": True},
    }  # fmt: skip


@dataclass
class Clock:
    """What one side used, round by round, and its time on the clock beside it."""

    cpu: Series
    clock: Series

    @classmethod
    def of(cls, name: str) -> "Clock":
        return cls(Series(name, "µs/item (CPU)"), Series(f"{name}: on the clock", "items/s"))


class Ours:
    """One batch of one source, sent and waited for; CPU microseconds per item."""

    def __init__(self, site: Site, source: str, status: str, clock: Series) -> None:
        self._site = site
        self._clock = clock
        self._status = status
        items = [{"external_id": f"C{number}", "jurisdiction": facts(number)} for number in range(ITEMS)]
        self._body = orjson.dumps({"source": source, "mode": "merge", "items": items})

    async def __call__(self) -> float:
        """Send it once."""
        site, client = self._site, self._site.client
        headers = {"Idempotency-Key": f"bench-{next(_KEYS)}", "Content-Type": "application/json"}
        before, began = await site.used(_OURS, site.pids), time.perf_counter()
        answer = await client.post("/v1/membership/batches", content=self._body, headers=headers)
        job: dict[str, Any] = answer.json()
        if answer.status_code != 202:
            raise RuntimeError(answer.text)
        while job["status"] in ("queued", "running"):
            await asyncio.sleep(0.05)
            job = (await client.get(answer.headers["location"])).json()
        result = await client.get(job["result_url"])
        seconds = time.perf_counter() - began
        counts = result.json()["counts"]
        if counts[self._status] != ITEMS:
            message = f"{self._status} should be {ITEMS}: {counts}, {job}"
            raise RuntimeError(message)
        self._clock.values.append(ITEMS / seconds)
        return (await site.used(_OURS, site.pids) - before) / ITEMS * 1e6


class Reference:
    """The rows alone; CPU microseconds per item."""

    def __init__(self, site: Site, source: str, written: "asyncpg.Record", clocks: Iterator[Series]) -> None:
        self._site = site
        ids = [new_id() for _ in range(ITEMS)]
        told = [facts(number) for number in range(ITEMS)]
        names = [orjson.dumps(each["names"]).decode() for each in told]
        context = orjson.dumps(told[0]["context"]).decode()
        self.jurisdictions = [
            (ids[n], each["name"], names[n], each["population"], context, written["search"].replace("1234", str(n)))
            for n, each in enumerate(told)
        ]
        self.external_ids = [(ids[n], source, f"C{n}") for n in range(ITEMS)]
        self.memories = [(source, f"C{n}", bytes(16), ids[n]) for n in range(ITEMS)]
        by = written["actor_id"], written["via"]
        self.events = [(new_id(), ids[n], written["after"].replace("1234", str(n)), *by) for n in range(ITEMS)]
        self.is_new = True
        self._clocks = clocks

    async def __call__(self) -> float:
        """Write them once; the events only when all is new."""
        connection, here = self._site.connection, [os.getpid()]
        before, began = await self._site.used([_REFERENCE], here), time.perf_counter()
        async with connection.transaction():
            await connection.executemany(_JURISDICTION, self.jurisdictions)
            await connection.executemany(_EXTERNAL_ID, self.external_ids)
            await connection.executemany(_MEMORY, self.memories)
            if self.is_new:
                await connection.executemany(_EVENT, self.events)
        seconds, self.is_new = time.perf_counter() - began, False
        next(self._clocks).values.append(ITEMS / seconds)
        return (await self._site.used([_REFERENCE], here) - before) / ITEMS * 1e6


async def sync_10k(site: Site, size: int, say: Say) -> Result:
    """Ten thousand new ones, then the same again; each round with a source of its own, every other one in the opposite order."""
    await Ours(site, "warm", "created", Series("", ""))()
    [written] = await site.connection.fetch(_WRITTEN)
    new, new_reference = Clock.of("ours, new"), Clock.of(f"{_ROWS}, new")
    same, same_reference = Clock.of("ours, unchanged"), Clock.of(_ROWS_AGAIN)
    for number in range(2 + size):
        reference = Reference(site, f"r{number}", written, iter([new_reference.clock, same_reference.clock]))
        sent = Ours(site, f"s{number}", "created", new.clock)
        await in_turns(1, _sides(number, (new.cpu, sent), (new_reference.cpu, reference)), say)
        sent = Ours(site, f"s{number}", "unchanged", same.clock)
        await in_turns(1, _sides(number, (same.cpu, sent), (same_reference.cpu, reference)), say)
    ratio = Series("ratio, new", "×", ratios(new_reference.cpu, new.cpu))
    unchanged = Series("ratio, unchanged", "×", ratios(same_reference.cpu, same.cpu))
    met = ratio.median >= 1 and unchanged.median >= 2
    note = f"unchanged {unchanged.median:.2f} × (goal: at least 2)"
    pairs = [(each.cpu, each.clock) for each in (new, new_reference, same, same_reference)]
    series = [*(each for pair in pairs for each in pair), ratio, unchanged]
    return Result("sync-10k", ratio.median, "× (CPU, all processes)", 1.0, series, new_reference.cpu.median, met, note)


def _sides(number: int, *sides: Any) -> Any:
    return sides if number % 2 == 0 else sides[::-1]
