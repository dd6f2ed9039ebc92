"""Representatives: the people who speak for a member. Shown to the member itself and the secretariat only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.route import Route
from services.core.communities import queries, service
from services.core.communities.queries import seen_by
from services.core.communities.schemas import Representative, RepresentativeCreate, RepresentativePage, RepresentativePatch

router = APIRouter(prefix="/v1", tags=["representatives"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("memberships:read"))]
Writes = Annotated[Call, Depends(Requires("memberships:write"))]


@router.get("/memberships/{id}/representatives", response_model=RepresentativePage)
async def list_representatives(request: Request, call: Reads, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of a member's representatives in the order in which they were named."""
    async with call.read() as connection:
        page = await queries.representatives(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.post("/memberships/{id}/representatives", response_model=Representative, status_code=201)
async def name_representative(call: Writes, id: UUID, given: RepresentativeCreate) -> Response:
    """Name a representative; whoever has this address under any spelling is the same person."""
    representative_id = await service.name_representative(call.session, call.actor, id, given)
    row = await call.written(queries.REPRESENTATIVE, representative_id, **seen_by(call.actor))
    return created(f"/v1/representatives/{representative_id}", row["version"], row["body"])


@router.get("/representatives/{id}", response_model=Representative)
async def get_representative(call: Reads, id: UUID) -> Response:
    """One representative."""
    async with call.read() as connection:
        row = found(await queries.REPRESENTATIVE.one(connection, id=id, known=call.known_version(), **seen_by(call.actor)))
    return item(row["version"], row["body"])


@router.put("/representatives/{id}", response_model=Representative)
async def replace_representative(call: Writes, id: UUID, given: RepresentativeCreate) -> Response:
    """Give a representative a whole new state; needs ``If-Match``."""
    await service.replace_representative(call.session, call.actor, id, given, call.must_match())
    row = await call.written(queries.REPRESENTATIVE, id, **seen_by(call.actor))
    return item(row["version"], row["body"])


@router.patch("/representatives/{id}", response_model=Representative, openapi_extra=PATCH_BODY)
async def amend_representative(call: Writes, id: UUID, patch: RepresentativePatch) -> Response:
    """Change some members of a representative (RFC 7396); needs ``If-Match``."""
    await service.amend_representative(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.REPRESENTATIVE, id, **seen_by(call.actor))
    return item(row["version"], row["body"])


@router.delete("/representatives/{id}", status_code=204)
async def remove_representative(call: Writes, id: UUID) -> Response:
    """Remove a representative: no letter and no review request reaches them any more; needs ``If-Match``."""
    await service.remove_representative(call.session, call.actor, id, call.must_match())
    return Response(status_code=204)
