"""How far the reading of each registry has come: statements on ``pull`` and ``pull_page``."""

from typing import NamedTuple
from uuid import UUID

from services.core.kit.db import Session

_LOOK = """
SELECT turn, run_id, pages, rows, next_url, mapping_hash,
       CASE WHEN (SELECT j.status FROM job j WHERE j.id = p.job_id) = 'succeeded' THEN etag END AS etag
FROM pull p WHERE source = $1 FOR NO KEY UPDATE OF p
"""
_PLANNED = "UPDATE pull SET turn = $2, said = coalesce($3, said), changed_at = domain_now() WHERE source = $1"
_PENDING = "SELECT EXISTS(SELECT 1 FROM task WHERE dedupe_key = $1 AND state = 'pending')"
_KEEP = """
UPDATE pull SET run_id = $2, pages = $3 + 1, rows = CASE WHEN $3 = 0 THEN $4 ELSE rows + $4 END, next_url = $5, changed_at = domain_now()
WHERE source = $1
"""
_FORGET = """
UPDATE pull SET run_id = NULL, pages = 0, rows = 0, next_url = NULL, said = $2, changed_at = domain_now() WHERE source = $1
"""
_HANDED_OVER = "UPDATE pull SET job_id = $2, etag = $3, mapping_hash = $4 WHERE source = $1"


class State(NamedTuple):
    """How a source stands; its row is locked. ``etag`` is there only while what was read under it has been taken in."""

    turn: int
    run_id: UUID | None
    pages: int
    rows: int
    next_url: str | None
    mapping_hash: str | None
    etag: str | None


async def look(session: Session, source: str) -> State:
    """The state of ``source``, which is made when it is new."""
    connection = await session.driver()
    await connection.execute("INSERT INTO pull (source) VALUES ($1) ON CONFLICT (source) DO NOTHING", source)
    (row,) = await connection.fetch(_LOOK, source)
    return State(*row)


async def plan(session: Session, source: str, turn: int, said: str | None = None) -> None:
    """Note which turn comes next."""
    await (await session.driver()).execute(_PLANNED, source, turn, said)


async def is_pending(session: Session, key: str) -> bool:
    """Whether the task with this dedupe key is still to be done."""
    return bool(await (await session.driver()).fetchval(_PENDING, key))


async def keep(session: Session, source: str, run_id: UUID, number: int, content: bytes, *, rows: int, next_url: str | None) -> None:
    """Store page ``number`` of a run; the first one takes the place of all that is left of runs before."""
    connection = await session.driver()
    if number == 0:
        await connection.execute("DELETE FROM pull_page WHERE source = $1", source)
    await connection.execute(_KEEP, source, run_id, number, rows, next_url)
    await connection.execute(
        "INSERT INTO pull_page (run_id, number, source, content) VALUES ($1, $2, $3, $4)", run_id, number, source, content
    )


async def pages(session: Session, run_id: UUID) -> list[bytes]:
    """The stored pages of a run, in their order."""
    rows = await (await session.driver()).fetch("SELECT content FROM pull_page WHERE run_id = $1 ORDER BY number", run_id)
    return [row["content"] for row in rows]


async def forget(session: Session, source: str, said: str) -> None:
    """The run is over; ``said`` is what became of it, for people."""
    connection = await session.driver()
    await connection.execute("DELETE FROM pull_page WHERE source = $1", source)
    await connection.execute(_FORGET, source, said)


async def handed_over(session: Session, source: str, job_id: UUID, etag: str | None, mapping_hash: str) -> None:
    """Remember the job that takes in what was read, and under which tag it was read."""
    await (await session.driver()).execute(_HANDED_OVER, source, job_id, etag, mapping_hash)
