"""The path that a commitment asks for."""

from uuid import UUID

import orjson

from services.core.commitments import queries
from services.core.commitments.progress import trajectory_of
from services.core.commitments.targets import loads, target_of
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection


async def trajectory(connection: Connection, actor: Actor, commitment_id: UUID) -> bytes:
    """The path of a commitment as JSON, computed from what is stored now; 404 when ``actor`` may not see it."""
    row = await queries.TRAJECTORY.one(connection, id=commitment_id, **queries.seen_by(actor))
    if row is None:
        raise not_found()
    return orjson.dumps(trajectory_of(target_of(loads(row["body"])), loads(row["reports"])))
