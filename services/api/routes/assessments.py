"""Assessments of practices: the one that counts, all of them, and what would be found now."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.auth import Requires
from services.api.calls import Call, found, listing
from services.api.deps import PageQuery
from services.api.openapi import MAY_CONFLICT
from services.api.route import Route
from services.core.kit.schema import Code
from services.core.practices import queries, service
from services.core.practices.queries import seen_by
from services.core.practices.schemas import Assessment, AssessmentPage, Readiness

router = APIRouter(prefix="/v1/practices", tags=["practices"], route_class=Route)
ReadsOwn = Annotated[Call, Depends(Requires("practices:read"))]


class AssessmentQuery(BaseModel):
    """Which assessment of a practice."""

    model_config = ConfigDict(extra="forbid")

    number: int | None = Field(default=None, ge=1, le=1_000_000, description="of which submission; the newest that was assessed by default")
    rubric_version: Code | None = Field(default=None, description="under which rubric; the call's own by default")


@router.get("/{id}/assessment", response_model=Assessment)
async def get_assessment(request: Request, call: ReadsOwn, id: UUID, query: Annotated[AssessmentQuery, Query()]) -> Response:
    """The findings and the score of a submission, for its author and the secretariat; 404 while there is none.

    Without parameters the one that counts: of the newest assessed submission, under the rubric of its call.
    """
    async with call.read() as connection:
        row = found(await queries.ASSESSMENT.one(connection, id=id, **query.model_dump(), **seen_by(call.actor)))
    return listing(request, row["body"].encode(), None)


@router.get("/{id}/assessments", response_model=AssessmentPage)
async def list_assessments(request: Request, call: ReadsOwn, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """A page of all assessments of a practice, oldest first: of each submission, and under other rubrics where a call was rescored."""
    async with call.read() as connection:
        page = await queries.assessments(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.get("/{id}/readiness", response_model=Readiness, openapi_extra=MAY_CONFLICT)
async def get_readiness(request: Request, call: ReadsOwn, id: UUID) -> Response:
    """What would be found and scored if the working copy were handed in now, for its author and the secretariat; nothing is stored.

    409 when it does not lie with its author. It does not look for practices with nearly the same text: they are found when it is
    handed in. Whether the call takes it at this moment is another question.
    """
    async with call.read() as connection:
        body = await service.readiness(connection, call.actor, id)
    return listing(request, body, None)
