"""One request is one transaction, also when the driver speaks first."""

import pytest
from sqlalchemy import text

from services.core.kit.db import Database


async def test_what_the_driver_asks_first_is_inside_the_transaction(database: Database) -> None:
    async with database.transaction() as session:
        connection = await session.driver()
        assert connection.is_in_transaction()
        first = await connection.fetchval("SELECT pg_current_xact_id()::text")
        second = (await session.execute(text("SELECT pg_current_xact_id()::text"))).scalar_one()
    assert first == second


async def test_what_the_driver_wrote_is_gone_after_a_failure(database: Database) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        async with database.transaction() as session:
            await (await session.driver()).execute("CREATE TABLE written_by_the_driver (one int)")
            message = "on purpose"
            raise RuntimeError(message)
    async with database.read() as connection:
        assert await connection.fetchval("SELECT to_regclass('written_by_the_driver')") is None
