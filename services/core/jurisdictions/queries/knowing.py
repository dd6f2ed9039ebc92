"""What is known of jurisdictions that someone wants to write: read for any number at once, after locking them.

A lock and what it protects are two statements: the second sees what was committed while the first waited.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, array
from sqlalchemy.types import Text, Uuid

from services.core.jurisdictions.models import Alias, ExternalId, Jurisdiction
from services.core.kit.db import Unit
from services.core.kit.statements import Statement, param

Facts = dict[str, Any]
"""What is said of a jurisdiction, in the shape of a `JurisdictionCreate`; only ``external_ids`` is a value by source."""


@dataclass(frozen=True, slots=True)
class Known:
    """A jurisdiction as it is stored."""

    id: UUID
    version: int
    missing_since: datetime | None
    facts: Facts


_HIERARCHY_LOCK = 0x636F6D706A
_ABOVE = """
WITH RECURSIVE above AS (
  SELECT id, parent_id, country FROM jurisdiction WHERE id = ANY($1::uuid[])
  UNION SELECT j.id, j.parent_id, j.country FROM jurisdiction j JOIN above ON j.id = above.parent_id
)
SELECT id, parent_id, country FROM above
"""
_names_them = (ExternalId.source == param("source", Text)) & (ExternalId.value == any_(param("values", ARRAY(Text))))
_LOCK = Statement(
    select(Jurisdiction.id)
    .where(Jurisdiction.id == any_(param("ids", ARRAY(Uuid))))
    .order_by(Jurisdiction.id)
    .with_for_update(key_share=True, of=Jurisdiction)
)
_HOLDERS = Statement(
    select(ExternalId.source, ExternalId.value, ExternalId.jurisdiction_id).where(
        ExternalId.source == any_(param("sources", ARRAY(Text))), ExternalId.value == any_(param("values", ARRAY(Text)))
    )
)
_NAMED = Statement(select(ExternalId.value, ExternalId.jurisdiction_id).where(_names_them))
_LISTED = Statement(
    select(ExternalId.value, Jurisdiction.missing_since.is_not(None).label("is_missing"))
    .join(Jurisdiction, Jurisdiction.id == ExternalId.jurisdiction_id)
    .where(ExternalId.source == param("source", Text))
)
_WITHIN = Statement(
    select(Jurisdiction.parent_id, Jurisdiction.country).where(Jurisdiction.parent_id == any_(param("ids", ARRAY(Uuid)))).distinct()
)
_aliases = (
    select(func.array_agg(aggregate_order_by(Alias.name, Alias.position)))
    .where(Alias.jurisdiction_id == Jurisdiction.id)
    .correlate(Jurisdiction)
    .scalar_subquery()
)
_external_ids = (
    select(func.jsonb_object_agg(ExternalId.source, ExternalId.value))
    .where(ExternalId.jurisdiction_id == Jurisdiction.id)
    .correlate(Jurisdiction)
    .scalar_subquery()
)
_KNOWN = Statement(
    select(
        Jurisdiction.id,
        Jurisdiction.version,
        Jurisdiction.missing_since,
        Jurisdiction.name,
        cast(Jurisdiction.names, Text).label("names"),
        func.coalesce(_aliases, cast(array([]), ARRAY(Text))).label("aliases"),
        Jurisdiction.level,
        Jurisdiction.country,
        Jurisdiction.subdivision,
        Jurisdiction.parent_id,
        Jurisdiction.population,
        Jurisdiction.population_year,
        Jurisdiction.area_km2,
        Jurisdiction.latitude,
        Jurisdiction.longitude,
        Jurisdiction.time_zone,
        Jurisdiction.languages,
        Jurisdiction.website,
        cast(Jurisdiction.context, Text).label("context"),
        cast(func.coalesce(_external_ids, cast("{}", JSONB)), Text).label("external_ids"),
    ).where(Jurisdiction.id == any_(param("ids", ARRAY(Uuid))))
)
_AS_THEY_ARE = (
    *("name", "aliases", "level", "country", "subdivision", "parent_id", "population", "population_year", "area_km2"),
    *("time_zone", "languages", "website"),
)


async def known_by_id(session: Unit, ids: Collection[UUID]) -> dict[UUID, Known]:
    """The jurisdictions that ``ids`` name, locked against other writers in the order of their ids."""
    connection = await session.driver()
    wanted = list(ids)
    if not wanted:
        return {}
    await _LOCK.all(connection, ids=wanted)
    return {row["id"]: _known(row) for row in await _KNOWN.all(connection, ids=wanted)}


async def known_by_external_id(session: Unit, source: str, values: Sequence[str]) -> dict[str, Known]:
    """The jurisdictions that ``source`` calls by ``values``, locked against other writers, by that value."""
    named = await _NAMED.all(await session.driver(), source=source, values=list(values))
    known = await known_by_id(session, {row["jurisdiction_id"] for row in named})
    found = {row["value"]: known[row["jurisdiction_id"]] for row in named if row["jurisdiction_id"] in known}
    return {value: row for value, row in found.items() if row.facts["external_ids"].get(source) == value}


async def known_external_ids(session: Unit, source: str) -> dict[str, bool]:
    """Every identifier that ``source`` has given, and whether its jurisdiction is marked as missing already."""
    return {row["value"]: row["is_missing"] for row in await _LISTED.all(await session.driver(), source=source)}


async def holders(session: Unit, identifiers: AbstractSet[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Who carries each of ``identifiers`` (source, value)."""
    sources, values = {source for source, _ in identifiers}, {value for _, value in identifiers}
    rows = await _HOLDERS.all(await session.driver(), sources=list(sources), values=list(values))
    carriers = {(row["source"], row["value"]): row["jurisdiction_id"] for row in rows}
    return {identifier: carriers[identifier] for identifier in carriers.keys() & identifiers}


async def ancestry(session: Unit, ids: Collection[UUID]) -> dict[UUID, tuple[UUID | None, str]]:
    """The parent and the country of each of ``ids`` and of all that lies above them.

    Whoever asks is about to change the hierarchy: they do it one after the other, or two together could close a circle.
    """
    connection = await session.driver()
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _HIERARCHY_LOCK)
    return {row["id"]: (row["parent_id"], row["country"]) for row in await connection.fetch(_ABOVE, list(ids))}


async def countries_within(session: Unit, ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """The countries of what lies directly within each of ``ids``."""
    found: dict[UUID, set[str]] = {}
    for row in await _WITHIN.all(await session.driver(), ids=list(ids)):
        found.setdefault(row["parent_id"], set()).add(row["country"])
    return found


def _known(row: asyncpg.Record) -> Known:
    facts: Facts = {name: row[name] for name in _AS_THEY_ARE}
    facts["names"] = orjson.loads(row["names"])
    facts["external_ids"] = orjson.loads(row["external_ids"])
    facts["context"] = None if row["context"] is None else orjson.loads(row["context"])
    point = {"latitude": row["latitude"], "longitude": row["longitude"]}
    facts["location"] = None if row["latitude"] is None else point
    return Known(row["id"], row["version"], row["missing_since"], facts)
