"""What was applied before."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from services.core.kit.db import Session

# The versions of everything that an item makes: its jurisdiction, its membership with the agreement, its representatives.
_STAMP = """
concat(j.version, ';', m.version, ';', a.version, ';', CASE WHEN m.id IS NOT NULL THEN (
  SELECT string_agg(concat(r.id, '.', r.version), ',' ORDER BY r.id)
  FROM representative r WHERE r.membership_id = m.id AND r.deleted_at IS NULL) END)
"""
_JOINS = """
JOIN jurisdiction j ON j.id = s.jurisdiction_id
LEFT JOIN membership m ON m.id = s.membership_id
LEFT JOIN agreement a ON a.membership_id = m.id
"""
_AS_BEFORE = f"""
SELECT s.external_id, s.item_hash, j.id, j.version
FROM sync_item s
JOIN external_id e ON e.source = s.source AND e.value = s.external_id AND e.jurisdiction_id = s.jurisdiction_id
{_JOINS}
WHERE s.source = $1 AND s.external_id = ANY($2::text[]) AND j.missing_since IS NULL AND s.stamp = {_STAMP}
"""  # noqa: S608  no value of anybody's is in it
_REMEMBER = f"""
INSERT INTO sync_item AS known (source, external_id, item_hash, jurisdiction_id, membership_id, stamp)
SELECT $1, s.external_id, s.item_hash, s.jurisdiction_id, s.membership_id, {_STAMP}
FROM unnest($2::text[], $3::bytea[], $4::uuid[], $5::uuid[]) AS s(external_id, item_hash, jurisdiction_id, membership_id)
{_JOINS}
ON CONFLICT (source, external_id) DO UPDATE SET item_hash = excluded.item_hash, jurisdiction_id = excluded.jurisdiction_id,
  membership_id = excluded.membership_id, stamp = excluded.stamp, applied_at = domain_now()
"""  # noqa: S608  no value of anybody's is in it


class Applied(NamedTuple):
    """What was applied of an item, and has not been changed since by anybody."""

    item_hash: bytes
    jurisdiction_id: UUID
    version: int


class Memory(NamedTuple):
    """What to remember of an item."""

    external_id: str
    item_hash: bytes
    jurisdiction_id: UUID
    membership_id: UUID | None


async def as_before(session: Session, source: str, external_ids: Sequence[str]) -> dict[str, Applied]:
    """Those of ``external_ids`` about which everything is as this source's last item left it."""
    rows = await (await session.driver()).fetch(_AS_BEFORE, source, external_ids)
    return {row[0]: Applied(row[1], row[2], row[3]) for row in rows}


async def remember(session: Session, source: str, memories: Sequence[Memory]) -> None:
    """Remember what was applied, with the versions that this transaction has left."""
    await session.flush()
    await (await session.driver()).execute(_REMEMBER, source, *map(list, zip(*memories, strict=True)))
