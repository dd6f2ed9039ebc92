"""Questions of someone who holds a review link: what is asked of me, and is this my session?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from sqlalchemy import LargeBinary, and_, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.communities.models import Representative
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection, Statement, json_view, param, utc
from services.core.kit.tokens import digest
from services.core.practices import queries as practices
from services.core.practices.models import Call, Practice
from services.core.reviews.models import Review, ReviewLink, ReviewRequest, ReviewSession
from services.core.reviews.queries.extending import FOLLOWS
from services.core.reviews.queries.requests import ANSWERS


def _in_force(own: Any, calls: Any) -> Any:
    """`deadlines.in_force`, for a statement that joins the request's practice and call."""
    is_waiting = and_(ReviewRequest.status.in_(FOLLOWS), ReviewRequest.round == Practice.submission)
    return case((is_waiting, func.greatest(own, calls)), else_=own)


_other = ReviewRequest.__table__.alias("other")
_masked = func.concat(func.left(Representative.email, 1), "***@", func.split_part(Representative.email, "@", 2))
_BRIEF = Statement(
    select(
        json_view(
            {
                "id": ReviewRequest.id,
                "practice_id": ReviewRequest.practice_id,
                "call_id": ReviewRequest.call_id,
                "call": func.json_build_object("id", Call.id, "title", Call.title, "blind", Call.blind),
                "addressed_to": _masked,
                "status": ReviewRequest.status,
                "allowed_actions": ANSWERS,
                "reasons": ReviewRequest.reasons,
                "answer_due_at": utc(_in_force(ReviewRequest.answer_due_at, Call.answer_due_at)),
                "review_due_at": utc(_in_force(ReviewRequest.review_due_at, Call.review_due_at)),
                "time_zone": ReviewRequest.time_zone,
                "version": ReviewRequest.version,
            }
        ).label("body"),
        ReviewRequest.practice_id,
        ReviewRequest.round,
        Call.blind,
        Call.rubric_version,
        DOMAIN_NOW.label("now"),
        select(Review.id).where(Review.request_id == ReviewRequest.id).exists().label("has_review"),
    )
    .select_from(ReviewLink)
    .join(ReviewRequest, ReviewRequest.id == ReviewLink.request_id)
    .join(Representative, Representative.id == ReviewRequest.representative_id)
    .join(Practice, Practice.id == ReviewRequest.practice_id)
    .join(Call, Call.id == ReviewRequest.call_id)
    .where(ReviewLink.token_hash == param("token_hash", LargeBinary), ReviewLink.revoked_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a link shows (`body`, the public shape), and what its page must know besides."""

    body: dict[str, Any]
    now: datetime
    has_review: bool


async def brief(connection: Connection, token: str) -> Brief:
    """What a link shows; 404 for a token that is unknown or revoked, without a difference."""
    row = await _BRIEF.one(connection, token_hash=digest(token))
    if row is None:
        raise not_found()
    content = await practices.content_for_review(connection, row["practice_id"], row["round"], blind=row["blind"] == "double")
    content["evidence"] = [_with_its_place(piece, token) for piece in content.get("evidence", ())]
    body: dict[str, Any] = orjson.loads(row["body"])
    body |= {"criteria": practices.review_criteria(row["rubric_version"]), "practice": content}
    return Brief(body, row["now"], row["has_review"])


def _with_its_place(piece: dict[str, Any], token: str) -> dict[str, Any]:
    """``piece`` of evidence; of a file also where the holder of the link reads it."""
    if piece["kind"] != "file":
        return piece
    return piece | {"content_url": f"/v1/review-links/{quote(token, safe='')}/evidence/{piece['id']}/content"}


@dataclass(frozen=True, slots=True)
class Linked:
    """The request behind a token."""

    request_id: UUID
    practice_id: UUID
    comes_too_late: bool
    """Others have taken all places, seen without a lock: a crowd that wants the last place need not queue for it."""


_taken = (
    select(func.count())
    .where(
        _other.c.practice_id == ReviewRequest.practice_id,
        _other.c.round == ReviewRequest.round,
        _other.c.status.in_(("accepted", "submitted")),
    )
    .scalar_subquery()
)


async def linked(session: AsyncSession, token: str) -> Linked:
    """The request behind a link's token; 404 when it is unknown or revoked."""
    may_come = and_(ReviewRequest.status.in_(("pending", "invited", "declined")), ReviewRequest.answer_due_at > DOMAIN_NOW)
    query = (
        select(ReviewRequest.id, ReviewRequest.practice_id, and_(may_come, _taken >= Call.reviewers_per_practice))
        .join(ReviewLink, ReviewLink.request_id == ReviewRequest.id)
        .join(Call, Call.id == ReviewRequest.call_id)
        .where(ReviewLink.token_hash == digest(token), ReviewLink.revoked_at.is_(None))
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise not_found()
    return Linked(*row)


async def session_end(session: AsyncSession, request_id: UUID, secret: str) -> datetime | None:
    """Until when a review session of this request is valid (it may be over); None when it is none of this request.

    It was opened for the time of the review: where that was extended, so was the session.
    """
    calls = case((ReviewRequest.status.in_(("accepted", "submitted")), Call.review_due_at))
    query = (
        select(func.greatest(ReviewSession.expires_at, ReviewRequest.review_due_at, calls))
        .join(ReviewRequest, ReviewRequest.id == ReviewSession.request_id)
        .join(Call, Call.id == ReviewRequest.call_id)
        .where(ReviewSession.session_hash == digest(secret), ReviewSession.request_id == request_id)
    )
    return await session.scalar(query)


async def close_sessions(session: AsyncSession, request_id: UUID) -> None:
    """End every review session of a request."""
    await session.execute(delete(ReviewSession).where(ReviewSession.request_id == request_id))
