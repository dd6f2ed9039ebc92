"""The schema: up, down and up again on a real server, in step with the models, and never waiting long for a lock."""

import asyncio

import asyncpg
import pytest
from alembic import command
from alembic.util.exc import CommandError

from services.local.migrate import config, upgrade


@pytest.fixture
async def bare(template: str) -> str:
    """The URL of an empty database."""
    connection = await asyncpg.connect(template)
    await connection.execute("DROP DATABASE IF EXISTS bare WITH (FORCE)")
    await connection.execute("CREATE DATABASE bare")
    await connection.close()
    head, _, query = template.partition("?")
    return f"{head.rpartition('/')[0]}/bare" + (f"?{query}" if query else "")


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row["tablename"] for row in rows}
    finally:
        await connection.close()


async def test_up_down_and_up_again(bare: str) -> None:
    await asyncio.to_thread(upgrade, bare)
    up = await tables(bare)
    assert {"event", "task", "practice", "letter"} <= up
    await asyncio.to_thread(command.downgrade, config(bare), "base")
    assert await tables(bare) == {"alembic_version"}
    await asyncio.to_thread(upgrade, bare)
    assert await tables(bare) == up


async def test_the_models_and_the_migrations_say_the_same(bare: str) -> None:
    await asyncio.to_thread(upgrade, bare)
    await asyncio.to_thread(command.check, config(bare))
    connection = await asyncpg.connect(bare)
    await connection.execute("ALTER TABLE practice DROP COLUMN lessons")
    await connection.close()
    with pytest.raises(CommandError, match="New upgrade operations detected"):
        await asyncio.to_thread(command.check, config(bare))


async def test_two_that_migrate_at_once_do_it_one_after_the_other(bare: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, bare) for _ in range(3)))
    assert "practice" in await tables(bare)


async def test_a_migration_gives_way_to_a_long_lock(bare: str) -> None:
    await asyncio.to_thread(upgrade, bare)
    holder = await asyncpg.connect(bare)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("LOCK TABLE practice IN ACCESS SHARE MODE")
    with pytest.raises(Exception, match="lock timeout"):
        await asyncio.to_thread(command.downgrade, config(bare), "base")
    await transaction.rollback()
    await holder.close()
    assert "practice" in await tables(bare)


async def test_a_role_that_is_held_nowhere_survives_and_no_new_one_is_given(bare: str) -> None:
    await asyncio.to_thread(upgrade, bare, "0001")
    connection = await asyncpg.connect(bare)
    try:
        person = await connection.fetchval(
            "INSERT INTO person (id, version, email, email_key, name, locale, time_zone) "
            "VALUES (gen_random_uuid(), 1, 'a@b.example', 'a@b.example', 'A', 'en', 'UTC') RETURNING id"
        )
        give = "INSERT INTO role_grant (id, person_id, role, jurisdiction_id) VALUES (gen_random_uuid(), $1, $2, gen_random_uuid())"
        await connection.execute(give, person, "reviewer")
        await asyncio.to_thread(upgrade, bare)
        assert await connection.fetchval("SELECT count(*) FROM role_grant") == 1
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(give, person, "jurisdiction_member")
    finally:
        await connection.close()
