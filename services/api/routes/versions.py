"""The versions of a practice: what was handed in each time, and what differs between two of them."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.auth import Requires
from services.api.calls import Call, item, listing
from services.api.deps import PageQuery
from services.api.route import Route
from services.core.practices import queries
from services.core.practices.queries import seen_by
from services.core.practices.schemas import Version, VersionDiff, VersionPage

router = APIRouter(prefix="/v1/practices", tags=["practices"], route_class=Route)
ReadsOwn = Annotated[Call, Depends(Requires("practices:read"))]
_HIGHEST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=_HIGHEST, description="1 is what was handed in first")]


class DiffQuery(BaseModel):
    """What a version is compared with."""

    model_config = ConfigDict(extra="forbid")

    against: int | None = Field(default=None, ge=1, le=_HIGHEST, description="another version; the one before unless told otherwise")


@router.get("/{id}/versions", response_model=VersionPage)
async def list_versions(request: Request, call: ReadsOwn, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of the versions of a practice, oldest first, for its author and the secretariat: one for each time it was handed in."""
    async with call.read() as connection:
        rows = await queries.version_rows(connection, call.actor, id, **query.paging())
    page = await asyncio.to_thread(queries.version_page, rows)  # long versions take a while to compare
    return listing(request, page.body(), page.next_cursor)


@router.get("/{id}/versions/{number}", response_model=Version)
async def get_version(call: ReadsOwn, id: UUID, number: Number) -> Response:
    """What was handed in the n-th time, as it was frozen then."""
    async with call.read() as connection:
        row = await queries.VERSION.one(connection, id=id, number=number, known=call.known_version(), **seen_by(call.actor))
        if row is None:
            raise await queries.missing_version(connection, call.actor, id, number)
    return item(row["number"], row["body"])


@router.get("/{id}/versions/{number}/diff", response_model=VersionDiff)
async def compare_versions(call: ReadsOwn, id: UUID, number: Number, query: Annotated[DiffQuery, Query()]) -> Response:
    """What differs from the version before, or from any other (`against`), and in texts which words.

    The first version is compared with nothing: all that it says was added. Backwards is allowed as well.
    """
    async with call.read() as connection:
        pair = await queries.two_versions(connection, call.actor, id, number, query.against)
    since = pair.since or 0
    is_known = call.known_state() == {"known": number, "known_derived": since}
    body = None if is_known else await asyncio.to_thread(queries.compared, pair)
    return item(number, body, since)
