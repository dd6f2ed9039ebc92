"""Pure ASGI layers around the application, from outside in: Context, Admission, Gate.

Each costs some ten microseconds; Starlette's ``BaseHTTPMiddleware`` would cost three hundred.
"""

import asyncio
import re
import time
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from typing import Any
from weakref import WeakValueDictionary

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api import errors, uploads
from services.api.auth import Authenticator, Requires
from services.api.bodies import collect, replay
from services.api.gate import check_url, parse_json
from services.api.limits import RateLimiter
from services.core.kit.actor import ANONYMOUS, Actor
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.kit.log import logger
from services.core.kit.settings import Settings

_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")
_BATCHES = "/v1/membership/batches"
_UPLOAD_S = 120
_WAIT_S = 10
_BODY = ("comphub.form", "comphub.body", "comphub.json", "comphub.call")
_QUIET = frozenset({"/livez", "/readyz"})
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"vary", b"Accept-Language, Authorization, X-API-Key"),
]
_API_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_DOCS_POLICY = (
    b"content-security-policy",
    (
        b"default-src 'self'; script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net; "
        b"img-src 'self' data: https://fastapi.tiangolo.com; frame-ancestors 'none'"
    ),
)
_CACHE = (b"cache-control", b"private, no-cache")


class Context:
    """Request id, access line, security headers, and the last net under every exception."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if _REQUEST_ID.match(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, request_id, scope)
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            if status:
                raise
            await errors.render(errors.translate(error), scope)(scope, receive, send_on)
        finally:
            if scope["path"] not in _QUIET:
                _access_line(scope, status, time.perf_counter() - started, request_id)


def _add_headers(message: MutableMapping[str, Any], request_id: str, scope: Scope) -> None:
    headers: list[tuple[bytes, bytes]] = list(message["headers"])
    message["headers"] = headers
    names = {name for name, _ in headers}
    headers.append((b"x-request-id", request_id.encode()))
    headers.extend(pair for pair in _SECURITY if pair[0] not in names)
    if _CACHE[0] not in names:
        headers.append(_CACHE)
    if _API_POLICY[0] not in names:
        headers.append(_DOCS_POLICY if scope["path"] == "/docs" else _API_POLICY)
    headers.extend(scope["state"].get("rate_headers", ()))


def _access_line(scope: Scope, status: int, seconds: float, request_id: str) -> None:
    route = scope.get("route")
    actor = scope["state"].get("actor")
    logger.info(
        "request",
        method=scope["method"],
        route=getattr(route, "path", "unmatched"),
        status=status,
        ms=round(seconds * 1000, 2),
        principal=actor.principal if actor else "unknown",
        request_id=request_id,
    )


class Admission:
    """Who calls, and whether they call too often. Liveness and readiness are never limited."""

    def __init__(self, app: ASGIApp, *, authenticator: Authenticator, limiter: RateLimiter) -> None:
        self._app = app
        self._authenticate = authenticator
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope["state"]
        if scope["path"] in _QUIET:
            state["actor"] = ANONYMOUS
            await self._app(scope, receive, send)
            return
        try:
            actor = state["actor"] = await self._authenticate(scope)
        except Problem as problem:
            # An unknown key is limited by address, so that guessing is as slow as knocking.
            state["rate_headers"] = self._limiter.hit(address_of(scope))
            raise problem from None
        principal = actor.principal if actor.kind != "anonymous" else address_of(scope)
        state["rate_headers"] = self._limiter.hit(principal)
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """The name under which what an anonymous caller does is counted."""
    client = scope.get("client")
    return f"address:{client[0] if client else 'unknown'}"


class Gate:
    """Reads the body within its limit, refuses hostile bytes, and hands the parsed JSON on."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._takers = uploads.routes(settings)
        self._places = {each.path: asyncio.Semaphore(each.at_once) for each in self._takers}
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        check_url(scope["raw_path"], scope["query_string"])
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as held:
            held.callback(_forget, scope)
            await self._app(scope, replay(await self._read(scope, receive, held), receive), send)

    async def _read(self, scope: Scope, receive: Receive, held: AsyncExitStack) -> bytes:
        headers = dict(scope["headers"])
        if b"content-encoding" in headers:
            raise Problem("unsupported-media-type", "Compressed request bodies are not accepted.")
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        actor, declared = scope["state"]["actor"], headers.get(b"content-length", b"")
        length = int(declared) if declared.isdigit() else 0
        upload = self._taker(scope) if kind == uploads.KIND else None
        if upload is not None:
            _may_upload(actor, upload.guard)
            await self._take_place(upload, actor, held)
            return await _read_form(scope, receive, headers[b"content-type"], upload, length)
        body = scope["comphub.body"] = await collect(receive, self._limit(scope["path"], actor), length)
        is_form = kind == b"application/x-www-form-urlencoded" and scope["path"].startswith(("/review/", "/sign-in/"))
        if body and not is_form:
            if kind != b"application/json" and not (kind == b"application/merge-patch+json" and scope["method"] == "PATCH"):
                wanted = "application/json, or application/merge-patch+json for PATCH"
                raise Problem("unsupported-media-type", f"Send the body as {wanted}.")
            scope["comphub.json"] = parse_json(body)
        return body

    def _taker(self, scope: Scope) -> uploads.Upload | None:
        """The route that takes this form with a file, if there is one."""
        takers = self._takers if scope["method"] == "POST" else ()
        return next((each for each in takers if each.path.fullmatch(scope["path"])), None)

    async def _take_place(self, upload: uploads.Upload, actor: Actor, held: AsyncExitStack) -> None:
        """A place until the request ends: few are here at once, since each may be in memory several times as long as it is here.

        Nobody takes all of them, and whoever waits for one has sent nothing yet.
        """
        share = self._shares.setdefault(f"{upload.path.pattern} {actor.principal}", asyncio.Semaphore(upload.at_once - 1))
        try:
            async with asyncio.timeout(_WAIT_S):
                await held.enter_async_context(share)
                await held.enter_async_context(self._places[upload.path])
        except TimeoutError as error:
            headers = {"Retry-After": "5", "Connection": "close"}
            raise Problem("unavailable", "Other files are coming in: send this one again in a moment.", headers=headers) from error

    def _limit(self, path: str, actor: Actor) -> int:
        """How long a body may be. Who may send no batches is heard no longer than anybody else, before the guard refuses them."""
        if path == _BATCHES and actor.may("sync:write"):
            return self._settings.batch_body_limit_bytes
        is_practice = path.startswith("/v1/practices")
        return self._settings.practice_body_limit_bytes if is_practice else self._settings.body_limit_bytes


async def _read_form(scope: Scope, receive: Receive, content_type: bytes, upload: uploads.Upload, length: int) -> bytes:
    """The body of a form with a file; none is read for ever."""
    try:
        async with asyncio.timeout(_UPLOAD_S):
            body = await collect(uploads.lively(receive), upload.limit, length, upload.told)
    except TimeoutError as error:
        detail = f"The file stopped coming in, or did not come in within {_UPLOAD_S} s."
        raise Problem("malformed-request", detail, headers={"Connection": "close"}) from error
    form = scope["comphub.form"] = await asyncio.to_thread(uploads.parse, content_type, body)
    scope["comphub.body"] = uploads.same(form)  # a repeat has another boundary, and is the same request
    return b""  # the form is all that a route asks for


def _forget(scope: Scope) -> None:
    """The request has ended. What it sent would stay in memory for as long as anything holds its scope."""
    for name in _BODY:
        scope.pop(name, None)


def _may_upload(actor: Actor, guard: Requires) -> None:
    """Who may not send files is told so before they are read."""
    try:
        guard.admit(actor)
    except Problem as refused:
        refused.headers["Connection"] = "close"
        raise
