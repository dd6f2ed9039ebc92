"""Practices: their assessment, and the calls that open and close by the clock."""

from datetime import datetime

from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease
from services.core.practices import service


async def assess(session: Session, lease: Lease) -> None:
    """A practice was handed in: validate and score what was frozen then."""
    await service.assess(session, lease.uuid("id"), lease.payload["number"])


async def open_call(session: Session, lease: Lease) -> None:
    """The date at which a call was to open has come."""
    await service.open_when_due(session, lease.uuid("id"), datetime.fromisoformat(lease.payload["at"]))


async def close_call(session: Session, lease: Lease) -> None:
    """The date at which a call was to close has come."""
    await service.close_when_due(session, lease.uuid("id"), datetime.fromisoformat(lease.payload["at"]))


HANDLERS = [
    Handler("practices.assess", work=assess, group=25),
    Handler("practices.open_call", work=open_call),
    Handler("practices.close_call", work=close_call),
]
