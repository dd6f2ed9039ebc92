"""Questions about communities. All are public."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.communities.models import Community
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.statements import json_view, utc

_VIEW = json_view(
    {
        "id": Community.id,
        "name": Community.name,
        "names": Community.names,
        "starts_on": Community.starts_on,
        "ends_on": Community.ends_on,
        "capacity": Community.capacity,
        "themes": Community.themes,
        "chair_jurisdiction_id": Community.chair_jurisdiction_id,
        "version": Community.version,
        "created_at": utc(Community.created_at),
        "updated_at": utc(Community.updated_at),
    },
    optional={
        "secretariat": (Community.secretariat.is_not(None), Community.secretariat),
        "founding_agreement": (Community.founding_agreement.is_not(None), Community.founding_agreement),
    },
)
Lock = Literal["write", "share"]
_LOCKS = {"write": {"key_share": True}, "share": {"read": True}}
"""FOR NO KEY UPDATE, which lets others refer to the row, and FOR SHARE."""
COMMUNITY = detail(Community, _VIEW)
COMMUNITIES = Listing("communities", Community, _VIEW)


async def load_community(session: AsyncSession, community_id: UUID, *, lock: Lock | None = None) -> Community:
    """The community, locked when asked (the order stands in `rules`); 404 when there is none.

    ``write`` is for who changes it, its places or its chair; ``share`` for who begins a membership in it, so that a set of
    standings is not written meanwhile.
    """
    row = await session.get(Community, community_id, with_for_update=_LOCKS[lock] if lock else None)
    if row is None:
        raise not_found()
    return row


async def lock_communities(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Community]:
    """The communities that exist of ``ids``, locked for writing in the order of their ids."""
    query = select(Community).where(Community.id.in_(ids)).order_by(Community.id).with_for_update(key_share=True)
    return {row.id: row for row in await session.scalars(query.execution_options(populate_existing=True))}


async def name_of(session: AsyncSession, community_id: UUID) -> str | None:
    """What a community is called, for a letter."""
    return await session.scalar(select(Community.name).where(Community.id == community_id))
