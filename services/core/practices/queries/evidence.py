"""Questions about evidence: the links and files behind what a practice says."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.practices.models import Evidence

_FROZEN = ("kind", "title", "url", "name", "media_type", "size", "sha256")


async def evidence_to_freeze(session: AsyncSession, practice_id: UUID) -> list[dict[str, Any]]:
    """The evidence of a practice's working copy, oldest first, as a version holds it (`submission.Evidence`)."""
    query = select(Evidence).where(Evidence.practice_id == practice_id, Evidence.removed_at.is_(None)).order_by(Evidence.id)
    rows = await session.scalars(query)
    return [{"id": str(row.id)} | {name: value for name in _FROZEN if (value := getattr(row, name)) is not None} for row in rows]
