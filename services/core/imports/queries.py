"""Which targets were imported before, and what became of their commitments since."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.core.kit.db import Session

_REMEMBERED = """
SELECT i.account, i.key, i.commitment_id, i.year_reported, i.row_hash, i.version, c.version AS current
FROM imported_target i JOIN commitment c ON c.id = i.commitment_id
WHERE i.source = $1 AND i.account = ANY($2::text[])
"""
_REMEMBER = """
INSERT INTO imported_target AS known (source, account, key, commitment_id, year_reported, row_hash, version)
SELECT $1, x.* FROM unnest($2::text[], $3::text[], $4::uuid[], $5::int[], $6::bytea[], $7::int[]) AS x
ON CONFLICT (source, account, key) DO UPDATE SET commitment_id = excluded.commitment_id, year_reported = excluded.year_reported,
  row_hash = excluded.row_hash, version = excluded.version, imported_at = domain_now()
"""
_CLAIMED = "SELECT commitment_id FROM imported_target WHERE commitment_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Memory:
    """A target as it was imported last: ``version`` is its commitment's after that, ``current`` the one that it has now."""

    account: str
    key: str
    commitment_id: UUID
    year_reported: int
    row_hash: bytes
    version: int
    current: int

    @property
    def is_edited(self) -> bool:
        """Whether somebody changed the commitment here since."""
        return self.current != self.version


async def remembered(session: Session, source: str, accounts: Sequence[str]) -> dict[tuple[str, str], Memory]:
    """What was imported from ``source`` for ``accounts``, by account and key."""
    rows = await (await session.driver()).fetch(_REMEMBERED, source, list(accounts))
    return {(row["account"], row["key"]): Memory(**row) for row in rows}


async def claimed(session: Session, commitment_ids: Sequence[UUID]) -> set[UUID]:
    """Those of ``commitment_ids`` that some imported target has become."""
    return {row["commitment_id"] for row in await (await session.driver()).fetch(_CLAIMED, list(commitment_ids))}


async def remember(session: Session, source: str, memories: Sequence[Memory]) -> None:
    """Remember what was imported, with the versions that this transaction leaves."""
    if not memories:
        return
    columns = zip(*((m.account, m.key, m.commitment_id, m.year_reported, m.row_hash, m.current) for m in memories), strict=True)
    await (await session.driver()).execute(_REMEMBER, source, *map(list, columns))
