"""Questions of reviewers about the files behind the practice that they are asked to review: those of that submission, and no others."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, LargeBinary, and_, func, or_, select
from sqlalchemy.types import Uuid

from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection, Statement, param
from services.core.kit.tokens import digest
from services.core.practices import queries as practices
from services.core.practices.models import Call, Practice
from services.core.practices.queries import KeptFile
from services.core.reviews.models import ReviewLink, ReviewRequest

_MAY_CHANGE = and_(
    ReviewRequest.status == "declined",
    Practice.status == "in_review",
    Practice.submission == ReviewRequest.round,
    func.greatest(ReviewRequest.answer_due_at, Call.answer_due_at) > DOMAIN_NOW,
)
"""Who declined may still accept (`service.answer`)."""
_READS = and_(
    Practice.status != "withdrawn",
    or_(ReviewRequest.status.in_(("pending", "invited", "accepted", "submitted")), _MAY_CHANGE),
)
"""While a request is theirs to answer, and after its review: the same by a link and for who is signed in."""

_asked = (
    select(ReviewRequest.practice_id, ReviewRequest.round)
    .join(Practice, Practice.id == ReviewRequest.practice_id)
    .join(Call, Call.id == ReviewRequest.call_id)
)
_BY_LINK = Statement(
    _asked.join(ReviewLink, ReviewLink.request_id == ReviewRequest.id).where(
        ReviewLink.token_hash == param("token_hash", LargeBinary), ReviewLink.revoked_at.is_(None), _READS
    )
)
_OF_REQUEST = Statement(
    _asked.where(
        ReviewRequest.id == param("id", Uuid),
        or_(param("assigns", Boolean), and_(ReviewRequest.person_id == param("person_id", Uuid), _READS)),
    )
)


async def evidence_by_link(connection: Connection, token: str, evidence_id: UUID) -> KeptFile:
    """The file, for whoever holds a link whose request is still theirs; 404 alike for any other link, and for no such file."""
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
