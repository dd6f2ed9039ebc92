"""Practices: drafts and submissions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.route import Route
from services.core.communities.schemas import Theme
from services.core.practices import queries, service
from services.core.practices.queries import seen_by
from services.core.practices.schemas import (
    Practice,
    PracticeCreate,
    PracticePage,
    PracticePatch,
    PracticeStatus,
    PracticeTransition,
)

router = APIRouter(prefix="/v1/practices", tags=["practices"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("practices:read", public=True))]
Writes = Annotated[Call, Depends(Requires("practices:write"))]


class PracticeQuery(PageQuery):
    """Filters of the list."""

    call_id: UUID | None = None
    jurisdiction_id: UUID | None = None
    theme: Theme | None = None
    status: PracticeStatus | None = None


@router.get("", response_model=PracticePage)
async def list_practices(request: Request, call: Reads, query: Annotated[PracticeQuery, Query()]) -> Response:
    """A page of practices: recognised and commended ones are public; a key sees those of its jurisdictions in every state."""
    async with call.read() as connection:
        page = await queries.practices(connection, call.actor, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.post("", response_model=Practice, status_code=201)
async def draft_practice(call: Writes, given: PracticeCreate) -> Response:
    """Write a draft for an open call; it may be incomplete until it is submitted."""
    practice_id = await service.draft(call.session, call.actor, given)
    row = await call.written(queries.PRACTICE, practice_id, **seen_by(call.actor))
    return created(f"/v1/practices/{practice_id}", row["version"], row["body"])


@router.get("/{id}", response_model=Practice)
async def get_practice(call: Reads, id: UUID) -> Response:
    """One practice; until it is recognised or commended, its author and the secretariat see it only."""
    async with call.read() as connection:
        row = found(await queries.PRACTICE.one(connection, id=id, known=call.known_version(), **seen_by(call.actor)))
    return item(row["version"], row["body"])


@router.put("/{id}", response_model=Practice)
async def replace_practice(call: Writes, id: UUID, given: PracticeCreate) -> Response:
    """Give a practice a whole new state while it is a draft, returned or to be revised; needs ``If-Match``."""
    await service.replace(call.session, call.actor, id, given, call.must_match())
    row = await call.written(queries.PRACTICE, id, **seen_by(call.actor))
    return item(row["version"], row["body"])


@router.patch("/{id}", response_model=Practice, openapi_extra=PATCH_BODY)
async def amend_practice(call: Writes, id: UUID, patch: PracticePatch) -> Response:
    """Change some members (RFC 7396) while it is a draft, returned or to be revised; needs ``If-Match``."""
    await service.amend(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.PRACTICE, id, **seen_by(call.actor))
    return item(row["version"], row["body"])


@router.post("/{id}/transitions", response_model=Practice)
async def take_practice_step(call: Writes, id: UUID, given: PracticeTransition) -> Response:
    """`submit` freezes a version, which is assessed then; `withdraw` takes the practice back for good.

    A draft is taken within the window of an open call; what was returned also after it closed, until its reviewing
    begins; what is to be revised until the call is decided.
    """
    step = service.submit if given.action == "submit" else service.withdraw
    await step(call.session, call.actor, id, reason=given.reason, version=call.if_match())
    row = await call.written(queries.PRACTICE, id, **seen_by(call.actor))
    return item(row["version"], row["body"])
