"""Review links: what the reviewer's page is made of, for apps that show it themselves. The token in the path is the right."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Response

from services.api.by_link import ByLink, LinkRoute, unstored
from services.api.calls import Call, found, item
from services.api.openapi import OPTIONAL
from services.core.reviews import queries, service
from services.core.reviews.schemas import RequestTransition, Review, ReviewAnswered, ReviewBrief, ReviewPut

router = APIRouter(prefix="/v1/review-links/{token}", tags=["review-links"], route_class=LinkRoute)
Holder = Annotated[Call, Depends(ByLink())]
Secret = Annotated[str | None, Header(alias="X-Review-Session", max_length=200, description="what accepting answered as `review_session`")]

_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_LATE: dict[int | str, dict[str, Any]] = {410: {"description": "The deadline has passed.", **_PROBLEM}}


@router.get("", response_model=ReviewBrief)
async def get_review_link(call: Holder, token: str) -> Response:
    """What is asked of the reviewer, why, until when, and the practice as it was handed in; never a review."""
    async with call.read() as connection:
        brief = await queries.brief(connection, token)
    version: int = brief.body["version"]
    is_known = call.known_version() == version
    return unstored(item(version, None if is_known else orjson.dumps(brief.body).decode()))


@router.post("/transitions", response_model=ReviewAnswered, responses=_LATE)
async def answer_review_link(call: Holder, token: str, given: RequestTransition) -> Response:
    """Accept or decline; may be changed until `answer_due_at`. Accepting answers the review session, which is shown this once."""
    opened = await service.answer_by_link(call.session, token, given, call.if_match())
    await call.session.flush()
    brief = await queries.brief(await call.session.driver(), token)
    body: dict[str, Any] = dict(brief.body)
    if opened is not None:
        body |= {"review_session": opened.secret, "review_session_expires_at": opened.expires_at}
    return unstored(item(body["version"], orjson.dumps(body).decode()))


@router.get("/review", response_model=Review)
async def get_linked_review(call: Holder, token: str, secret: Secret = None) -> Response:
    """The reviewer's own review; needs the review session."""
    request_id = await service.request_in_session(call.session, token, secret)
    row = found(await queries.REVIEW.one(await call.session.driver(), id=request_id))
    return unstored(item(row["version"], None if call.known_version() == row["version"] else row["body"]))


@router.put("/review", response_model=Review, openapi_extra={"x-needs-if-match": OPTIONAL})
async def write_linked_review(call: Holder, token: str, given: ReviewPut, secret: Secret = None) -> Response:
    """Save a draft, or hand in the final review; needs the review session, and `If-Match` once a draft is stored."""
    request_id = await service.write_by_link(call.session, token, secret, given, call.must_match)
    await call.session.flush()
    row = found(await queries.REVIEW.one(await call.session.driver(), id=request_id))
    return unstored(item(row["version"], row["body"]))
