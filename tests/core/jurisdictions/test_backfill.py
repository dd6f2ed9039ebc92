"""Rows that were there before the search came are found like new ones."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.core.jurisdictions.names import search_query
from services.local.migrate import upgrade


@pytest.fixture
async def before(template: str) -> AsyncIterator[str]:
    """The URL of a database as it was before jurisdictions could be found by their names."""
    name = f"before_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(template)
    await connection.execute(f"CREATE DATABASE {name}")
    head, _, query = template.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    await asyncio.to_thread(upgrade, url, "0002")
    yield url
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def test_rows_that_exist_are_found_after_the_migration(before: str) -> None:
    connection = await asyncpg.connect(before)
    try:
        rows = [(uuid.uuid4(), f"Town {number}", "{}") for number in range(1200)]
        rows += [(uuid.uuid4(), "Kaohsiung City", "{}"), (uuid.uuid4(), "Kyoto", '{"ja": "京都市"}')]
        insert = "INSERT INTO jurisdiction (id, name, names, level, country, languages, version) VALUES ($1, $2, $3, 'city', 'TW', '{}', 1)"
        await connection.executemany(insert, rows)
        await connection.execute("INSERT INTO external_id VALUES ($1, 'cdp', '31112')", rows[1200][0])
        await asyncio.to_thread(upgrade, before, "0003")
        for typed, expected in (("高雄", ["Kaohsiung City"]), ("京都", ["Kyoto"]), ("town 1199", ["Town 1199"]), ("大阪", [])):
            found = await connection.fetch("SELECT name FROM jurisdiction WHERE search @@ $1::text::tsquery", search_query(typed))
            assert [row["name"] for row in found] == expected, typed
        assert await connection.fetchval("SELECT max(version) FROM jurisdiction") == 1
    finally:
        await connection.close()
