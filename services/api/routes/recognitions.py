"""Recognitions, and the check of their codes, which is open to everyone."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.api.auth import Open, Requires
from services.api.calls import Call, found, item, listing
from services.api.deps import PageQuery
from services.api.route import Route
from services.core.recognition import queries, service
from services.core.recognition.schemas import Recognition, RecognitionPage, RecognitionTransition, Verification

router = APIRouter(prefix="/v1", tags=["recognitions"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("recognitions:read", public=True))]
Admin = Annotated[Call, Depends(Requires("recognitions:revoke", everywhere=True))]
Anyone = Annotated[Call, Depends(Open())]
CodeInPath = Annotated[str, Path(max_length=40)]


class RecognitionQuery(PageQuery):
    """Filters of the list."""

    call_id: UUID | None = None
    jurisdiction_id: UUID | None = None
    theme: (
        Literal["circular_economy", "energy_transition", "sustainable_urban_planning", "resilient_mobility", "innovative_finance"] | None
    ) = None
    level: Literal["recognised", "commended"] | None = None


def _public_url(request: Request) -> str:
    url: str = request.app.state.settings.public_url
    return url


@router.get("/recognitions", response_model=RecognitionPage)
async def list_recognitions(request: Request, call: Reads, query: Annotated[RecognitionQuery, Query()]) -> Response:
    """A page of recognitions in the order in which they were granted."""
    async with call.read() as connection:
        page = await queries.page(connection, call.actor, **query.paging(), filters=query.filters(), public_url=_public_url(request))
    return listing(request, page.body(), page.next_cursor)


@router.get("/recognitions/{id}", response_model=Recognition)
async def get_recognition(request: Request, call: Reads, id: UUID) -> Response:
    """One recognition."""
    async with call.read() as connection:
        row = found(await queries.DETAIL.one(connection, id=id, known=call.known_version(), public_url=_public_url(request)))
    return item(row["version"], row["body"])


@router.post("/recognitions/{id}/transitions", response_model=Recognition)
async def change_recognition(request: Request, call: Admin, id: UUID, given: RecognitionTransition) -> Response:
    """Revoke a recognition: its code is answered as not valid from then on."""
    await service.revoke(call.session, call.actor, id, given.reason, call.if_match())
    row = await call.written(queries.DETAIL, id, public_url=_public_url(request))
    return item(row["version"], row["body"])


@router.get("/verify/{code}", response_model=Verification)
async def verify(request: Request, call: Anyone, code: CodeInPath) -> Response:
    """Whether a code stands for a recognition that is valid now; 404 when it stands for none."""
    async with call.read() as connection:
        body = await queries.verification(connection, code, public_url=_public_url(request))
    return Response(body.encode(), media_type="application/json")
