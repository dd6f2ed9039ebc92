"""Rescorings: another version of the rubric over a whole call, and what moved."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, found, listing
from services.api.deps import LanguageQuery
from services.api.languages import negotiate
from services.api.openapi import NEEDS_KEY
from services.api.pictures import LANGUAGES, SVG_ANSWER, answer, drawn_moves
from services.api.route import Route
from services.core.kit.errors import Problem
from services.core.ledger import queries as ledger
from services.core.ledger.schemas import Job
from services.core.practices import queries, service
from services.core.practices.schemas import Rescoring, RescoringCreate

router = APIRouter(prefix="/v1", tags=["calls"], route_class=Route)
Runs = Annotated[Call, Depends(Requires("calls:write"))]


@router.post("/calls/{id}/rescorings", status_code=202, response_model=Job, openapi_extra=NEEDS_KEY)
async def rescore_call(call: Runs, id: UUID, given: RescoringCreate) -> Response:
    """Assess the practices of a call under another version of the rubric as well: a job. Needs an `Idempotency-Key`.

    Each practice that is not withdrawn is taken with its newest assessed submission, in the circumstances of its assessment, so that
    only the rubric differs. The new assessment stands beside the one that counts: no status changes, no letter goes out. One that is
    there already is kept. The job's `result_url` tells what moved.
    """
    if call.key is None:
        raise Problem("idempotency-key-needed", "Send an Idempotency-Key, so that repeating it after a broken connection is safe.")
    job_id = await service.rescore(call.session, call.actor, id, given)
    row = found(await ledger.JOB.one(await call.session.driver(), id=job_id, **ledger.jobs_seen_by(call.actor)))
    headers = {"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"}
    return Response(row["body"].encode(), 202, headers, media_type="application/json")


@router.get("/rescorings/{id}", response_model=Rescoring)
async def get_rescoring(request: Request, call: Runs, id: UUID) -> Response:
    """What moved in a rescoring, once it has ended (of one that failed: in its parts before), for whoever runs the community's calls."""
    async with call.read_own() as connection:
        ended = await queries.ended_rescoring(connection, call.actor, id)
    return listing(request, await asyncio.to_thread(service.report, ended), None)


@router.get("/rescorings/{id}/moved.svg", response_class=Response, responses=SVG_ANSWER)
async def get_rescoring_picture(request: Request, call: Runs, id: UUID, query: Annotated[LanguageQuery, Query()]) -> Response:
    """Where each practice stood and where it would stand, with the bands of both rubrics, as a picture for a phone.

    It is in the language of ``lang``, or else of ``Accept-Language``; for whoever reads the report.
    """
    async with call.read_own() as connection:
        ended = await queries.ended_rescoring(connection, call.actor, id)
    facts = await asyncio.to_thread(service.moved_facts, id, ended)
    return await answer(request, facts, negotiate(query.lang, request.headers.get("accept-language"), LANGUAGES), drawn_moves)
