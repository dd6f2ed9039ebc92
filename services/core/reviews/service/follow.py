"""What the reviews do when something happens to a call or one of its practices."""

from uuid import UUID

from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.reviews import queries
from services.core.reviews.service.assign import assign
from services.core.reviews.service.release import release_call


async def assign_rolling(session: Session, call_id: UUID) -> None:
    """A practice was assessed, or a place fell free: assign now, unless the call assigns after it has closed."""
    call = await queries.lock_call(session, call_id)
    if call.assignment == "rolling" or call.status == "reviewing":
        await assign(session, SYSTEM, call_id)


async def follow_call(session: Session, call_id: UUID, action: str) -> None:
    """A call went on: its reviewing assigns what waited for it, its decision publishes what waited for that."""
    if action == "review":
        await assign_rolling(session, call_id)
    elif action == "decide":
        await release_call(session, call_id)
