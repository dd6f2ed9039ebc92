"""The audit: what happened, who did it, through what, and why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from services.api.auth import Requires
from services.api.calls import Call, listing
from services.api.deps import PageQuery
from services.api.route import Route
from services.core.kit.schema import Moment
from services.core.ledger.history import audit
from services.core.ledger.schemas import AuditPage

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("audit:read"))]


class AuditQuery(PageQuery):
    """Filters of the list."""

    subject: UUID | None = Field(default=None, description="the id of what it was done to")
    actor: Annotated[str, Query(max_length=200, description="an actor's id, or `kind:id`")] | None = None
    type: Annotated[str, Query(max_length=80, description="a type of event, such as `membership.status_changed`")] | None = None
    since: Moment | None = Field(default=None, description="from this instant on")
    until: Moment | None = Field(default=None, description="before this instant")


@router.get("", response_model=AuditPage)
async def list_audit(request: Request, call: Reads, query: Annotated[AuditQuery, Query()]) -> Response:
    """A page of what happened, oldest first, as far as you may know of it: everything, your community's, or your jurisdiction's."""
    async with call.read() as connection:
        page = await audit(connection, call.actor, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)
