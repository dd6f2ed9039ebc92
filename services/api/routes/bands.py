"""Bands: how much a jurisdiction discloses."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.api.auth import Requires
from services.api.calls import Call, listing
from services.api.route import Route
from services.core.commitments import service
from services.core.commitments.schemas import Band

router = APIRouter(prefix="/v1/jurisdictions", tags=["commitments"], route_class=Route)
Reads = Annotated[Call, Depends(Requires("jurisdictions:read", public=True))]


@router.get("/{id}/band", response_model=Band)
async def get_band(request: Request, call: Reads, id: UUID) -> Response:
    """The band of all that a jurisdiction discloses in public, with the reason for each point and what is missing for the next band."""
    async with call.read() as connection:
        body = await service.band(connection, id)
    return listing(request, body, None)
