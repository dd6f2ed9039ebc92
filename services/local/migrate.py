"""Migrations from the command line and from tests: alembic, without an ini file; then the login roles and their rights."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from services.core.kit.connections import driver_url
from services.core.ledger import feed
from services.local import rights, roles

_MIGRATIONS = Path(__file__).parents[2] / "migrations"
_LOCK = 0x636F6D706875
_LOCK_TIMEOUT = "2s"
"""As in the migrations: who cannot have a table at once gives way, or every request would queue behind it."""


class OutOfReach(Exception):
    """The database cannot be spoken to; the message says why, and never the URL: it holds a password."""


def config(url: str) -> Config:
    """Alembic's configuration for the database at ``url``."""
    given = Config()
    given.set_main_option("script_location", str(_MIGRATIONS))
    given.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return given


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` up to ``revision``. Two that start at once do it one after the other."""
    asyncio.run(_with_lock(url, lambda _: asyncio.to_thread(command.upgrade, config(url), revision)))


def bring_up_to_date(url: str, passwords: Mapping[str, str]) -> list[str]:
    """The newest schema, the login roles (with ``passwords`` where they are given) and their rights; a new epoch after a restore.

    Answers, in sentences, what this login may not do and somebody must do by hand.
    """
    said: list[str] = []

    async def work(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        await asyncio.to_thread(command.upgrade, config(url), "head")
        said.extend(await secure(connection, passwords))
        await feed.renew_epoch(connection)

    asyncio.run(_with_lock(url, work))
    return said


async def secure(connection: "asyncpg.Connection[asyncpg.Record]", passwords: Mapping[str, str]) -> list[str]:
    """Make the login roles, give the owner what is its own and the services their rights, in one transaction."""
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        said = [*await roles.make(connection, passwords), *await roles.give_to_owner(connection)]
        await rights.settle(connection)
    return said


async def _with_lock(url: str, work: "Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[None]]") -> None:
    try:
        connection = await asyncpg.connect(driver_url(url))
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise OutOfReach(f"The database at DATABASE_URL is out of reach: {str(error) or type(error).__name__}") from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await work(connection)
    finally:
        await connection.close()
