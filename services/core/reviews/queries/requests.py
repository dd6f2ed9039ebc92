"""Questions about requests: the rows behind a change, and what the secretariat and the letters see of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text, Uuid

from services.core.communities.models import Membership, Representative
from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.statements import allowed_actions, json_view, param, utc
from services.core.practices.models import Call, Practice
from services.core.reviews.models import ReviewRequest
from services.core.reviews.queries.assigning import OPEN
from services.core.reviews.states import REQUEST

ANSWERS = allowed_actions(REQUEST, case((ReviewRequest.status == "pending", literal("invited")), else_=ReviewRequest.status))
"""What may be answered; a request whose letter is on its way can be answered like one that has arrived."""


def reviewer_view(representative_id: Any) -> Any:
    """Who reviews, as a JSON object: for the secretariat's eyes only."""
    them = Representative.__table__.alias("reviewing")
    theirs = Membership.__table__.alias("reviewing_for")
    home = Jurisdiction.__table__.alias("reviewing_from")
    fields = {
        "person_id": them.c.person_id, "representative_id": them.c.id, "name": them.c.name,
        "jurisdiction_id": theirs.c.jurisdiction_id, "jurisdiction": home.c.name,
    }  # fmt: skip
    pairs = [part for pair in fields.items() for part in pair]
    return (
        select(func.jsonb_build_object(*pairs, type_=JSONB))
        .select_from(them.join(theirs, theirs.c.id == them.c.membership_id).join(home, home.c.id == theirs.c.jurisdiction_id))
        .where(them.c.id == representative_id)
        .scalar_subquery()
    )


_VIEW = json_view(
    {
        "id": ReviewRequest.id,
        "practice_id": ReviewRequest.practice_id,
        "call_id": ReviewRequest.call_id,
        "round": ReviewRequest.round,
        "reviewer": reviewer_view(ReviewRequest.representative_id),
        "status": ReviewRequest.status,
        "allowed_actions": ANSWERS,
        "reasons": ReviewRequest.reasons,
        "decline_reason": ReviewRequest.decline_reason,
        "answer_due_at": utc(ReviewRequest.answer_due_at),
        "review_due_at": utc(ReviewRequest.review_due_at),
        "time_zone": ReviewRequest.time_zone,
        "answered_at": utc(ReviewRequest.answered_at),
        "version": ReviewRequest.version,
        "created_at": utc(ReviewRequest.created_at),
        "updated_at": utc(ReviewRequest.updated_at),
    }
)
REQUESTS = Listing(
    "review-requests",
    ReviewRequest,
    _VIEW,
    filters={
        "call_id": ReviewRequest.call_id == param("call_id", Uuid),
        "practice_id": ReviewRequest.practice_id == param("practice_id", Uuid),
        "status": ReviewRequest.status == param("status", Text),
    },
)
DETAIL = detail(ReviewRequest, _VIEW)


async def practice_of(session: AsyncSession, request_id: UUID) -> UUID:
    """The practice that a request is about: what to lock before the request; 404 when there is no such request."""
    found = await session.scalar(select(ReviewRequest.practice_id).where(ReviewRequest.id == request_id))
    if found is None:
        raise not_found()
    return found


async def lock_request(session: AsyncSession, request_id: UUID) -> ReviewRequest:
    """The request, locked and as it is now; 404 when there is none."""
    row = await session.get(ReviewRequest, request_id, with_for_update={"key_share": True}, populate_existing=True)
    if row is None:
        raise not_found()
    return row


async def lock_open_requests(session: AsyncSession, practice_id: UUID) -> list[ReviewRequest]:
    """All requests of a practice that wait for an answer or a review, locked."""
    query = select(ReviewRequest).where(ReviewRequest.practice_id == practice_id, ReviewRequest.status.in_(OPEN))
    locked = query.order_by(ReviewRequest.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(await session.scalars(locked))


@dataclass(frozen=True, slots=True)
class RequestBrief:
    """What a letter about a request needs to know. `jurisdiction_name` is the author's, None where it is blind."""

    id: UUID
    person_name: str
    email: str
    locale: str
    time_zone: str
    practice_title: str
    practice_theme: str
    jurisdiction_name: str | None
    call_title: str
    reasons: list[str]
    answer_due_at: datetime
    review_due_at: datetime
    status: str
    decline_reason: str | None
    answers: int


async def request_brief(session: AsyncSession, request_id: UUID) -> RequestBrief | None:
    """What a letter to the reviewer says, in the name and language that the representative gave; None when there is no such request."""
    query = (
        select(
            ReviewRequest.id,
            Representative.name.label("person_name"),
            Representative.email,
            Representative.locale,
            ReviewRequest.time_zone,
            Practice.title.label("practice_title"),
            Practice.theme.label("practice_theme"),
            case((Call.blind == "double", cast(None, Text)), else_=Jurisdiction.name).label("jurisdiction_name"),
            Call.title.label("call_title"),
            ReviewRequest.reasons,
            ReviewRequest.answer_due_at,
            ReviewRequest.review_due_at,
            ReviewRequest.status,
            ReviewRequest.decline_reason,
            ReviewRequest.answers,
        )
        .join(Representative, Representative.id == ReviewRequest.representative_id)
        .join(Practice, Practice.id == ReviewRequest.practice_id)
        .join(Call, Call.id == ReviewRequest.call_id)
        .join(Jurisdiction, Jurisdiction.id == Practice.jurisdiction_id)
        .where(ReviewRequest.id == request_id)
    )
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else RequestBrief(**row)
