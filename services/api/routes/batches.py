"""Batches: registries hand over what they know of their members."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Response

from services.api.auth import Requires
from services.api.calls import Call, found
from services.api.openapi import NEEDS_KEY
from services.api.route import Route
from services.core.kit.errors import Problem
from services.core.ledger import jobs, queries
from services.core.ledger.schemas import Job
from services.core.sync import service
from services.core.sync.schemas import BatchCreate, BatchResult

router = APIRouter(prefix="/v1/membership/batches", tags=["sync"], route_class=Route)
Syncs = Annotated[Call, Depends(Requires("sync:write"))]
_JOB: dict[int | str, dict[str, Any]] = {202: {"model": Job, "description": "More than 500 items: a job, to be watched at `Location`."}}


@router.post("", response_model=BatchResult, responses=_JOB, openapi_extra=NEEDS_KEY)
async def create_batch(call: Syncs, given: BatchCreate) -> Response:
    """Create or update many jurisdictions, their standing and their representatives, by their ids in a registry.

    Up to 500 items are answered at once; more (up to 50,000) become a job. The items are judged one by one: a bad one never
    fails the request, and its result says why. An `external_id` that occurs twice counts once; each further occurrence is an
    error. Repeating what is stored already changes nothing. Needs an `Idempotency-Key`.
    """
    if call.key is None:
        raise Problem(
            "idempotency-key-needed", "Send an Idempotency-Key with a batch, so that repeating it after a broken connection is safe."
        )
    done = await service.take(call.session, call.actor, given)
    if isinstance(done, bytes):
        return Response(done, 200, media_type="application/json")
    row = found(await queries.JOB.one(await call.session.driver(), id=done, **queries.jobs_seen_by(call.actor)))
    headers = {"Location": f"/v1/jobs/{done}", "Retry-After": "1"}
    return Response(row["body"].encode(), 202, headers, media_type="application/json")


@router.get("/{id}", response_model=BatchResult)
async def get_batch(call: Syncs, id: UUID) -> Response:
    """The results of a batch that was a job, once that has ended; of one that failed, what its parts did before."""
    async with call.read_own() as connection:
        row = found(await queries.JOB.one(connection, id=id, **queries.jobs_seen_by(call.actor)))
        if row["kind"] not in service.KINDS or not row["has_ended"]:
            found(None)
        parts = await jobs.results(connection, id)
    body = service.result(service.terms_of(orjson.loads(row["params"])), orjson.loads(row["outcome"]), parts)
    return Response(body, media_type="application/json")
