"""The gateway application: layers, routes, and what it opens and closes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from services.api import errors, openapi
from services.api.auth import Authenticator
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
        await database.open()
        ring.hang(bell)
        limiter.start()
        yield
        await limiter.stop()
        ring.hang(None)
        await bell.close()
        await database.close()

    app = FastAPI(
        title="ComP Hub",
        version="1.0.0",
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
    )
    app.state.database = database
    app.state.settings = given
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    openapi.install(app, given)
    app.add_middleware(_layers, settings=given, database=database, limiter=limiter)
    return app


def _layers(app: ASGIApp, *, settings: Settings, database: Database, limiter: RateLimiter) -> ASGIApp:
    """The pure ASGI layers, from outside in: Context, Admission, Gate."""
    authenticator = Authenticator(database, cache_s=settings.key_cache_s)
    return Context(Admission(Gate(app, settings=settings), authenticator=authenticator, limiter=limiter))


def _operation_id(route: APIRoute) -> str:
    return route.name


def serve() -> FastAPI:
    """The application of a production process (uvicorn's factory)."""
    given = require("gateway")
    log.configure("gateway", form=given.log_format, level=given.log_level)
    return create_app(given)
