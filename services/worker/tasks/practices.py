"""Practices: their assessment, and the calls that open and close by the clock."""

from collections.abc import Sequence
from datetime import datetime

from services.core.kit.db import Database, Session
from services.core.ledger.task import Handler, Lease
from services.core.practices import service


async def assess(session: Session, leases: Sequence[Lease]) -> None:
    """Practices were handed in: validate and score what was frozen then."""
    await service.assess(session, [(lease.uuid("id"), lease.payload["number"]) for lease in leases])


async def open_call(session: Session, lease: Lease) -> None:
    """The date at which a call was to open has come."""
    await service.open_when_due(session, lease.uuid("id"), datetime.fromisoformat(lease.payload["at"]))


async def close_call(session: Session, lease: Lease) -> None:
    """The date at which a call was to close has come."""
    await service.close_when_due(session, lease.uuid("id"), datetime.fromisoformat(lease.payload["at"]))


async def forget_file(session: Session, lease: Lease) -> None:
    """An author took away a file that no submission holds."""
    await service.forget_file(session, lease.uuid("id"))


async def sweep_files(database: Database) -> int:
    """Each hour: files of uploads that ended half way; how many there were."""
    return await service.sweep_files(database)


HANDLERS = [
    Handler("practices.assess", work_all=assess, group=25),
    Handler("practices.open_call", work=open_call),
    Handler("practices.close_call", work=close_call),
    Handler("practices.forget_file", work=forget_file),
]
