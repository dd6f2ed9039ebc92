"""The worker's tasks about commitments."""

from services.core.commitments import service
from services.core.kit.db import Database, Session
from services.core.ledger.task import Handler, Lease


async def _assess(session: Session, lease: Lease) -> None:
    await service.assess(session, lease.uuid("id"))


async def _band(session: Session, lease: Lease) -> None:
    await service.assess_band(session, lease.uuid("id"))


async def look_for_outdated(database: Database) -> int:
    """Each minute: the year turned, the rules are new, a jurisdiction changed or joined; how many are assessed again."""
    async with database.transaction() as session:
        return await service.assess_outdated(session)


HANDLERS = [
    Handler("commitments.assess", work=_assess, group=50),
    Handler("commitments.band", work=_band, group=50, coalesce=True),
]
