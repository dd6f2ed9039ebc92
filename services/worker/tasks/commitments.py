"""The worker's tasks about commitments."""

from services.core.commitments import service
from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease


async def _assess(session: Session, lease: Lease) -> None:
    await service.assess(session, lease.uuid("id"))


async def _band(session: Session, lease: Lease) -> None:
    await service.assess_band(session, lease.uuid("id"))


HANDLERS = [
    Handler("commitments.assess", work=_assess, group=50),
    Handler("commitments.band", work=_band, group=50, coalesce=True),
]
