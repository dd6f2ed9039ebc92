"""Reading jurisdictions. All are public: a jurisdiction is a fact of the world."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text, Uuid

from services.core.jurisdictions.models import Alias, ExternalId, Jurisdiction
from services.core.jurisdictions.names import search_query
from services.core.kit.actor import Actor
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, json_view, number, param, utc

_entry = func.jsonb_build_object("source", ExternalId.source, "value", ExternalId.value)
_external_ids = (
    select(func.coalesce(func.jsonb_agg(aggregate_order_by(_entry, ExternalId.source)), cast("[]", JSONB)))
    .where(ExternalId.jurisdiction_id == Jurisdiction.id)
    .correlate(Jurisdiction)
    .scalar_subquery()
)
_aliases = (
    select(func.coalesce(func.jsonb_agg(aggregate_order_by(Alias.name, Alias.position)), cast("[]", JSONB)))
    .where(Alias.jurisdiction_id == Jurisdiction.id)
    .correlate(Jurisdiction)
    .scalar_subquery()
)
VIEW = json_view(
    {
        "id": Jurisdiction.id,
        "name": Jurisdiction.name,
        "names": Jurisdiction.names,
        "aliases": _aliases,
        "level": Jurisdiction.level,
        "country": Jurisdiction.country,
        "subdivision": Jurisdiction.subdivision,
        "parent_id": Jurisdiction.parent_id,
        "population": Jurisdiction.population,
        "population_year": Jurisdiction.population_year,
        "area_km2": number(Jurisdiction.area_km2),
        "time_zone": Jurisdiction.time_zone,
        "languages": Jurisdiction.languages,
        "website": Jurisdiction.website,
        "external_ids": _external_ids,
        "missing_since": utc(Jurisdiction.missing_since),
        "version": Jurisdiction.version,
        "created_at": utc(Jurisdiction.created_at),
        "updated_at": utc(Jurisdiction.updated_at),
    },
    optional={
        "location": (
            Jurisdiction.latitude.is_not(None),
            func.jsonb_build_object("latitude", number(Jurisdiction.latitude), "longitude", number(Jurisdiction.longitude)),
        ),
        "context": (Jurisdiction.context.is_not(None), Jurisdiction.context),
    },
)
DETAIL = detail(Jurisdiction, VIEW)
_LIST = Listing(
    "jurisdictions",
    Jurisdiction,
    VIEW,
    filters={
        "country": Jurisdiction.country == param("country", Text),
        "level": Jurisdiction.level == param("level", Text),
        "parent_id": Jurisdiction.parent_id == param("parent_id", Uuid),
        "external_id": select(ExternalId.value)
        .where(
            ExternalId.jurisdiction_id == Jurisdiction.id,
            ExternalId.source + ":" + ExternalId.value == param("external_id", Text),
        )
        .exists(),
        "q": Jurisdiction.search.bool_op("@@")(cast(param("q", Text), TSQUERY)),
    },
)


async def page(connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, filters: Mapping[str, Any]) -> Page:
    """A page of jurisdictions; filters ``country``, ``level``, ``parent_id``, ``external_id`` (``source:value``) and ``q``.

    ``q`` is what somebody typed to find one by any of its names; it must hold a letter or a digit.
    """
    asked = filters.get("q")
    terms = None if asked is None else search_query(asked)
    return await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters={**filters, "q": terms})


async def name_of(session: AsyncSession, jurisdiction_id: UUID) -> str | None:
    """What a jurisdiction is called, for a letter."""
    return await session.scalar(select(Jurisdiction.name).where(Jurisdiction.id == jurisdiction_id))
