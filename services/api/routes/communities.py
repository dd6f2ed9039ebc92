"""Communities: cohorts with a term, a capacity and themes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.route import Route
from services.core.communities import queries, service
from services.core.communities.schemas import Community, CommunityCreate, CommunityPage, CommunityPatch

router = APIRouter(prefix="/v1/communities", tags=["communities"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("memberships:read", public=True))]
Runs = Annotated[Call, Depends(Requires("communities:write"))]


@router.get("", response_model=CommunityPage)
async def list_communities(request: Request, call: Reads, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of communities in the order of their creation."""
    async with call.read() as connection:
        page = await queries.COMMUNITIES.page(connection, call.actor, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.post("", response_model=Community, status_code=201)
async def create_community(call: Runs, given: CommunityCreate) -> Response:
    """Create a community."""
    community_id = await service.create_community(call.session, call.actor, given)
    row = await call.written(queries.COMMUNITY, community_id)
    return created(f"/v1/communities/{community_id}", row["version"], row["body"])


@router.get("/{id}", response_model=Community)
async def get_community(call: Reads, id: UUID) -> Response:
    """One community."""
    async with call.read() as connection:
        row = found(await queries.COMMUNITY.one(connection, id=id, known=call.known_version()))
    return item(row["version"], row["body"])


@router.put("/{id}", response_model=Community)
async def replace_community(call: Runs, id: UUID, given: CommunityCreate) -> Response:
    """Give a community a whole new state; needs ``If-Match``."""
    await service.replace_community(call.session, call.actor, id, given, call.must_match())
    row = await call.written(queries.COMMUNITY, id)
    return item(row["version"], row["body"])


@router.patch("/{id}", response_model=Community, openapi_extra=PATCH_BODY)
async def amend_community(call: Runs, id: UUID, patch: CommunityPatch) -> Response:
    """Change some members of a community (RFC 7396); needs ``If-Match``."""
    await service.amend_community(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.COMMUNITY, id)
    return item(row["version"], row["body"])
