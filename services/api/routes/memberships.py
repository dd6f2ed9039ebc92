"""Memberships: expressions of interest, their steps, their agreements and their history."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PATCH_BODY, PageQuery
from services.api.openapi import OPTIONAL
from services.api.route import Route
from services.core.communities import queries, service
from services.core.communities.queries import seen_by
from services.core.communities.schemas import (
    Agreement,
    AgreementPut,
    Kind,
    Membership,
    MembershipCreate,
    MembershipHistoryPage,
    MembershipPage,
    MembershipPatch,
    MembershipTransition,
    Status,
)

router = APIRouter(prefix="/v1", tags=["memberships"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("memberships:read", public=True))]
ReadsOwn = Annotated[Call, Depends(Requires("memberships:read"))]
Writes = Annotated[Call, Depends(Requires("memberships:write"))]


class MembershipQuery(PageQuery):
    """Filters of the list."""

    status: Status | None = None
    kind: Kind | None = None
    jurisdiction_id: UUID | None = None


@router.get("/communities/{id}/memberships", response_model=MembershipPage)
async def list_memberships(request: Request, call: Reads, id: UUID, query: Annotated[MembershipQuery, Query()]) -> Response:
    """A page of memberships: active ones are public; a key sees those of its jurisdictions in every state."""
    async with call.read() as connection:
        page = await queries.memberships(connection, call.actor, id, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.post("/communities/{id}/memberships", response_model=Membership, status_code=201)
async def draft_membership(call: Writes, id: UUID, given: MembershipCreate) -> Response:
    """Draft a membership for a jurisdiction; `submit` expresses its interest."""
    membership_id = await service.draft_membership(call.session, call.actor, id, given)
    row = await call.written(queries.MEMBERSHIP, membership_id, **seen_by(call.actor))
    return created(f"/v1/memberships/{membership_id}", row["version"], row["body"])


@router.get("/memberships/{id}", response_model=Membership)
async def get_membership(call: Reads, id: UUID) -> Response:
    """One membership; `expression` is there for the jurisdiction itself and the secretariat only."""
    async with call.read() as connection:
        row = found(await queries.MEMBERSHIP.one(connection, id=id, known=call.known_version(), **seen_by(call.actor)))
    return item(row["version"], row["body"])


@router.patch("/memberships/{id}", response_model=Membership, openapi_extra=PATCH_BODY)
async def amend_membership(call: Writes, id: UUID, patch: MembershipPatch) -> Response:
    """Change kind and expression (RFC 7396) while it is a draft or was returned; needs ``If-Match``."""
    await service.amend_membership(call.session, call.actor, id, patch, call.must_match())
    row = await call.written(queries.MEMBERSHIP, id, **seen_by(call.actor))
    return item(row["version"], row["body"])


@router.post("/memberships/{id}/transitions", response_model=Membership)
async def take_membership_step(call: Writes, id: UUID, given: MembershipTransition) -> Response:
    """Take a step: `submit`, `sign`, `withdraw` and `renew` are the member's, the others the secretariat's.

    `renew` needs `community_id` and answers the new draft, with its address in `Location`.
    """
    written = await service.take_step(call.session, call.actor, id, given, call.if_match())
    row = await call.written(queries.MEMBERSHIP, written, **seen_by(call.actor))
    answer = item(row["version"], row["body"])
    if written != id:
        answer.headers["Location"] = f"/v1/memberships/{written}"
    return answer


@router.get("/memberships/{id}/history", response_model=MembershipHistoryPage)
async def list_membership_history(request: Request, call: ReadsOwn, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """What happened to a membership, oldest first: who, when, what and why. For the jurisdiction itself and the secretariat."""
    async with call.read() as connection:
        page = await queries.history(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.get("/memberships/{id}/agreement", response_model=Agreement)
async def get_agreement(call: ReadsOwn, id: UUID) -> Response:
    """The agreement of a membership; 404 while there is none."""
    async with call.read() as connection:
        row = found(await queries.AGREEMENT.one(connection, id=id, known=call.known_version(), **seen_by(call.actor)))
    return item(row["version"], row["body"])


@router.put("/memberships/{id}/agreement", response_model=Agreement, openapi_extra={"x-needs-if-match": OPTIONAL})
async def put_agreement(call: Writes, id: UUID, given: AgreementPut) -> Response:
    """Write the agreement: each party its own signatures. The first PUT needs no ``If-Match``, later ones do."""
    matches = "if-match" in call.request.headers
    await service.put_agreement(call.session, call.actor, id, given, version=call.if_match(), matches=matches)
    row = await call.written(queries.AGREEMENT, id, **seen_by(call.actor))
    return item(row["version"], row["body"])
