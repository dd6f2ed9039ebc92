"""Memberships: the day on which a community's term is over."""

from datetime import date

from services.core.communities import service
from services.core.kit.db import Session
from services.core.ledger.task import Handler, Lease


async def end_term(session: Session, lease: Lease) -> None:
    """The day after the last of a community's term has begun."""
    await service.end_term(session, lease.uuid("id"), date.fromisoformat(lease.payload["ends_on"]))


HANDLERS = [Handler("memberships.end_term", work=end_term)]
