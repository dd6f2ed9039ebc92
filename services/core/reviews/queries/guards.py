"""What stands against a reviewer: a conflict of interest, or a full desk; and who is asked next."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.core.accounts.models import Person
from services.core.communities.models import Membership, Representative
from services.core.reviews.models import Alternate, ReviewRequest
from services.core.reviews.queries.assigning import OPEN, REFUSED, may_review
from services.core.reviews.queries.standing import Standing


def speaks_for(person_id: Any, jurisdiction_id: Any) -> Any:
    """Whether a person speaks for a jurisdiction in any community, whatever the standing of its membership."""
    them, theirs = aliased(Representative), aliased(Membership)
    here = and_(theirs.jurisdiction_id == jurisdiction_id, them.person_id == person_id, them.deleted_at.is_(None))
    return select(them.id).join(theirs, theirs.id == them.membership_id).where(here).exists()


@dataclass(frozen=True, slots=True)
class Desk:
    """What a person has on the desk, besides the request in question."""

    is_conflicted: bool
    accepted: int
    """Accepted and not handed in, in all calls."""
    in_call: int
    """Accepted or handed in, in this call."""
    own_cap: int
    """The person's own limit: the smallest of all roles as a reviewer."""


async def lock_desk(session: AsyncSession, standing: Standing, person_id: UUID) -> Desk:
    """Lock a reviewer's desk (after the practice), so that two acceptances cannot pass one limit."""
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    theirs = select(func.count()).select_from(ReviewRequest).where(ReviewRequest.person_id == person_id)
    in_call = theirs.where(ReviewRequest.call_id == standing.call_id, ReviewRequest.status.in_(("accepted", "submitted")))
    cap = select(func.min(Representative.max_load)).where(
        Representative.person_id == person_id, Representative.reviewer, Representative.deleted_at.is_(None)
    )
    query = select(
        speaks_for(person_id, standing.jurisdiction_id),
        theirs.where(ReviewRequest.status == "accepted").scalar_subquery(),
        in_call.scalar_subquery(),
        func.coalesce(cap.scalar_subquery(), 0),
    )
    return Desk(*(await session.execute(query)).one())


@dataclass(frozen=True, slots=True)
class Speaker:
    """A representative as a reviewer: who it is, for whom, and in which time zone."""

    person_id: UUID
    jurisdiction_id: UUID
    time_zone: str


async def speaker(session: AsyncSession, representative_id: UUID) -> Speaker:
    """Who a representative is."""
    query = (
        select(Representative.person_id, Membership.jurisdiction_id, Representative.time_zone)
        .join(Membership, Membership.id == Representative.membership_id)
        .where(Representative.id == representative_id)
    )
    return Speaker(*(await session.execute(query)).one())


async def next_alternate(session: AsyncSession, standing: Standing) -> Alternate | None:
    """The best ranked alternate who may still be asked: with a mandate, without a conflict, not asked before, within the caps."""
    mine = ReviewRequest.person_id == Representative.person_id
    asked = and_(mine, ReviewRequest.practice_id == standing.practice_id)
    out = select(ReviewRequest.id).where(asked, or_(ReviewRequest.round == standing.round, ReviewRequest.status.in_(REFUSED))).exists()
    count = select(func.count()).select_from(ReviewRequest).where(mine)
    on_desk = count.where(ReviewRequest.status.in_(OPEN)).scalar_subquery()
    in_call = count.where(ReviewRequest.call_id == standing.call_id, ReviewRequest.status.in_((*OPEN, "submitted"))).scalar_subquery()
    query = (
        select(Alternate)
        .join(Representative, Representative.id == Alternate.representative_id)
        .join(Membership, Membership.id == Representative.membership_id)
        .join(Person, Person.id == Representative.person_id)
        .where(
            Alternate.practice_id == standing.practice_id, may_review(standing.community_id), ~out,
            ~speaks_for(Representative.person_id, standing.jurisdiction_id),
            on_desk < Representative.max_load, in_call < standing.max_load,
        )
        .order_by(Alternate.rank)
        .limit(1)
    )  # fmt: skip
    return await session.scalar(query)
