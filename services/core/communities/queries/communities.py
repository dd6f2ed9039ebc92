"""Questions about communities. All are public."""

from uuid import UUID

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
        "version": Community.version,
        "created_at": utc(Community.created_at),
        "updated_at": utc(Community.updated_at),
    },
    optional={"founding_agreement": (Community.founding_agreement.is_not(None), Community.founding_agreement)},
)
COMMUNITY = detail(Community, _VIEW)
COMMUNITIES = Listing("communities", Community, _VIEW)


async def load_community(session: AsyncSession, community_id: UUID, *, lock: bool = False) -> Community:
    """The community, locked when asked; 404 when there is none."""
    row = await session.get(Community, community_id, with_for_update=lock or None)
    if row is None:
        raise not_found()
    return row
