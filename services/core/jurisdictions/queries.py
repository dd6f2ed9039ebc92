"""Questions about jurisdictions. All are public: a jurisdiction is a fact of the world."""

from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.core.jurisdictions.models import ExternalId, Jurisdiction
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
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
VIEW = json_view(
    {
        "id": Jurisdiction.id,
        "name": Jurisdiction.name,
        "names": Jurisdiction.names,
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
        "external_id": select(ExternalId.value)
        .where(
            ExternalId.jurisdiction_id == Jurisdiction.id,
            ExternalId.source + ":" + ExternalId.value == param("external_id", Text),
        )
        .exists(),
    },
)


async def page(
    connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, filters: dict[str, str | None]
) -> Page:
    """A page of jurisdictions; filters ``country``, ``level`` and ``external_id`` (``source:value``)."""
    return await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=filters)


async def load(session: AsyncSession, jurisdiction_id: UUID, *, lock: bool = False) -> Jurisdiction:
    """The row, locked for a change when asked; 404 when there is none."""
    row = await session.get(Jurisdiction, jurisdiction_id, with_for_update=lock or None)
    if row is None:
        raise not_found()
    return row


async def external_ids(session: AsyncSession, jurisdiction_id: UUID) -> list[ExternalId]:
    """Its identifiers elsewhere."""
    return list(await session.scalars(select(ExternalId).where(ExternalId.jurisdiction_id == jurisdiction_id)))


async def lies_within(session: AsyncSession, inner: UUID, outer: UUID) -> bool:
    """Whether ``inner`` is ``outer`` or lies below it."""
    above = select(Jurisdiction.id, Jurisdiction.parent_id).where(Jurisdiction.id == inner).cte("above", recursive=True)
    above = above.union(select(Jurisdiction.id, Jurisdiction.parent_id).join(above, Jurisdiction.id == above.c.parent_id))
    return inner == outer or bool(await session.scalar(select(select(above.c.id).where(above.c.id == outer).exists())))
