"""Jurisdictions: cities, towns, provinces and states."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.route import Route
from services.core.jurisdictions import queries, service
from services.core.jurisdictions.schemas import (
    Country,
    Jurisdiction,
    JurisdictionCreate,
    JurisdictionPage,
    JurisdictionPatch,
    Level,
    SearchText,
)

router = APIRouter(prefix="/v1/jurisdictions", tags=["jurisdictions"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("jurisdictions:read", public=True))]
Writes = Annotated[Call, Depends(Requires("jurisdictions:write"))]


class JurisdictionQuery(PageQuery):
    """Filters of the list."""

    country: Country | None = None
    level: Level | None = None
    parent_id: UUID | None = Field(default=None, description="what lies directly within that one")
    q: SearchText | None = Field(default=None, description="a name in any script; every word must be found, the last may be a beginning")
    external_id: Annotated[str, Query(max_length=240, pattern=r"^[a-z][a-z0-9_-]*:.+$", description="`source:value`")] | None = None


@router.get("", response_model=JurisdictionPage)
async def list_jurisdictions(request: Request, call: Reads, query: Annotated[JurisdictionQuery, Query()]) -> Response:
    """A page of jurisdictions in the order of their creation."""
    async with call.read() as connection:
        page = await queries.page(connection, call.actor, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.post("", response_model=Jurisdiction, status_code=201)
async def create_jurisdiction(call: Writes, given: JurisdictionCreate) -> Response:
    """Create a jurisdiction; its identifiers elsewhere are unique."""
    jurisdiction_id = await service.create(call.session, call.actor, given)
    row = await call.written(queries.DETAIL, jurisdiction_id)
    return created(f"/v1/jurisdictions/{jurisdiction_id}", row["version"], row["body"])


@router.get("/{id}", response_model=Jurisdiction)
async def get_jurisdiction(call: Reads, id: UUID) -> Response:
    """One jurisdiction."""
    async with call.read() as connection:
        row = found(await queries.DETAIL.one(connection, id=id, known=call.known_version()))
    return item(row["version"], row["body"])


@router.put("/{id}", response_model=Jurisdiction)
async def replace_jurisdiction(call: Writes, id: UUID, given: JurisdictionCreate) -> Response:
    """Give a jurisdiction a whole new state; needs ``If-Match``."""
    await service.replace(call.session, call.actor, id, given, call.must_match())
    row = await call.written(queries.DETAIL, id)
    return item(row["version"], row["body"])


@router.patch("/{id}", response_model=Jurisdiction, openapi_extra=PATCH_BODY)
async def amend_jurisdiction(call: Writes, id: UUID, patch: JurisdictionPatch) -> Response:
    """Change some members of a jurisdiction (RFC 7396); needs ``If-Match``."""
    await service.amend(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.DETAIL, id)
    return item(row["version"], row["body"])
