"""Whether this process can do its work."""

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from services.core.kit.db import Database
from services.core.kit.settings import Settings

_MIGRATIONS = Path(__file__).parents[3] / "migrations"


@cache
def head_revision() -> str | None:
    """The newest revision that this version of the code ships."""
    from alembic.script import ScriptDirectory  # slow to import, and asked once

    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


async def check(database: Database, settings: Settings) -> dict[str, Any]:
    """``{ready, status, postgres, schema, redis}``; Redis away means degraded, since work waits in PostgreSQL."""
    schema = await _schema(database)
    has_redis = await _redis(settings.redis_url)
    ready = schema == head_revision()
    status = "ok" if ready and has_redis else "degraded" if ready else "not ready"
    return {
        "ready": ready,
        "status": status,
        "postgres": "up" if schema is not None else "down",
        "schema": "current" if ready else "differs",
        "redis": "up" if has_redis else "down",
    }


async def _schema(database: Database) -> str | None:
    try:
        async with asyncio.timeout(2):
            async with database.read_as_author() as connection:  # both logins must work, or half of the readers meet errors
                await connection.fetchval("SELECT domain_now()")
            async with database.read() as connection:
                return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError):
        return None


async def _redis(url: str) -> bool:
    client = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        await client.ping()
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
    return True
