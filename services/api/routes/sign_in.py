"""Signing in and out: a link comes by letter, and becomes a session once."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from services.api.at_the_door import AtTheDoor
from services.api.auth import SIGNED_IN, Requires
from services.api.by_link import LinkRoute, unstored
from services.api.calls import Call
from services.core.accounts import queries, service
from services.core.accounts.schemas import Session, SessionCreate, SignInLinkAsked, SignInLinkCreate

router = APIRouter(prefix="/v1", tags=["sign-in"], route_class=LinkRoute)
Visitor = Annotated[Call, Depends(AtTheDoor())]
SignedIn = Annotated[Call, Depends(Requires(SIGNED_IN))]

_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_NO_SESSION: dict[int | str, dict[str, Any]] = {404: {"description": "The caller acts through a key, not a session.", **_PROBLEM}}
ASKED = b'{"detail":"If this address is known, a letter with a sign-in link is on its way."}'


@router.post("/sign-in-links", response_model=SignInLinkAsked, status_code=202)
async def ask_for_sign_in_link(request: Request, call: Visitor, given: SignInLinkCreate) -> Response:
    """Have a sign-in link sent by letter, at most one in a minute. The answer is the same whether the address is known or not."""
    await service.ask_for_link(call.session, given.email, secret=request.app.state.settings.secret_key.get_secret_value())
    return Response(ASKED, 202, media_type="application/json")


@router.post("/sessions", response_model=Session, status_code=201)
async def open_session(request: Request, call: Visitor, given: SessionCreate) -> Response:
    """Sign in with the secret at the end of a link (`/sign-in/{token}`), which works once. The access token is shown this once."""
    opened = await service.open_session(call.session, given.token, seconds=request.app.state.settings.session_s)
    row = await call.written(queries.PERSON, opened.person_id)
    session = {"access_token": opened.access_token, "token_type": "Bearer", "expires_at": opened.expires_at}
    body = orjson.dumps(session | {"person": orjson.loads(row["body"])}, option=orjson.OPT_UTC_Z)
    return unstored(Response(body, 201, media_type="application/json"))


@router.delete("/sessions/current", status_code=204, responses=_NO_SESSION, openapi_extra={"x-needs-if-match": False})
async def close_session(call: SignedIn) -> Response:
    """Sign out: the session that this request came with is refused within a second."""
    await service.close_session(call.session, call.actor)
    return Response(status_code=204)
