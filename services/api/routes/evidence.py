"""Evidence: the links and files behind what a practice says."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import SIGNED_IN, Requires
from services.api.by_link import ByLink, LinkRoute, unstored
from services.api.calls import Call, created, found, item, listing
from services.api.deps import PageQuery
from services.api.downloads import RESPONSES, TAKES_RANGE, attachment
from services.api.forms import file_and_others
from services.api.route import Route
from services.api.uploads import WAIT_S, Part
from services.core.kit.errors import Problem
from services.core.kit.schema import fits
from services.core.practices import queries, service
from services.core.practices.queries import seen_by
from services.core.practices.schemas import Evidence, EvidenceFileTerms, EvidenceLink, EvidencePage
from services.core.reviews import queries as reviews

router = APIRouter(prefix="/v1", tags=["practices"], route_class=Route)
link_router = APIRouter(prefix="/v1/review-links/{token}", tags=["review-links"], route_class=LinkRoute)
Reads = Annotated[Call, Depends(Requires("practices:read", public=True))]
Writes = Annotated[Call, Depends(Requires("practices:write"))]
Reviews = Annotated[Call, Depends(Requires(SIGNED_IN))]
Holder = Annotated[Call, Depends(ByLink())]

_FORM: dict[str, Any] = {
    "title": "EvidenceFile",
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "with its name; at most 10 MiB"},
        "title": {"type": "string", "maxLength": 200, "description": "the file's name when it is left out"},
        "kind": {"type": "string", "enum": ["file"], "default": "file"},
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": EvidenceLink.model_json_schema()}, "multipart/form-data": {"schema": _FORM}},
    }
}


@router.get("/practices/{id}/evidence", response_model=EvidencePage)
async def list_evidence(request: Request, call: Reads, id: UUID, query: Annotated[PageQuery, Query()]) -> Response:
    """The evidence that will be handed in next, for the author and the secretariat; of a published practice, what was handed in last."""
    async with call.read() as connection:
        page = await queries.evidence(connection, call.actor, id, **query.paging())
    return listing(request, page.body(), page.next_cursor)


@router.post("/practices/{id}/evidence", response_model=Evidence, status_code=201, openapi_extra=_BODY)
async def add_evidence(call: Writes, id: UUID) -> Response:
    """Add a link (JSON) or a file (form), while the practice is a draft, returned or to be revised.

    At most 10 links, and 3 files of 10 MiB: PDF, PNG, JPEG, WebP, CSV, text, and documents of OOXML and OpenDocument. What a file is
    is found by looking into it: one that is something else than its name or its Content-Type says is refused, and so is what holds
    macros, scripts or other archives. In a double-blind call, reviewers see titles, names and files: do not name yourselves in them.
    """
    form = call.request.scope.get("comphub.form")
    if form is None:
        sent: Any = call.request.scope.get("comphub.json")
        given = fits(EvidenceLink, sent)
        evidence_id = await service.add_link(call.session, call.actor, id, given)
    else:
        evidence_id = await _add_file(call, id, form)
    row = await call.written(queries.EVIDENCE, evidence_id, **seen_by(call.actor))
    return created(f"/v1/evidence/{evidence_id}", row["version"], row["body"], row["derived"])


async def _add_file(call: Call, practice_id: UUID, form: Mapping[str, Part]) -> UUID:
    """Look at a file and store it while no connection is held: other writes go on, however long the storage takes."""
    part, others = file_and_others(form)
    terms = fits(EvidenceFileTerms, others)
    await call.abandon()
    places: asyncio.Semaphore = call.request.app.state.evidence_places
    async with AsyncExitStack() as held:
        try:
            async with asyncio.timeout(WAIT_S):
                await held.enter_async_context(places)
        except TimeoutError as error:
            detail = "Other files are being stored: send this one again in a moment."
            raise Problem("unavailable", detail, headers={"Retry-After": "5"}) from error
        file = await asyncio.to_thread(service.examine, part.filename or "", part.kind, part.content)
        await call.resume()
        await service.check_file(call.session, call.actor, practice_id, file)
        await call.abandon()
        evidence_id = await service.store_file(call.session, file)
    await call.resume()
    await service.add_file(call.session, call.actor, practice_id, evidence_id, terms.title, file)
    return evidence_id


@router.get("/evidence/{id}", response_model=Evidence)
async def get_evidence(call: Reads, id: UUID) -> Response:
    """One link or file; what is public is what the newest submission of a published practice holds."""
    async with call.read() as connection:
        row = found(await queries.EVIDENCE.one(connection, id=id, **call.known_state(), **seen_by(call.actor)))
    return item(row["version"], row["body"], row["derived"])


@router.get("/evidence/{id}/content", response_class=Response, responses=RESPONSES, openapi_extra=TAKES_RANGE)
async def get_evidence_content(request: Request, call: Reads, id: UUID) -> Response:
    """The file, to be saved; 404 for a link. `Range` goes on where a broken connection left off."""
    async with call.read() as connection:
        file = await queries.file_of(connection, call.actor, id)
    return await attachment(request, file)


@router.delete("/evidence/{id}", status_code=204)
async def remove_evidence(call: Writes, id: UUID) -> Response:
    """Take it away while the practice is a draft, returned or to be revised; submissions that hold it keep it. Needs ``If-Match``."""
    await service.remove_evidence(call.session, call.actor, id, call.must_match())
    return Response(status_code=204)


@router.get("/review-requests/{id}/evidence/{evidence_id}/content", response_class=Response, responses=RESPONSES, openapi_extra=TAKES_RANGE)
async def get_requested_evidence_content(request: Request, call: Reviews, id: UUID, evidence_id: UUID) -> Response:
    """A file of the submission that a review is asked for, for the reviewer who is signed in and for who assigns reviewers."""
    async with call.read_own() as connection:
        file = await reviews.evidence_of_request(connection, call.actor, id, evidence_id)
    return await attachment(request, file)


@link_router.get("/evidence/{evidence_id}/content", response_class=Response, responses=RESPONSES, openapi_extra=TAKES_RANGE)
async def get_linked_evidence_content(request: Request, call: Holder, token: str, evidence_id: UUID) -> Response:
    """A file of the submission that a review is asked for, for whoever holds the link."""
    async with call.read() as connection:
        file = await reviews.evidence_by_link(connection, token, evidence_id)
    return unstored(await attachment(request, file))
