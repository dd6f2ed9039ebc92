"""What the assignment of a call reads: practices short of reviewers, reviewers, and everyone who was asked before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, RowMapping, Uuid, and_, cast, delete, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.core.accounts.models import Person
from services.core.communities.models import Membership, Representative
from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import not_found
from services.core.practices.models import Call, Practice
from services.core.reviews.affinity import Context, PracticeIn, ReviewerIn
from services.core.reviews.models import Alternate, Decision, ReviewRequest

OPEN = ("pending", "invited", "accepted")
LIVE = (*OPEN, "submitted")
REFUSED = ("declined", "replaced", "expired")


@dataclass(frozen=True, slots=True)
class CallToAssign:
    """What a call says about its assignment; times in domain time."""

    id: UUID
    community_id: UUID
    status: str
    assignment: str
    reviewers_per_practice: int
    max_load: int
    max_open_invitations: int
    answer_due_at: datetime
    review_due_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class ToReview:
    """A practice that is short of reviewers, with the round it is in."""

    practice: PracticeIn
    round: int
    status: str
    open: int
    """Invitations without an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of this call: who was asked for which practice, and what became of it."""

    practice_id: UUID
    person_id: UUID
    jurisdiction_id: UUID
    status: str
    is_current: bool
    """Whether it belongs to the practice's present round."""


async def lock_call(session: AsyncSession, call_id: UUID) -> CallToAssign:
    """The call, locked against a second assignment at the same time; 404 when there is none."""
    names = [name for name in CallToAssign.__slots__ if name != "now"]
    query = select(*(getattr(Call, name) for name in names), DOMAIN_NOW.label("now")).where(Call.id == call_id)
    row = (await session.execute(query.with_for_update(of=Call, key_share=True))).mappings().one_or_none()
    if row is None:
        raise not_found()
    return CallToAssign(**row)


_context = {name: getattr(Jurisdiction, name) for name in ("population", "area_km2", "country", "level", "context")}
_theirs = Practice.__table__.alias("theirs")


def _recognised(jurisdiction_id: Any) -> Any:
    """The themes for which a jurisdiction was recognised or commended."""
    themes = select(func.coalesce(func.array_agg(_theirs.c.theme.distinct()), cast([], ARRAY(Text))))
    won = _theirs.c.status.in_(("recognised", "commended"))
    return themes.where(_theirs.c.jurisdiction_id == jurisdiction_id, won).scalar_subquery()


_authors = (
    select(func.coalesce(func.array_agg(Representative.person_id.distinct()), cast([], ARRAY(Uuid))))
    .join(Membership, Membership.id == Representative.membership_id)
    .where(Membership.jurisdiction_id == Practice.jurisdiction_id, Representative.deleted_at.is_(None))
    .scalar_subquery()
)
_of_this_round = and_(ReviewRequest.practice_id == Practice.id, ReviewRequest.round == Practice.submission)
_live_here = select(func.count()).select_from(ReviewRequest).where(_of_this_round, ReviewRequest.status.in_(LIVE)).scalar_subquery()
_open_here = (
    select(func.count())
    .select_from(ReviewRequest)
    .where(_of_this_round, ReviewRequest.status.in_(("pending", "invited")))
    .scalar_subquery()
)
_undecided = ~select(Decision.round).where(Decision.practice_id == Practice.id, Decision.round == Practice.submission).exists()


async def lock_practices(session: AsyncSession, call_id: UUID) -> None:
    """Lock the practices of a call that may need reviewers, in one order, before anything about them is read."""
    waiting = and_(Practice.call_id == call_id, Practice.status.in_(("assessed", "in_review")))
    await session.execute(select(Practice.id).where(waiting).order_by(Practice.id).with_for_update(key_share=True))


async def short_of_reviewers(session: AsyncSession, call: CallToAssign) -> list[ToReview]:
    """The practices with free places, with all that the score of a match looks at."""
    query = (
        select(
            Practice.id, Practice.jurisdiction_id, Practice.theme, Practice.secondary_themes, Practice.language, Practice.translations,
            Practice.submission, Practice.status, *_context.values(), _recognised(Practice.jurisdiction_id).label("recognised"),
            _authors.label("authors"), _open_here.label("open"),
        )
        .join(Jurisdiction, Jurisdiction.id == Practice.jurisdiction_id)
        .where(
            Practice.call_id == call.id, Practice.status.in_(("assessed", "in_review")), Practice.needs_decision.is_(False),
            _undecided, _live_here < call.reviewers_per_practice,
        )
    )  # fmt: skip
    return [_to_review(row) for row in (await session.execute(query)).mappings()]


def _to_review(row: RowMapping) -> ToReview:
    practice = PracticeIn(
        id=str(row["id"]),
        jurisdiction_id=str(row["jurisdiction_id"]),
        country=row["country"],
        theme=row["theme"],
        language=row["language"],
        secondary_themes=tuple(row["secondary_themes"]),
        translations=tuple(sorted(row["translations"])),
        context=_as_context(row),
        recognised_themes=tuple(row["recognised"]),
        author_person_ids=tuple(str(person) for person in row["authors"]),
    )
    return ToReview(practice, row["submission"], row["status"], row["open"])


def _as_context(row: RowMapping) -> Context:
    known: dict[str, Any] = row["context"] or {}
    return Context(
        population=_number(row["population"]),
        area_km2=_number(row["area_km2"]),
        gdp_per_capita=_number(known.get("gdp_per_capita")),
        industry_share=_number(known.get("industry_share")),
        emissions_per_capita=_number(known.get("emissions_per_capita")),
        climate_zone=known.get("climate_zone"),
        coastal=known.get("coastal"),
        level=row["level"],
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def may_review(community_id: Any) -> Any:
    """Who may be asked in a community: reviewers who speak for an active member, with a mandate."""
    return and_(
        Membership.community_id == community_id,
        Membership.status == "active",
        Representative.reviewer,
        Representative.deleted_at.is_(None),
        or_(Representative.mandate_ends_on.is_(None), Representative.mandate_ends_on >= cast(DOMAIN_NOW, Date)),
        Person.deleted_at.is_(None),
    )


async def reviewers(session: AsyncSession, community_id: UUID) -> list[ReviewerIn]:
    """Everyone who may be asked in a community, once per role."""
    query = (
        select(
            Representative.id, Representative.person_id, Representative.themes, Representative.languages, Representative.max_load,
            Membership.jurisdiction_id, *_context.values(), _recognised(Membership.jurisdiction_id).label("recognised"),
        )
        .join(Membership, Membership.id == Representative.membership_id)
        .join(Person, Person.id == Representative.person_id)
        .join(Jurisdiction, Jurisdiction.id == Membership.jurisdiction_id)
        .where(may_review(community_id))
    )  # fmt: skip
    return [
        ReviewerIn(
            id=str(row["id"]),
            person_id=str(row["person_id"]),
            jurisdiction_id=str(row["jurisdiction_id"]),
            country=row["country"],
            themes=tuple(row["themes"]),
            languages=tuple(row["languages"]),
            context=_as_context(row),
            recognised_themes=tuple(row["recognised"]),
            max_load=row["max_load"],
        )
        for row in (await session.execute(query)).mappings()
    ]


async def asked(session: AsyncSession, call_id: UUID) -> list[Asked]:
    """All requests of a call so far."""
    query = (
        select(
            ReviewRequest.practice_id, ReviewRequest.person_id, ReviewRequest.jurisdiction_id, ReviewRequest.status,
            (ReviewRequest.round == Practice.submission).label("is_current"),
        )
        .join(Practice, Practice.id == ReviewRequest.practice_id)
        .where(ReviewRequest.call_id == call_id)
    )  # fmt: skip
    return [Asked(**row) for row in (await session.execute(query)).mappings()]


async def load_elsewhere(session: AsyncSession, call_id: UUID) -> dict[str, int]:
    """How many reviews lie open on each person's desk outside this call."""
    busy = (ReviewRequest.status.in_(OPEN), ReviewRequest.call_id != call_id)
    query = select(ReviewRequest.person_id, func.count()).where(*busy).group_by(ReviewRequest.person_id)
    return {str(person): count for person, count in await session.execute(query)}


async def forget_alternates(session: AsyncSession, practices: Sequence[UUID]) -> None:
    """Remove who would have been asked next, before a run writes anew."""
    await session.execute(delete(Alternate).where(Alternate.practice_id.in_(practices)))


async def time_zones(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The time zone of each representative."""
    query = select(Representative.id, Representative.time_zone).where(Representative.id.in_(ids))
    return {row.id: row.time_zone for row in await session.execute(query)}
