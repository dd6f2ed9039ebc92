"""Change feeds: what other systems follow to hold the same state as we do."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.auth import Requires
from services.api.calls import Call, listing
from services.api.route import Route
from services.api.watch import Watch
from services.core.communities import queries
from services.core.communities.schemas import MembershipChanges
from services.core.kit.pages import DEFAULT_LIMIT, MAX_LIMIT
from services.core.ledger.feed import Changes

router = APIRouter(prefix="/v1", tags=["sync"], route_class=Route)
FOLLOWS = Requires("memberships:read")
Follows = Annotated[Call, Depends(FOLLOWS)]

WAIT_MAX_S = 30
EXPIRED: dict[int | str, dict[str, Any]] = {
    410: {
        "description": "The cursor cannot be followed any more: keep `as_of`, read the lists that `resync` names, go on from `as_of`.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


class FeedQuery(BaseModel):
    """Where to go on, how much, and how long to wait for news."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=1000, description="`next_cursor` of the answer before; none: from the beginning")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="how many events to look at; one resource is told once")
    wait: int = Field(default=0, ge=0, le=WAIT_MAX_S, description="seconds to wait while there is nothing new")


@router.get("/membership/changes", response_model=MembershipChanges, responses=EXPIRED)
async def list_membership_changes(request: Request, call: Follows, query: Annotated[FeedQuery, Query()]) -> Response:
    """What changed in jurisdictions, memberships and representatives since the cursor, as you may see it now.

    Apply the items in their order and go on with `next_cursor`, also after an empty page: what you hold is then what GET
    answers you. Several changes of one resource within a page are told once. `wait` makes it a long poll.
    """
    answer = await _news(request, call, query)
    return listing(request, answer.body(), None)


async def _news(request: Request, call: Call, query: FeedQuery) -> Changes:
    watch: Watch = request.app.state.watch

    async def ask() -> Changes:
        # who has waited may have lost their key or their rights meanwhile (within a second, the answer is remembered)
        actor = await request.app.state.authenticator(request.scope) if query.wait else call.actor
        FOLLOWS.admit(actor)
        async with call.read() as connection:
            return await queries.membership_changes(connection, actor, cursor=query.cursor, limit=query.limit)

    return await watch.follow(request, ask, query.wait)
