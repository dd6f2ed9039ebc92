"""Calls: invitations for practices."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.route import Route
from services.core.practices import queries, schemas, service
from services.core.practices.queries import calls_seen_by

router = APIRouter(prefix="/v1", tags=["calls"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("practices:read", public=True))]
Runs = Annotated[Call, Depends(Requires("calls:write"))]


class CallQuery(PageQuery):
    """Filters of the list."""

    status: schemas.CallStatus | None = None


@router.get("/communities/{id}/calls", response_model=schemas.CallPage)
async def list_calls(request: Request, call: Reads, id: UUID, query: Annotated[CallQuery, Query()]) -> Response:
    """A page of a community's calls in the order of their creation; drafts are shown to the secretariat only."""
    async with call.read() as connection:
        page = await queries.calls(connection, call.actor, id, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.post("/communities/{id}/calls", response_model=schemas.Call, status_code=201)
async def create_call(call: Runs, id: UUID, given: schemas.CallCreate) -> Response:
    """Write a call as a draft; the clock opens it at `opens_at` and closes it at `closes_at`."""
    call_id = await service.create_call(call.session, call.actor, id, given)
    row = await call.written(queries.CALL, call_id, **calls_seen_by(call.actor))
    return created(f"/v1/calls/{call_id}", row["version"], row["body"])


@router.get("/calls/{id}", response_model=schemas.Call)
async def get_call(call: Reads, id: UUID) -> Response:
    """One call; drafts are shown to the secretariat only."""
    async with call.read() as connection:
        row = found(await queries.CALL.one(connection, id=id, known=call.known_version(), **calls_seen_by(call.actor)))
    return item(row["version"], row["body"])


@router.put("/calls/{id}", response_model=schemas.Call)
async def replace_call(call: Runs, id: UUID, given: schemas.CallCreate) -> Response:
    """Give a call a whole new state; an open one keeps its rubric, blindness and opening. Needs ``If-Match``."""
    await service.replace_call(call.session, call.actor, id, given, call.must_match())
    row = await call.written(queries.CALL, id, **calls_seen_by(call.actor))
    return item(row["version"], row["body"])


@router.patch("/calls/{id}", response_model=schemas.Call, openapi_extra=PATCH_BODY)
async def amend_call(call: Runs, id: UUID, patch: schemas.CallPatch) -> Response:
    """Change some members of a call (RFC 7396), such as its deadlines; needs ``If-Match``.

    A date of a running call that moves later takes along, by the same span, the dates that hang on it and were not sent: on `closes_at`
    hang `review_due_at` and (unless answers are due before the call closes) `answer_due_at`, on `answer_due_at` hangs `review_due_at`,
    on each of them its soft date. Requests to reviewers follow.
    """
    await service.amend_call(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.CALL, id, **calls_seen_by(call.actor))
    return item(row["version"], row["body"])


@router.post("/calls/{id}/transitions", response_model=schemas.Call)
async def take_call_step(call: Runs, id: UUID, given: schemas.CallTransition) -> Response:
    """Take a step: `open` (early, it moves `opens_at` to now), `close`, `review`, `decide`, `archive`."""
    await service.take_call_step(call.session, call.actor, id, given, call.if_match())
    row = await call.written(queries.CALL, id, **calls_seen_by(call.actor))
    return item(row["version"], row["body"])
