"""One request is one transaction, also when the driver speaks first."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import text

from services.core.kit.db import Database, commit, finish
from services.core.kit.settings import Settings
from tests.fixtures.house import Logins


async def test_what_the_driver_asks_first_is_inside_the_transaction(database: Database) -> None:
    async with database.transaction() as session:
        connection = await session.driver()
        assert connection.is_in_transaction()
        first = await connection.fetchval("SELECT pg_current_xact_id()::text")
        second = (await session.execute(text("SELECT pg_current_xact_id()::text"))).scalar_one()
    assert first == second


async def test_what_the_driver_wrote_is_gone_after_a_failure(database: Database) -> None:
    async def fails() -> None:
        async with database.transaction() as session:
            await (await session.driver()).execute("CREATE TABLE written_by_the_driver (one int)")
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fails()
    async with database.read() as connection:
        assert await connection.fetchval("SELECT to_regclass('written_by_the_driver')") is None


async def test_a_driver_session_commits_or_leaves_nothing_behind(database: Database) -> None:
    async def write(value: str, *, is_kept: bool) -> None:
        unit, committed = database.begin_driver(), False
        try:
            await (await unit.driver()).execute("INSERT INTO heartbeat (process, service) VALUES ($1, 'test')", value)
            if is_kept:
                await commit(unit)
                committed = True
        finally:
            await finish(unit, committed=committed)

    async def swallow() -> None:
        unit = database.begin_driver()
        try:
            with suppress(asyncpg.PostgresError):
                await (await unit.driver()).execute("SELECT 1/0")
            await commit(unit)
        finally:
            await finish(unit, committed=False)

    await write("kept", is_kept=True)
    with pytest.raises(RuntimeError, match="answered with ROLLBACK"):
        await swallow()
    await write("lost", is_kept=False)
    with pytest.raises(asyncpg.UniqueViolationError):
        await write("kept", is_kept=True)
    async with database.read() as connection:
        assert not connection.is_in_transaction()
        assert [row["process"] for row in await connection.fetch("SELECT process FROM heartbeat")] == ["kept"]


async def test_places_are_limited_and_a_broken_off_statement_ends_its_connection(settings: Settings) -> None:
    database = Database(settings.model_copy(update={"database_pool_size": 1, "database_pool_timeout_s": 0.2}), application="test")
    try:
        async with database.read() as connection:
            first = await connection.fetchval("SELECT pg_backend_pid()")
            with pytest.raises(TimeoutError):
                await database.read().__aenter__()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), database.read() as connection:
                await connection.execute("SELECT pg_sleep(5)")
        async with database.read() as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") != first
            await connection.execute("SELECT 1")
    finally:
        await database.close()


async def test_a_connection_that_the_server_ended_is_not_given_out_again(database: Database, logins: Logins) -> None:
    ended = asyncio.Event()
    async with database.read() as connection:
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        connection.add_termination_listener(lambda _: ended.set())
    other = await asyncpg.connect(logins.owner)
    await other.execute("SELECT pg_terminate_backend($1, 2000)", pid)
    await other.close()
    async with asyncio.timeout(5):
        await ended.wait()
    async with database.read() as connection:
        assert await connection.fetchval("SELECT pg_backend_pid()") != pid
