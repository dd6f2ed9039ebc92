"""Peer review as secretariat and authors see it: assignments, requests, reviews of a practice, decisions."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, found, item, listing
from services.api.deps import PageQuery
from services.api.route import Route
from services.core.reviews import queries, service
from services.core.reviews.schemas import (
    Assignment,
    Decision,
    DecisionCreate,
    PracticeReviewPage,
    RequestTransition,
    Review,
    ReviewRequest,
    ReviewRequestPage,
)

router = APIRouter(prefix="/v1", tags=["reviews"], route_class=Route)
Assigns = Annotated[Call, Depends(Requires("assignments:write", everywhere=True))]
Decides = Annotated[Call, Depends(Requires("practices:decide"))]
Reads = Annotated[Call, Depends(Requires("practices:read"))]


class ReviewRequestQuery(PageQuery):
    """Filters of the list."""

    call_id: UUID | None = None
    practice_id: UUID | None = None
    status: Literal["pending", "invited", "accepted", "submitted", "declined", "replaced", "expired", "cancelled"] | None = None


@router.get("/calls/{id}/assignments", response_model=Assignment)
async def get_assignment(call: Assigns, id: UUID) -> Response:
    """Who reviews what in a call and why, what stayed unfilled in the last run, and who stands by."""
    async with call.read() as connection:
        body = found(await queries.assignment(connection, id))
    return Response(body.encode(), media_type="application/json")


@router.get("/review-requests", response_model=ReviewRequestPage)
async def list_review_requests(request: Request, call: Assigns, query: Annotated[ReviewRequestQuery, Query()]) -> Response:
    """A page of review requests."""
    async with call.read() as connection:
        page = await queries.REQUESTS.page(connection, call.actor, **query.paging(), filters=query.filters())
    return listing(request, page.body(), page.next_cursor)


@router.get("/review-requests/{id}", response_model=ReviewRequest)
async def get_review_request(call: Assigns, id: UUID) -> Response:
    """One review request."""
    async with call.read() as connection:
        row = found(await queries.DETAIL.one(connection, id=id, known=call.known_version()))
    return item(row["version"], row["body"])


@router.post("/review-requests/{id}/transitions", response_model=ReviewRequest)
async def answer_review_request(call: Assigns, id: UUID, given: RequestTransition) -> Response:
    """Enter what a reviewer answered by another way; the reason is kept."""
    await service.answer_for(call.session, call.actor, id, given, call.if_match())
    row = await call.written(queries.DETAIL, id)
    return item(row["version"], row["body"])


@router.get("/review-requests/{id}/review", response_model=Review)
async def get_requested_review(call: Assigns, id: UUID) -> Response:
    """The review that a request led to, draft or final."""
    async with call.read() as connection:
        row = found(await queries.REVIEW.one(connection, id=id))
    return item(row["version"], None if call.known_version() == row["version"] else row["body"])


@router.get("/practices/{id}/reviews", response_model=PracticeReviewPage)
async def list_practice_reviews(request: Request, call: Reads, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """The reviews of a practice: for its author those that were released, without who wrote them; for the secretariat all."""
    async with call.read() as connection:
        page = await queries.practice_reviews(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.post("/practices/{id}/decision", response_model=Decision)
async def decide_practice(call: Decides, id: UUID, given: DecisionCreate) -> Response:
    """Decide a practice whose reviews do not (`needs_decision`); its author learns of it at the release."""
    round_ = await service.decide(call.session, call.actor, id, given)
    row = await call.written(queries.DECISION, id, round=round_)
    return Response(row["body"].encode(), media_type="application/json")
