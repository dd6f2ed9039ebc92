"""The worker's tasks of syncs: the parts of large batches."""

from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease
from services.core.sync import service


async def _part(session: Session, lease: Lease) -> None:
    await service.take_parts(session, lease)


HANDLERS = [Handler("sync.part", work=_part)]
