"""Migrations from the command line and from tests: alembic, without an ini file."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from services.core.kit.db import driver_url

_MIGRATIONS = Path(__file__).parents[2] / "migrations"
_LOCK = 0x636F6D706875


def config(url: str) -> Config:
    """Alembic's configuration for the database at ``url``."""
    given = Config()
    given.set_main_option("script_location", str(_MIGRATIONS))
    given.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return given


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` up to ``revision``. Two that start at once do it one after the other."""
    asyncio.run(_with_lock(url, lambda: command.upgrade(config(url), revision)))


async def _with_lock(url: str, work: object) -> None:
    connection = await asyncpg.connect(driver_url(url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await asyncio.to_thread(work)  # type: ignore[arg-type]
    finally:
        await connection.close()
