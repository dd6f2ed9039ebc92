"""Long work, as whoever started it watches it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.api.auth import SIGNED_IN, Requires
from services.api.calls import Call, found
from services.api.route import Route
from services.core.ledger import queries
from services.core.ledger.schemas import Job

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=Route)
Known = Annotated[Call, Depends(Requires(SIGNED_IN))]


@router.get("/{id}", response_model=Job)
async def get_job(call: Known, id: UUID) -> Response:
    """A job that you started: how far it is, and where its result is. A finished one stays 200; an operator sees all."""
    async with call.read_own() as connection:
        row = found(await queries.JOB.one(connection, id=id, **queries.jobs_seen_by(call.actor)))
    return Response(row["body"].encode(), media_type="application/json")
