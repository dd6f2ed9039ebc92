"""The gateway application: layers, routes, and what it opens and closes."""

import argparse
import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api import errors, openapi, uploads
from services.api.auth import Authenticator
from services.api.dispatch import Dispatch
from services.api.limits import RateLimiter
from services.api.middleware import Admission, Context, Gate
from services.api.routes import ROUTERS
from services.api.watch import Watch
from services.core import reactions
from services.core.communities.queries import MEMBERSHIP_FEED
from services.core.kit import log, storage
from services.core.kit.db import Database
from services.core.kit.settings import Settings, require
from services.core.ledger import record, ring


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Each process makes its own; it keeps nothing that another could not know."""
    given = require("gateway", settings)
    record.wire(reactions.REACTIONS)
    storage.hang(storage.open_store(given.evidence_url))
    database = Database(given, application="comphub-gateway")
    limiter = RateLimiter(given.rate_limit, given.redis_url)
    sign_in_limiter = RateLimiter(given.sign_in_rate_limit, given.redis_url, name="sign-in")
    bell = ring.Bell(given, reactions.DOORS)
    watch = Watch(database, MEMBERSHIP_FEED.head, every_s=given.feed_poll_s)
    authenticator = Authenticator(database, cache_s=given.key_cache_s)
    app = Gateway(
        title="ComP Hub",
        version="1.0.0",
        lifespan=_lifespan(database, bell, watch, limiter, sign_in_limiter),
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,
        swagger_ui_oauth2_redirect_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    app.state.database = database
    app.state.settings = given
    app.state.sign_in_limiter = sign_in_limiter
    app.state.watch = watch
    app.state.authenticator = authenticator
    app.state.evidence_places = asyncio.Semaphore(uploads.STORED_AT_ONCE)
    app.state.routers = ROUTERS
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    openapi.install(app, given)
    app.wrap(lambda inner: _layers(inner, settings=given, authenticator=authenticator, limiter=limiter))
    return app


def _lifespan(
    database: Database, bell: ring.Bell, watch: Watch, *limiters: RateLimiter
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What begins with the application, and ends with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ring.hang(bell)
        for limiter in limiters:
            limiter.start()
        yield
        await watch.close()
        for limiter in limiters:
            await limiter.stop()
        ring.hang(None)
        await bell.close()
        await database.close()

    return lifespan


class Gateway(FastAPI):
    """FastAPI inside our own layers, which answer every exception: what it wraps around its routes is not paid for."""

    def wrap(self, layers: Callable[[ASGIApp], ASGIApp]) -> None:
        """Put ``layers`` around everything that FastAPI does for a request."""
        self._wrapped = layers(super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "http":
            scope["app"] = self
            await self._wrapped(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _layers(app: ASGIApp, *, settings: Settings, authenticator: Authenticator, limiter: RateLimiter) -> ASGIApp:
    """The pure ASGI layers, from outside in: Context, Admission, Gate, Dispatch."""
    return Context(Admission(Gate(Dispatch(app, ROUTERS), settings=settings), authenticator=authenticator, limiter=limiter))


class Server(uvicorn.Server):
    """Uvicorn, which waits for requests in progress when it is told to stop: those that only wait for news answer now."""

    def __init__(self, config: uvicorn.Config, watch: Watch) -> None:
        super().__init__(config)
        self._watch = watch

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: nobody waits any more, and every request in progress has its answer."""
        self._watch.wake_all()
        await super().shutdown(sockets)


def _operation_id(route: APIRoute) -> str:
    return route.name


def main() -> None:
    """``python -m services.api.main [--fd N]``: serve until told to stop; ``N`` is a listening socket to inherit."""
    parser = argparse.ArgumentParser(prog="gateway")
    parser.add_argument("--fd", type=int, help="a listening socket that was inherited, shared by several gateways")
    fd = parser.parse_args().fd
    given = require("gateway")
    log.configure("gateway", form=given.log_format, level=given.log_level)
    app = create_app(given)
    gc.freeze()  # what the start made stays: no collection looks at it again, and few are needed
    gc.set_threshold(50_000, 25, 25)
    config = uvicorn.Config(
        app,
        host=given.gateway_host,
        port=given.gateway_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=given.forwarded_allow_ips,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
    )
    Server(config, app.state.watch).run(sockets=None if fd is None else [socket.socket(fileno=fd)])


if __name__ == "__main__":
    main()
