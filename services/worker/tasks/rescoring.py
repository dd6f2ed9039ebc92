"""The worker's tasks of rescorings: their parts."""

from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease
from services.core.practices import service


async def _part(session: Session, lease: Lease) -> None:
    await service.rescore_part(session, lease)


HANDLERS = [Handler("rescoring.part", work=_part)]
