"""Questions about agreements."""

from uuid import UUID

from sqlalchemy import case, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Uuid

from services.core.communities.models import Agreement
from services.core.communities.queries.seeing import in_own
from services.core.kit.statements import Statement, json_view, param, utc

_VIEW = json_view(
    {
        "id": Agreement.id,
        "membership_id": Agreement.membership_id,
        "signatories": Agreement.signatories,
        "version": Agreement.version,
        "created_at": utc(Agreement.created_at),
        "updated_at": utc(Agreement.updated_at),
    },
    optional={"document": (Agreement.document.is_not(None), Agreement.document)},
)
AGREEMENT = Statement(
    select(Agreement.version, case((Agreement.version == param("known", Integer), null()), else_=_VIEW).label("body")).where(
        Agreement.membership_id == param("id", Uuid), in_own(Agreement.membership_id)
    )
)
"""Read by the id of its membership: there is one at most."""


async def agreement_of(session: AsyncSession, membership_id: UUID) -> Agreement | None:
    """The agreement of a membership that the caller has locked."""
    return await session.scalar(select(Agreement).where(Agreement.membership_id == membership_id))
