"""Writing changes as sets: a few statements for any number, and exactly one event for each."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.core.jurisdictions.events import JurisdictionChanged
from services.core.jurisdictions.service import facts
from services.core.jurisdictions.service.changes import Change
from services.core.kit.actor import Actor
from services.core.kit.db import Unit, driver_error
from services.core.kit.errors import FieldError, Problem, invalid
from services.core.ledger.record import record

_INSERT = """
INSERT INTO jurisdiction (id, name, names, level, country, subdivision, parent_id, population, population_year, area_km2,
       latitude, longitude, time_zone, languages, website, context, search, version, created_at, updated_at)
SELECT x.*, 1, t.now, t.now
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, name text, names jsonb, level text, country text, subdivision text, parent_id uuid,
     population int, population_year int, area_km2 numeric, latitude numeric, longitude numeric, time_zone text, languages text[],
     website text, context jsonb, search tsvector), (SELECT domain_now() AS now) AS t
"""
_UPDATE = """
UPDATE jurisdiction AS j SET (name, names, level, country, subdivision, parent_id, population, population_year, area_km2,
       latitude, longitude, time_zone, languages, website, context, search, missing_since, version, updated_at)
     = (x.name, x.names, x.level, x.country, x.subdivision, x.parent_id, x.population, x.population_year, x.area_km2,
       x.latitude, x.longitude, x.time_zone, x.languages, x.website, x.context, x.search,
       CASE WHEN x.is_back THEN NULL ELSE j.missing_since END, j.version + 1, t.now)
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, name text, names jsonb, level text, country text, subdivision text, parent_id uuid,
     population int, population_year int, area_km2 numeric, latitude numeric, longitude numeric, time_zone text, languages text[],
     website text, context jsonb, search tsvector, is_back bool), (SELECT domain_now() AS now) AS t
WHERE j.id = x.id
"""
_LOSE_IDS = """
DELETE FROM external_id AS e USING unnest($1::uuid[], $2::text[]) AS x(jurisdiction_id, source)
WHERE e.jurisdiction_id = x.jurisdiction_id AND e.source = x.source
"""
_GAIN_IDS = "INSERT INTO external_id (jurisdiction_id, source, value) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])"
_LOSE_ALIASES = "DELETE FROM jurisdiction_alias WHERE jurisdiction_id = ANY($1::uuid[])"
_GAIN_ALIASES = """
INSERT INTO jurisdiction_alias (jurisdiction_id, position, name) SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[])
"""
_MARK = """
WITH locked AS MATERIALIZED (
  SELECT j.id FROM jurisdiction j JOIN external_id e ON e.jurisdiction_id = j.id
  WHERE e.source = $1 AND e.value = ANY($2::text[]) AND j.missing_since IS NULL AND ($3 OR j.id = ANY($4::uuid[]))
  ORDER BY j.id FOR NO KEY UPDATE OF j
)
UPDATE jurisdiction AS j SET missing_since = domain_now(), version = j.version + 1, updated_at = domain_now()
FROM locked WHERE j.id = locked.id RETURNING j.id, j.missing_since
"""


async def write(session: Unit, actor: Actor, changes: Sequence[Change]) -> None:
    """Write ``changes`` (one of a jurisdiction) and record them; what the database refuses comes as the driver's error."""
    connection = await session.driver()
    new = [change for change in changes if change.before is None]
    old = [change for change in changes if change.before is not None]
    if old:
        await connection.execute(_UPDATE, _json([_row(change) for change in old]))
        await _fetch_away(connection, old)
    if new:
        await connection.execute(_INSERT, _json([_row(change) for change in new]))
    gained = [(change.id, source, value) for change in changes for source, value in change.new_identifiers]
    await _many(connection, _GAIN_IDS, gained)
    renamed = [change for change in changes if change.changes("aliases")]
    aliases = [(change.id, position, name) for change in renamed for position, name in enumerate(change.after["aliases"])]
    await _many(connection, _GAIN_ALIASES, aliases)
    for change in changes:
        record(session, actor, _event(change))


async def _fetch_away(connection: "asyncpg.Connection[asyncpg.Record]", changes: Sequence[Change]) -> None:
    """Take away what changes, so that one jurisdiction may have what another gives up."""
    await _many(connection, _LOSE_IDS, [(change.id, source) for change in changes for source, _ in change.lost_identifiers])
    renamed = [change.id for change in changes if change.changes("aliases")]
    if renamed:
        await connection.execute(_LOSE_ALIASES, renamed)


async def _many(connection: "asyncpg.Connection[asyncpg.Record]", statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    if columns := list(zip(*rows, strict=True)):
        await connection.execute(statement, *columns)


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()  # exact decimals travel as text


def _row(change: Change) -> dict[str, Any]:
    after = change.after
    row = {name: value for name, value in after.items() if name not in ("aliases", "external_ids", "location")}
    return row | (after["location"] or {}) | {"id": change.id, "search": facts.search_text(after), "is_back": change.is_back}


def _event(change: Change) -> JurisdictionChanged:
    """A new jurisdiction with all its facts, a changed one with those that changed."""
    after = facts.as_json(change.after)
    if change.before is None:
        return JurisdictionChanged(subject_id=change.id, jurisdiction_id=change.id, after=after)
    before = facts.as_json(change.before)
    changed = [name for name in after if before[name] != after[name]]
    was, is_now = {name: before[name] for name in changed}, {name: after[name] for name in changed}
    if change.is_back:
        was["missing_since"], is_now["missing_since"] = change.missing_since, None
    return JurisdictionChanged(subject_id=change.id, jurisdiction_id=change.id, before=was, after=is_now)


async def mark_missing(session: Unit, actor: Actor, action: str, source: str, external_ids: Sequence[str]) -> int:
    """Mark those that ``source`` no longer lists, where ``actor`` may do ``action`` and no mark is set yet; how many."""
    reach = actor.reach(action)
    connection = await session.driver()
    marked = await connection.fetch(_MARK, source, list(external_ids), reach.everywhere, list(reach.jurisdictions))
    for row in marked:
        subject: UUID = row["id"]
        before, after = {"missing_since": None}, {"missing_since": row["missing_since"].isoformat()}
        record(session, actor, JurisdictionChanged(subject_id=subject, jurisdiction_id=subject, before=before, after=after))
    return len(marked)


def explain(error: BaseException) -> Problem:
    """The problem of a single jurisdiction that the database refused with ``error``."""
    cause = driver_error(error)
    name = getattr(cause, "constraint_name", None)
    if name == "uq_external_id_source_value":
        detail = "Another jurisdiction carries one of these external ids."
        return Problem("already-exists", detail, errors=[FieldError("/external_ids", "taken", detail)])
    if name == "fk_jurisdiction_parent_id":
        return invalid("/parent_id", "There is no such parent jurisdiction.")
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        detail = "The change contradicts what someone else stored meanwhile."
        return Problem("conflict", detail, errors=[FieldError("", "conflict", detail)])
    return invalid("", "A value cannot be stored.")
