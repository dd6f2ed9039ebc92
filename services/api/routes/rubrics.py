"""The rubrics: what earns points, for everyone to read and to compute again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, listing
from services.api.route import Route
from services.core.kit.schema import Code
from services.core.practices import queries
from services.core.practices.schemas import Rubric, RubricPage

router = APIRouter(prefix="/v1/rubrics", tags=["practices"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("practices:read", public=True))]


@router.get("", response_model=RubricPage)
async def list_rubrics(request: Request, _: Reads) -> Response:
    """All published versions of the rubric, oldest first; a new call takes the newest unless it names another."""
    return listing(request, queries.rubrics(), None)


@router.get("/{version}", response_model=Rubric)
async def get_rubric(request: Request, _: Reads, version: Annotated[Code, Path()]) -> Response:
    """One version of the rubric, whole. It never changes once it is published."""
    return listing(request, queries.rubric_body(version), None)
