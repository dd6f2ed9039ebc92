"""What a local stack needs once and keeps in its data folder: its database and logins, its secret, its admin key."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.core import reactions
from services.core.accounts import queries, service
from services.core.accounts.schemas import ApiClientCreate
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Database
from services.core.kit.settings import Settings
from services.core.ledger import record
from services.local import roles
from services.local.engines.postgres import Postgres
from services.local.engines.private_files import password_kept_in, read_if_there, write_private
from services.local.grants import API, AUTHOR, NOTIFIER, OWNER, ROLES, WORKER

DATABASE = "comphub"
_SECRET, _ADMIN_KEY = "secret", "admin.key"


@dataclass(frozen=True, slots=True)
class Logins:
    """The stack's database as each of its parts logs in to it."""

    owner: str
    api: str
    author: str
    worker: str
    notifier: str

    @classmethod
    def alike(cls, url: str, *, author: str = "") -> "Logins":
        """One URL for all (``author`` may have its own): a server that was given to us has the logins that its people make."""
        return cls(url, url, author or url, url, url)


async def make_database(engine: Postgres) -> Logins:
    """Make the logins and the database on the stack's own server, where they are not there yet.

    The passwords stay in the engine's folder. A database of the versions before there were roles is given to its owner.
    """
    passwords = {role: password_kept_in(engine.data_dir / f"{role}.password") for role in ROLES}
    connection = await asyncpg.connect(engine.url())
    try:
        await roles.make(connection, passwords)
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'ALTER DATABASE "{DATABASE}" OWNER TO {OWNER}')
        else:
            await connection.execute(f'CREATE DATABASE "{DATABASE}" OWNER {OWNER}')
    finally:
        await connection.close()
    await _give_to_owner(engine.url(DATABASE))
    return Logins(*(engine.url(DATABASE, role, passwords[role]) for role in (OWNER, API, AUTHOR, WORKER, NOTIFIER)))


async def _give_to_owner(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await roles.give_to_owner(connection)
    finally:
        await connection.close()


def secret_of(data_dir: Path) -> str:
    """The stack's own secret key, made at its first start."""
    kept = read_if_there(data_dir / _SECRET)
    if kept is None:
        kept = secrets.token_urlsafe(32)
        write_private(data_dir / _SECRET, kept)
    return kept


async def admin_key(data_dir: Path, settings: Settings) -> str:
    """The stack's admin key: the one of last time when it still opens the door, else a new one."""
    record.wire(reactions.REACTIONS)
    kept = read_if_there(data_dir / _ADMIN_KEY)
    database = Database(settings, application="comphub-up")
    try:
        async with database.read() as connection:
            if kept is not None and await queries.actor_of_key(connection, kept) is not None:
                return kept
        async with database.transaction() as session:
            given = ApiClientCreate.model_validate({"name": "local administrator", "scopes": ["admin"], "jurisdiction_ids": ["*"]})
            issued = await service.create_client(session, SYSTEM, given, environment=settings.environment)
    finally:
        await database.close()
    write_private(data_dir / _ADMIN_KEY, issued.key)
    return issued.key
