"""Alembic's environment: migrations run over asyncpg as the owner, and never wait long for a lock."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from services.core.kit.connections import sqlalchemy_url
from services.core.ledger.models import Xid8
from services.core.tables import METADATA

ischema_names["xid8"] = Xid8  # so that `alembic check` reads our transaction ids back as what they are
LOCK_TIMEOUT = "2s"
"""A migration that cannot have its lock at once gives way: waiting, it would queue every request behind itself."""


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, compare_server_default=False)
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


async def _run_online() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ.get("DATABASE_URL", "")
    engine = create_async_engine(sqlalchemy_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_run_online())
