"""The worker's tasks of imports: their parts."""

from services.core.imports import service
from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease


async def _part(session: Session, lease: Lease) -> None:
    await service.take_parts(session, lease)


HANDLERS = [Handler("imports.part", work=_part)]
