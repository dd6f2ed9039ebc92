"""The band of a jurisdiction's whole disclosure: computed by the worker after each assessment, and read."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.core.commitments import bands, queries
from services.core.commitments.disclosure import disclosure_of
from services.core.commitments.events import BandChanged
from services.core.commitments.targets import loads
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Unit
from services.core.kit.errors import not_found
from services.core.kit.ids import new_id
from services.core.kit.statements import Connection
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task

BAND = "commitments.band"


def schedule_band(session: Unit, jurisdiction_id: UUID) -> None:
    """Have the band computed after the commit of ``session``: once for a jurisdiction, however much of it is assessed here."""
    transaction = session.info.setdefault(BAND, new_id())
    task = Task(
        queue="commitments",
        handler=BAND,
        dedupe_key=f"{BAND}:{transaction}:{jurisdiction_id}",
        payload={"id": jurisdiction_id},
        jurisdiction_id=jurisdiction_id,
    )
    schedule(session, task)


async def assess_band(session: Unit, jurisdiction_id: UUID) -> None:
    """Compute the band from what is stored now, and store it; only another band is an event.

    May run as often as it likes: each run waits for the one before, and then reads all that is committed.
    """
    connection = await session.driver()
    await queries.BAND_LOCK.one(connection, id=jurisdiction_id)
    stored = await queries.BAND.one(connection, id=jurisdiction_id)
    computed = await _computed(connection, jurisdiction_id)
    if stored is None or computed is None:
        return
    body = orjson.dumps(computed).decode()
    await queries.STORE_BAND.one(connection, id=jurisdiction_id, scheme=computed["scheme"], band=computed["band"], body=body)
    if stored["band"] != computed["band"]:
        changed = BandChanged(
            subject_id=jurisdiction_id,
            jurisdiction_id=jurisdiction_id,
            before={"band": stored["band"]},
            after={"band": computed["band"], "scheme": computed["scheme"]},
        )
        record(session, SYSTEM, changed)


async def band(connection: Connection, jurisdiction_id: UUID) -> bytes:
    """The band of a jurisdiction as JSON; 404 for an unknown one.

    What the worker stored is answered as long as it holds: the facts of the jurisdiction, the year and the scheme are still those
    that it saw. Otherwise it is computed for this answer, and ``assessed_at`` is null.
    """
    stored = await queries.BAND.one(connection, id=jurisdiction_id)
    if stored is None:
        raise not_found()
    body: dict[str, Any] | None = None if stored["body"] is None else orjson.loads(stored["body"])
    seen = {"scheme": bands.current().version, "reporting_year": int(stored["this_year"]), "jurisdiction_version": stored["version"]}
    if body is not None and all(body[name] == value for name, value in seen.items()):
        return _shown(jurisdiction_id, body, stored["assessed_at"])
    computed = await _computed(connection, jurisdiction_id)
    if computed is None:
        raise not_found()
    return _shown(jurisdiction_id, computed, None)


async def _computed(connection: Connection, jurisdiction_id: UUID) -> dict[str, Any] | None:
    row = await queries.DISCLOSED.one(connection, id=jurisdiction_id)
    if row is None:
        return None
    return await asyncio.to_thread(_judged, jurisdiction_id, row)


def _judged(jurisdiction_id: UUID, row: asyncpg.Record) -> dict[str, Any]:
    """In a thread: hundreds of commitments take a while, and others are waiting."""
    given = disclosure_of(str(jurisdiction_id), int(row["this_year"]), loads(row["facts"]), loads(row["commitments"]))
    return bands.band(given, bands.current()) | {"jurisdiction_version": row["version"]}


def _shown(jurisdiction_id: UUID, body: dict[str, Any], assessed_at: str | None) -> bytes:
    return orjson.dumps({"jurisdiction_id": jurisdiction_id, "assessed_at": assessed_at, **body}, option=orjson.OPT_SORT_KEYS)
