"""Who am I? For apps that show their user, and for whoever wonders what a key may do."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Response

from services.api.auth import SIGNED_IN, Requires
from services.api.calls import Call
from services.api.route import Route
from services.core.accounts import queries
from services.core.accounts.schemas import Me
from services.core.kit.errors import Problem

router = APIRouter(prefix="/v1/me", tags=["sign-in"], route_class=Route)
SignedIn = Annotated[Call, Depends(Requires(SIGNED_IN))]


@router.get("", response_model=Me)
async def get_me(call: SignedIn) -> Response:
    """Whom the key or session of this request belongs to, what it may do, where, and until when."""
    async with call.read_own() as connection:
        told = await queries.me(connection, call.actor)
    if told is None:
        raise Problem("unauthenticated", "The key or session has ended.")
    return Response(orjson.dumps(told), media_type="application/json")
