"""Questions of reviewers about the files behind the practice that they are asked to review: those of that submission, and no others."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, LargeBinary, and_, or_, select
from sqlalchemy.types import Uuid

from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection, Statement, param
from services.core.kit.tokens import digest
from services.core.practices import queries as practices
from services.core.practices.queries import KeptFile
from services.core.reviews.models import ReviewLink, ReviewRequest

_READS = ("pending", "invited", "accepted", "submitted")
"""While a request is theirs to answer, and after its review."""

_BY_LINK = Statement(
    select(ReviewRequest.practice_id, ReviewRequest.round)
    .join(ReviewLink, ReviewLink.request_id == ReviewRequest.id)
    .where(ReviewLink.token_hash == param("token_hash", LargeBinary), ReviewLink.revoked_at.is_(None))
)
_OF_REQUEST = Statement(
    select(ReviewRequest.practice_id, ReviewRequest.round).where(
        ReviewRequest.id == param("id", Uuid),
        or_(param("assigns", Boolean), and_(ReviewRequest.person_id == param("person_id", Uuid), ReviewRequest.status.in_(_READS))),
    )
)


async def evidence_by_link(connection: Connection, token: str, evidence_id: UUID) -> KeptFile:
    """The file, for whoever holds a link that shows its practice; 404 alike for a link that is unknown or revoked, and for no such file."""
    return await _file(connection, await _BY_LINK.one(connection, token_hash=digest(token)), evidence_id)


async def evidence_of_request(connection: Connection, actor: Actor, request_id: UUID, evidence_id: UUID) -> KeptFile:
    """The file, for the person who was asked, and for who assigns reviewers; 404 for everybody else."""
    person_id = UUID(actor.id) if actor.kind == "person" else None
    row = await _OF_REQUEST.one(connection, id=request_id, assigns=actor.everywhere("assignments:write"), person_id=person_id)
    return await _file(connection, row, evidence_id)


async def _file(connection: Connection, asked: Any, evidence_id: UUID) -> KeptFile:
    if asked is None:
        raise not_found()
    return await practices.file_in_version(connection, asked["practice_id"], asked["round"], evidence_id)
