"""What every test stands on: real PostgreSQL and Redis, a fresh database per test, the application, and its handlers.

Each part logs in as it does in an installation: the gateway as cop_api and cop_author, handlers as cop_worker and
cop_notifier. What looks behind the contract logs in as cop_owner.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import hypothesis
import pytest
from fastapi import FastAPI

from services.api.main import create_app
from services.core.kit.db import Database
from services.core.kit.settings import Settings
from services.local import grants, roles
from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis
from services.local.migrate import bring_up_to_date
from tests.fixtures.house import House, Logins
from tests.fixtures.statements import Counter, counter

__all__ = ["Counter", "counter"]
"""Fixtures of other modules that every test may ask for."""

# No test asserts on time: a busy machine makes no law untrue.
hypothesis.settings.register_profile(
    "comphub", parent=hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("comphub")

TEMPLATE = "comphub_template"
PASSWORD = "a password of the tests only"
"""The same in every run: two runs on one server do not lock each other out."""


@pytest.fixture(scope="session")
def engines() -> Iterator[tuple[str, str]]:
    """URLs of a PostgreSQL server (with its superuser) and a Redis; real ones, ours unless the environment names others."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    with tempfile.TemporaryDirectory(prefix="comphub-test-", ignore_cleanup_errors=True) as folder:
        postgres, redis = Postgres(Path(folder) / "postgres", fsync=False), Redis(Path(folder) / "redis")
        try:
            if not given[0]:
                postgres.start()
            if not given[1]:
                redis.start()
            yield given[0] or postgres.url("postgres"), given[1] or redis.url()
        finally:
            redis.stop()
            postgres.stop()


@pytest.fixture(scope="session")
def template(engines: tuple[str, str]) -> str:
    """The URL of the server's own database, once a migrated template stands beside it, made by its owner."""
    server = engines[0]
    asyncio.run(_make_template(server))
    assert bring_up_to_date(login(_named(server, TEMPLATE), grants.OWNER), {}) == []
    return server


def login(url: str, role: str) -> str:
    """``url`` as one of our login roles."""
    return roles.url_as(url, role, PASSWORD)


async def _make_template(server: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await roles.make(connection, dict.fromkeys(grants.ROLES, PASSWORD))
        await connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        await connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {grants.OWNER}")
    finally:
        await connection.close()


def _named(server: str, database: str) -> str:
    """``server``'s URL with another database name."""
    head, _, query = server.partition("?")
    base = head.rpartition("/")[0]
    return f"{base}/{database}" + (f"?{query}" if query else "")


@pytest.fixture
async def database_url(template: str) -> AsyncIterator[str]:
    """A fresh, migrated database of this test's own, as its owner."""
    name = f"t_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(template)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY OWNER {grants.OWNER}")
        yield login(_named(template, name), grants.OWNER)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture
def logins(database_url: str) -> Logins:
    """The test's database as each part of the house logs in to it."""
    return Logins(*(login(database_url, role) for role in grants.ROLES))


@pytest.fixture
def settings(logins: Logins, engines: tuple[str, str], tmp_path: Path) -> Settings:
    """Settings of a test installation's gateway: short waits, no limits that tests would meet by accident."""
    return Settings(
        database_url=logins.api,
        author_database_url=logins.author,
        redis_url=engines[1],
        smtp_url="smtp://127.0.0.1:9",
        secret_key="a secret for tests only, long enough",  # type: ignore[arg-type]
        environment="test",
        public_url="http://comphub.test",
        rate_limit="1000000/minute",
        sign_in_rate_limit="1000000/minute",
        database_pool_timeout_s=10,  # a machine that is busy with other tests is not a database that is away
        sweep_s=1,
        task_lease_s=5,
        retry_first_s=0.2,
        retry_ceiling_s=1,
        release_tick_s=1,
        letter_retry_s=0.2,
        evidence_url=(tmp_path / "evidence").as_uri(),
    )


@pytest.fixture
async def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The gateway, opened."""
    monkeypatch.setattr("services.core.kit.settings.settings", lambda: settings)
    for module in ("services.api.errors", "services.core.kit.pages", "services.core.ledger.idempotency"):
        monkeypatch.setattr(f"{module}.settings", lambda: settings)
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def database(house: House) -> Database:
    """The database as its owner, to look behind the contract."""
    return house.database


@pytest.fixture
async def house(app: FastAPI, settings: Settings, logins: Logins) -> AsyncIterator[House]:
    """The whole house in one process: HTTP clients, and handlers that run when a test says so."""
    made = await House.open(app, settings, logins)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def anonymous(house: House) -> httpx.AsyncClient:
    """A client without credentials."""
    return house.client(None)


@pytest.fixture
async def admin(house: House) -> httpx.AsyncClient:
    """The secretariat's client."""
    return house.admin
