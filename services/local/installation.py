"""What a local stack needs once and keeps in its data folder: its database, its secret, its admin key."""

import secrets
from pathlib import Path

import asyncpg

from services.core import reactions
from services.core.accounts import queries, service
from services.core.accounts.schemas import ApiClientCreate
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Database
from services.core.kit.settings import Settings
from services.core.ledger import record
from services.local.engines.private_files import read_if_there, write_private

DATABASE = "comphub"
_SECRET, _ADMIN_KEY = "secret", "admin.key"


async def make_database(server_url: str) -> None:
    """Make the stack's database on its own server, if it is not there yet."""
    connection = await asyncpg.connect(server_url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
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
