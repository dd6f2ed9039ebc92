"""What stood before the life of memberships was whole: communities learn who chairs them, and their terms get an end."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import orjson
import pytest
from alembic import command

from services.local.migrate import config, upgrade

_ROWS = """
INSERT INTO jurisdiction (id, name, names, level, country, languages, version)
VALUES ('01900000-0000-7000-8000-00000000000a', 'Kaohsiung', '{}', 'city', 'TW', '{}', 1);
INSERT INTO community (id, name, names, starts_on, ends_on, capacity, themes, version)
VALUES ('01900000-0000-7000-8000-00000000000c', 'Chaired', '{}', '2025-01-01', '2026-12-31', 15, '{}', 4),
       ('01900000-0000-7000-8000-00000000000d', 'Not yet', '{}', '2025-01-01', '2026-12-31', 15, '{}', 1);
INSERT INTO membership (id, community_id, jurisdiction_id, kind, status, version)
SELECT gen_random_uuid(), c.id, j.id, 'chair', CASE c.name WHEN 'Chaired' THEN 'suspended' ELSE 'signed' END, 1
FROM community c, jurisdiction j;
"""


@pytest.fixture
async def older(template: str) -> AsyncIterator[str]:
    """The URL of a database with communities, one revision before."""
    name = f"older_{uuid.uuid4().hex}"
    server = await asyncpg.connect(template)
    await server.execute(f"CREATE DATABASE {name}")
    head, _, query = template.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    try:
        await asyncio.to_thread(upgrade, url, "0003")
        connection = await asyncpg.connect(url)
        await connection.execute(_ROWS)
        await connection.close()
        yield url
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


async def test_communities_that_stand_learn_who_chairs_them_and_when_their_term_ends(older: str) -> None:
    await asyncio.to_thread(upgrade, older, "0004")
    connection = await asyncpg.connect(older)
    try:
        rows = await connection.fetch("SELECT chair_jurisdiction_id::text AS chair, version FROM community ORDER BY name")
        assert [tuple(row) for row in rows] == [("01900000-0000-7000-8000-00000000000a", 5), (None, 1)]
        tasks = await connection.fetch("SELECT queue, handler, state, payload, due_at FROM task ORDER BY payload->>'id'")
        assert [tuple(row)[:3] for row in tasks] == [("memberships", "memberships.end_term", "pending")] * 2
        payload = {"id": "01900000-0000-7000-8000-00000000000c", "ends_on": "2026-12-31"}
        assert (orjson.loads(tasks[0]["payload"]), tasks[0]["due_at"]) == (payload, datetime(2027, 1, 1, tzinfo=UTC))
    finally:
        await connection.close()
    await asyncio.to_thread(command.downgrade, config(older), "0003")
    await asyncio.to_thread(upgrade, older, "0004")
