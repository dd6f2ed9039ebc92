"""The gateway application: layers, routes, and what it opens and closes."""

import argparse
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api import errors, openapi
from services.api.auth import Authenticator
from services.api.dispatch import Dispatch
from services.api.limits import RateLimiter
from services.api.middleware import Admission, Context, Gate
from services.api.routes import ROUTERS
from services.core import reactions
from services.core.kit import log
from services.core.kit.db import Database
from services.core.kit.settings import Settings, require
from services.core.ledger import record, ring


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Each process makes its own; it keeps nothing that another could not know."""
    given = require("gateway", settings)
    record.wire(reactions.REACTIONS)
    database = Database(given, application="comphub-gateway")
    limiter = RateLimiter(given.rate_limit, given.redis_url)
    bell = ring.Bell(given, reactions.DOORS)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ring.hang(bell)
        limiter.start()
        yield
        await limiter.stop()
        ring.hang(None)
        await bell.close()
        await database.close()

    app = Gateway(
        title="ComP Hub",
        version="1.0.0",
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,
        swagger_ui_oauth2_redirect_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    app.state.database = database
    app.state.settings = given
    app.state.routers = ROUTERS
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    openapi.install(app, given)
    app.wrap(lambda inner: _layers(inner, settings=given, database=database, limiter=limiter))
    return app


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


def _layers(app: ASGIApp, *, settings: Settings, database: Database, limiter: RateLimiter) -> ASGIApp:
    """The pure ASGI layers, from outside in: Context, Admission, Gate, Dispatch."""
    authenticator = Authenticator(database, cache_s=settings.key_cache_s)
    return Context(Admission(Gate(Dispatch(app, ROUTERS), settings=settings), authenticator=authenticator, limiter=limiter))


def _operation_id(route: APIRoute) -> str:
    return route.name


def main() -> None:
    """``python -m services.api.main [--fd N]``: serve until told to stop; ``N`` is a listening socket to inherit."""
    parser = argparse.ArgumentParser(prog="gateway")
    parser.add_argument("--fd", type=int, help="a listening socket that was inherited, shared by several gateways")
    fd = parser.parse_args().fd
    given = require("gateway")
    log.configure("gateway", form=given.log_format, level=given.log_level)
    config = uvicorn.Config(
        create_app(given),
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
    uvicorn.Server(config).run(sockets=None if fd is None else [socket.socket(fileno=fd)])


if __name__ == "__main__":
    main()
