"""The page behind a sign-in link.

Scanners may look at it as often as they like: only a form in which a person has ticked a box uses the link up. The access
token that it then shows is for people who try the API by hand; apps send the end of the link to `POST /v1/sessions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Path, Request, Response

from services.api.at_the_door import AtTheDoor
from services.api.calls import Call
from services.api.pages import forms
from services.api.pages.rendering import page
from services.api.pages.route import PageRoute
from services.core.accounts import queries, service
from services.core.accounts.schemas import SignInLinkCreate
from services.core.kit.errors import Problem
from services.core.kit.schema import fits

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Visitor = Annotated[Call, Depends(AtTheDoor())]
Token = Annotated[str, Path(max_length=200)]

_READY, _OVER = 200, 410


@dataclass(frozen=True, slots=True)
class Shown:
    """Which of its states the page shows: ``ready``, ``over``, ``asked`` or ``in``; and what was wrong with a form."""

    state: str
    status: int = _READY
    refused: str = ""


@router.get("/sign-in/{token}")
async def sign_in_page(request: Request, call: Visitor, token: Token) -> Response:
    """Whom the link signs in, and the form that does; or how to get another link."""
    return await _page(request, call, token)


@router.post("/sign-in/{token}")
async def act_on_sign_in_page(request: Request, call: Visitor, token: Token) -> Response:
    """Use the link up and show the access token, once; or send another link."""
    try:
        form = forms.fields(request)
        forms.check_nonce(_secret(request), token, form)
        if form.get("form") == "another":
            return await _send_another(request, call, token, form)
        return await _sign_in(request, call, token, form)
    except Problem as problem:
        await call.abandon()
        is_over = problem.code == "unauthenticated"  # the page tells so in its own words
        return await _page(request, call, token, status=_OVER if is_over else problem.status, refused="" if is_over else problem.detail)


async def _sign_in(request: Request, call: Call, token: str, form: Mapping[str, str]) -> Response:
    if form.get("me") != "yes":
        raise Problem("invalid-body", "Tick the box to say that it is you.")
    settings = request.app.state.settings
    opened = await service.open_session(call.session, token, seconds=settings.session_s)
    row = await call.written(queries.PERSON, opened.person_id)
    context = {"access_token": opened.access_token, "expires_at": opened.expires_at, "public_url": settings.public_url.rstrip("/")}
    return _show(request, token, Shown("in"), person=orjson.loads(row["body"]), **context)


async def _send_another(request: Request, call: Call, token: str, form: Mapping[str, str]) -> Response:
    given = fits(SignInLinkCreate, {"email": form.get("email", "")})
    await service.ask_for_link(call.session, given.email, secret=_secret(request))
    return _show(request, token, Shown("asked", 202))


async def _page(request: Request, call: Call, token: str, *, status: int | None = None, refused: str = "") -> Response:
    """The page as the link stands now."""
    async with call.read_own() as connection:
        for_whom = await queries.link_is_for(connection, token)
    if for_whom is None:
        return _show(request, token, Shown("over", status or _OVER, refused))
    return _show(request, token, Shown("ready", status or _READY, refused), for_whom=for_whom)


def _show(request: Request, token: str, shown: Shown, **context: Any) -> Response:
    action, nonce = f"/sign-in/{quote(token, safe='')}", forms.nonce(_secret(request), token)
    return page("sign_in.html", status=shown.status, state=shown.state, refused=shown.refused, action=action, nonce=nonce, **context)


def _secret(request: Request) -> str:
    key: str = request.app.state.settings.secret_key.get_secret_value()
    return key
