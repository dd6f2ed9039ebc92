"""Requests: what the gateway's process uses for one, with all its layers on, against the reference without any."""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import httpx
import orjson

from services.core import reactions
from services.core.accounts import service as accounts
from services.core.accounts.schemas import ApiClientCreate
from services.core.kit.actor import SYSTEM
from services.core.kit.connections import driver_url
from services.core.kit.db import Database
from services.core.kit.settings import Settings
from services.core.ledger import record
from tests.bench import reference
from tests.bench.engines import SECRET, Place, Server, server
from tests.bench.load import drive, get, post
from tests.bench.measure import Result, Series, cpu_s, in_turns, is_postgres, ratios

BODY = {
    "title": "Community emissions 30 % below 2005 by 2030",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 30,
    "target_year": 2030,
    "year_set": 2015,
    "sector": "all",
    "boundary": "same",
    "gases": ["CO2", "CH4", "N2O"],
    "scopes": [1, 2],
    "conditional_percent": 0,
    "uses_credits": False,
    "net_zero": False,
    "status_in_law": "policy document",
    "visibility": "public",
}
ROW = {
    "title": BODY["title"], "kind": "base_year_absolute", "base_year": 2005, "base": 19_835_303, "percent": 30, "target_year": 2030,
    "year_set": 2015, "sector": "all", "boundary": "same", "gases": ["CO2", "CH4", "N2O"], "scopes": [1, 2], "conditional": 0,
    "credits": False, "net_zero": False, "law": "policy document", "visibility": "public",
}  # fmt: skip
Say = Callable[[str], None]
_IDEMPOTENCY = itertools.count()


@dataclass
class Web:
    """Both servers, and what is asked of them."""

    database: "asyncpg.Connection[asyncpg.Record]"
    ours: Server
    theirs: Server
    key: str
    jurisdiction: str
    commitment: str
    etag: str
    row: str


@asynccontextmanager
async def web(where: Place) -> AsyncIterator[Web]:
    """The gateway and the reference, each in a process of its own, with 60 rows each."""
    connection = await asyncpg.connect(driver_url(where.database_url))
    await connection.execute(reference.SCHEMA)
    key = await _key(where)
    with (
        server("services.api.main", where, "/readyz", "comphub-gateway") as ours,
        server("tests.bench.reference", where, "/ready", "reference") as theirs,
    ):
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{ours.port}", headers={"X-API-Key": key}) as client,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{theirs.port}") as other,
        ):
            city = (await client.post("/v1/jurisdictions", json={"name": "New Taipei", "level": "city", "country": "TW"})).json()["id"]
            made, row = [
                (await client.post(f"/v1/jurisdictions/{city}/commitments", json=BODY), await other.post(f"/owners/{city}/rows", json=ROW))
                for _ in range(60)
            ][-1]
        yield Web(connection, ours, theirs, key, city, made.json()["id"], made.headers["etag"], row.json()["id"])
    await connection.close()


async def _key(where: Place) -> str:
    settings = Settings(database_url=where.database_url, redis_url=where.redis_url, secret_key=SECRET)  # type: ignore[arg-type]
    record.wire(reactions.REACTIONS)
    database = Database(settings, application="bench")
    try:
        async with database.transaction() as session:
            given = ApiClientCreate.model_validate(
                {"name": "bench", "scopes": ["commitments:write", "jurisdictions:write"], "jurisdiction_ids": ["*"]}
            )
            return (await accounts.create_client(session, SYSTEM, given, environment="production")).key
    finally:
        await database.close()


@dataclass
class Side:
    """One server under one kind of request: CPU per request of its process, and of its sessions in PostgreSQL."""

    site: Web
    target: Server
    requests: Callable[[int], bytes]
    number: int
    status: int
    name: str = ""
    process: Series = field(default_factory=lambda: Series("", "µs/request"))
    sessions: Series = field(default_factory=lambda: Series("", "µs/request"))

    async def __call__(self) -> float:
        """Send the requests; microseconds of the server's process per request."""
        backends = await self._backends()
        before, before_sessions = cpu_s(self.target.pid), _sum(backends)
        await drive(self.target.port, self.requests, number=self.number, status=self.status)
        self.sessions.values.append((_sum(backends) - before_sessions) / self.number * 1e6)
        return (cpu_s(self.target.pid) - before) / self.number * 1e6

    async def _backends(self) -> list[int]:
        """The sessions of the server in PostgreSQL, when that runs on this machine."""
        rows = await self.site.database.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = $1", self.target.application)
        return [row["pid"] for row in rows if is_postgres(row["pid"])]

    def named(self, name: str) -> "Side":
        """The same with names for its series."""
        self.process.name, self.sessions.name = name, f"{name}: sessions"
        return self


def _sum(pids: Sequence[int]) -> float:
    return sum(cpu_s(pid) for pid in pids)


async def _against(name: str, goal: float, ours: Side, theirs: Side, *, rounds: int, say: Say, with_sessions: bool = False) -> Result:
    """Compare the servers' own processes; ``with_sessions``: what they used in PostgreSQL as well."""
    await ours(), await theirs()  # warm: statements prepared, caches filled
    for side in (ours, theirs):
        side.sessions.values.clear()
    await in_turns(rounds, [(ours.process, ours), (theirs.process, theirs)], say)
    sides = [Series("", "", [sum(both) for both in zip(s.process.values, s.sessions.values, strict=True)]) for s in (ours, theirs)]
    above, below = (sides[1], sides[0]) if with_sessions else (theirs.process, ours.process)
    ratio = Series("ratio", "×", ratios(above, below))
    series = [ours.process, theirs.process, ours.sessions, theirs.sessions, ratio]
    unit = "× (CPU, server + sessions)" if with_sessions else "× (CPU, server)"
    return Result(name, ratio.median, unit, goal, series, above.median, ratio.median >= goal)


async def read_detail(site: Web, size: int, say: Say) -> Result:
    """One row: key, rate limit, request id, access log and ETag on, against none of them."""
    ours = _fixed(get(f"/v1/commitments/{site.commitment}", x_api_key=site.key))
    theirs = _fixed(get(f"/rows/{site.row}"))
    return await _against(
        "read-detail", 0.8,
        Side(site, site.ours, ours, 700, 200).named("ours"), Side(site, site.theirs, theirs, 700, 200).named("reference"),
        rounds=7 * size, say=say,
    )  # fmt: skip


async def read_list(site: Web, size: int, say: Say) -> Result:
    """Fifty rows."""
    ours = _fixed(get(f"/v1/jurisdictions/{site.jurisdiction}/commitments?limit=50", x_api_key=site.key))
    theirs = _fixed(get("/rows?limit=50"))
    return await _against(
        "read-list-50", 1.2,
        Side(site, site.ours, ours, 300, 200).named("ours"), Side(site, site.theirs, theirs, 300, 200).named("reference"),
        rounds=7 * size, say=say,
    )  # fmt: skip


async def read_304(site: Web, size: int, say: Say) -> Result:
    """The same row for a caller that has it, against reading it: PostgreSQL builds the JSON, so its part is what a 304 saves."""
    known = _fixed(get(f"/v1/commitments/{site.commitment}", x_api_key=site.key, if_none_match=site.etag))
    whole = _fixed(get(f"/v1/commitments/{site.commitment}", x_api_key=site.key))
    return await _against(
        "read-304", 1.2,
        Side(site, site.ours, known, 700, 304).named("304"), Side(site, site.ours, whole, 700, 200).named("read-detail"),
        rounds=7 * size, say=say, with_sessions=True,
    )  # fmt: skip


async def write_commitment(site: Web, size: int, say: Say) -> Result:
    """Findings, row, event, task and idempotency record in one transaction, against two bare inserts in one."""
    body, row = orjson.dumps(BODY), orjson.dumps(ROW)

    def ours(_: int) -> bytes:
        path = f"/v1/jurisdictions/{site.jurisdiction}/commitments"
        return post(path, body, x_api_key=site.key, idempotency_key=f"bench-{next(_IDEMPOTENCY)}")

    theirs = _fixed(post(f"/owners/{site.jurisdiction}/rows", row))
    return await _against(
        "write-commitment", 0.65,
        Side(site, site.ours, ours, 400, 201).named("ours"), Side(site, site.theirs, theirs, 400, 201).named("reference"),
        rounds=7 * size, say=say,
    )  # fmt: skip


def _fixed(request: bytes) -> Callable[[int], bytes]:
    return lambda _: request
