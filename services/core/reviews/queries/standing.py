"""The practice under review, locked: where it stands, what its call asks for, and how many were asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import not_found
from services.core.practices.models import Call, Practice
from services.core.reviews.models import Decision, ReviewRequest


@dataclass(frozen=True, slots=True)
class Standing:
    """A practice in its present round, as the holder of its lock sees it; times in domain time."""

    practice_id: UUID
    jurisdiction_id: UUID
    status: str
    round: int
    needs_decision: bool
    call_id: UUID
    community_id: UUID
    call_status: str
    rubric_version: str
    reviewers_per_practice: int
    quorum: int
    max_load: int
    max_open_invitations: int
    release: str
    thresholds: Mapping[str, Decimal]
    answer_due_at: datetime
    review_due_at: datetime
    now: datetime
    decided: bool
    asked: Mapping[str, int]
    """Requests of this round by status."""

    @property
    def is_reviewed(self) -> bool:
        """Whether reviews of this round still count: it is neither decided nor with the secretariat."""
        return self.status == "in_review" and not self.decided and not self.needs_decision

    @property
    def taken(self) -> int:
        """Places that are taken for good: accepted, or reviewed."""
        return self.asked.get("accepted", 0) + self.asked.get("submitted", 0)

    @property
    def open(self) -> int:
        """Invitations without an answer."""
        return self.asked.get("pending", 0) + self.asked.get("invited", 0)

    @property
    def is_held_back(self) -> bool:
        """Whether places are free only because no more may be asked at once."""
        return self.taken + self.open < self.reviewers_per_practice and self.open >= self.max_open_invitations

    @property
    def is_short(self) -> bool:
        """Whether someone more should be asked now: a place is free, and not too many are asked at once."""
        return self.is_reviewed and self.taken + self.open < self.reviewers_per_practice and self.open < self.max_open_invitations


_PRACTICE = select(
    Practice.id.label("practice_id"),
    Practice.jurisdiction_id,
    Practice.status,
    Practice.submission.label("round"),
    Practice.needs_decision,
    Practice.call_id,
    Call.community_id,
    Call.status.label("call_status"),
    Call.rubric_version,
    Call.reviewers_per_practice,
    Call.quorum,
    Call.max_load,
    Call.max_open_invitations,
    Call.release,
    Call.thresholds,
    Call.answer_due_at,
    Call.review_due_at,
).join(Call, Call.id == Practice.call_id)


async def lock_standing(session: AsyncSession, practice_id: UUID) -> Standing:
    """Lock the practice, then look: whoever changes requests, reviews or decisions of a practice holds this lock.

    Two statements, since a statement that waited for a lock still counts with the eyes of its beginning.
    """
    locked = await session.execute(_PRACTICE.where(Practice.id == practice_id).with_for_update(of=Practice, key_share=True))
    practice = locked.mappings().one_or_none()
    if practice is None:
        raise not_found()
    here = (ReviewRequest.practice_id == practice_id, ReviewRequest.round == practice["round"])
    decided = select(Decision.round).where(Decision.practice_id == practice_id, Decision.round == practice["round"]).exists()
    by_status = select(ReviewRequest.status, func.count().label("n")).where(*here).group_by(ReviewRequest.status).subquery()
    asked = select(func.jsonb_object_agg(by_status.c.status, by_status.c.n)).scalar_subquery()
    seen = (await session.execute(select(DOMAIN_NOW, decided, asked))).one()
    values: dict[str, Any] = dict(practice)
    values["thresholds"] = {name: Decimal(str(value)) for name, value in values["thresholds"].items()}
    return Standing(**values, now=seen[0], decided=seen[1], asked=seen[2] or {})


async def unreleased(session: AsyncSession, call_id: UUID) -> list[UUID]:
    """The practices of a call whose decision is stored and not released, in the order in which they are to be locked."""
    query = (
        select(Decision.practice_id)
        .join(Practice, (Practice.id == Decision.practice_id) & (Practice.submission == Decision.round))
        .where(Practice.call_id == call_id, Decision.released_at.is_(None))
        .order_by(Decision.practice_id)
    )
    return list(await session.scalars(query))
