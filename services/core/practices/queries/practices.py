"""Questions about practices, and the rows behind a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, cast, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Text, Uuid

from services.core.commitments.models import Commitment
from services.core.communities.models import Membership
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import Problem, not_found
from services.core.kit.listing import Listing
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, allowed_actions, json_view, number, param, utc
from services.core.practices.models import Call, Practice
from services.core.practices.queries.seeing import DECIDES, IS_PUBLISHED, IS_SEEN, called_in, seen_by
from services.core.practices.queries.translations import translations_of
from services.core.practices.states import PRACTICE as LIFE

_VIEW = json_view(
    {
        "id": Practice.id,
        "call_id": Practice.call_id,
        "jurisdiction_id": Practice.jurisdiction_id,
        "title": Practice.title,
        "summary": Practice.summary,
        "theme": Practice.theme,
        "secondary_themes": Practice.secondary_themes,
        "language": Practice.language,
        "translations": translations_of(Practice.translations),
        "problem": Practice.problem,
        "actions": Practice.actions,
        "partners": Practice.partners,
        "indicators": Practice.indicators,
        "emissions_avoided_t_per_year": number(Practice.emissions_avoided_t_per_year),
        "co_benefits": Practice.co_benefits,
        "sdg_targets": Practice.sdg_targets,
        "obstacles": Practice.obstacles,
        "lessons": Practice.lessons,
        "transfer_conditions": Practice.transfer_conditions,
        "commitment_ids": Practice.commitment_ids,
        "consent_to_publish": Practice.consent_to_publish,
        "status": Practice.status,
        "allowed_actions": allowed_actions(LIFE, Practice.status),
        "needs_decision": and_(DECIDES, Practice.needs_decision),
        "submissions": Practice.submission,
        "submitted_at": utc(Practice.submitted_at),
        "version": Practice.version,
        "created_at": utc(Practice.created_at),
        "updated_at": utc(Practice.updated_at),
    },
    optional={"finance": (Practice.finance.is_not(None), Practice.finance)},
)
_moves_unseen = and_(DECIDES, Practice.status == "in_review")
PRACTICE = Statement(
    select(
        Practice.version,
        case((and_(Practice.version == param("known", Integer), ~_moves_unseen), null()), else_=_VIEW).label("body"),
    ).where(Practice.id == param("id", Uuid), IS_SEEN)
)
"""One practice. ``needs_decision`` changes without a new version, so that an author's copy never tells when reviewers acted;
the secretariat, which sees it, therefore has no 304 of a practice in review."""

_LIST = Listing(
    "practices",
    Practice,
    _VIEW,
    IS_SEEN,
    filters={
        "call_id": Practice.call_id == param("call_id", Uuid),
        "jurisdiction_id": Practice.jurisdiction_id == param("jurisdiction_id", Uuid),
        "theme": Practice.theme == param("theme", Text),
        "status": Practice.status == param("status", Text),
    },
)


async def practices(connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, filters: dict[str, Any]) -> Page:
    """A page of the practices that ``actor`` may see; filters ``call_id``, ``jurisdiction_id``, ``theme``, ``status``."""
    return await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=filters, **seen_by(actor))


async def load(session: AsyncSession, practice_id: UUID, *, lock: bool = False) -> Practice:
    """The practice as it is now, locked against other changes when asked; 404 when there is none."""
    query = select(Practice).where(Practice.id == practice_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None:
        raise not_found()
    return row


async def load_own(session: AsyncSession, actor: Actor, practice_id: UUID) -> Practice:
    """The practice, locked for a change by its author.

    404 when there is none that ``actor`` may see; 403 when it is another jurisdiction's, and published.
    """
    query = select(Practice).where(Practice.id == practice_id).with_for_update(key_share=True)
    row: Practice | None = await session.scalar(_for(query, actor))
    if row is None:
        raise not_found()
    _must_speak_for(actor, row)
    return row


@dataclass(frozen=True, slots=True)
class HandingIn:
    """A practice that is about to be handed in, locked, and where its call stands; ``now`` is domain time."""

    practice: Practice
    community_id: UUID
    call_status: str
    opens_at: datetime
    closes_at: datetime
    soft_closes_at: datetime | None
    cap: int | None
    """How many practices the call takes from one jurisdiction."""
    now: datetime


async def handing_in(session: AsyncSession, actor: Actor, practice_id: UUID) -> HandingIn:
    """Like `load_own`, with what decides whether the call takes it."""
    query = (
        select(
            *(Practice, Call.community_id, Call.status, Call.opens_at, Call.closes_at),
            *(Call.soft_closes_at, Call.max_practices_per_jurisdiction, DOMAIN_NOW),
        )
        .join(Call, Call.id == Practice.call_id)
        .where(Practice.id == practice_id)
        .with_for_update(of=Practice, key_share=True)
    )
    row = (await session.execute(_for(query, actor))).one_or_none()
    if row is None:
        raise not_found()
    found = HandingIn(*row)
    _must_speak_for(actor, found.practice)
    return found


async def handed_in(session: AsyncSession, found: HandingIn) -> int:
    """How many other practices the jurisdiction has handed in to the call and not withdrawn.

    Who asks queues at the jurisdiction's membership, so that two that are handed in at once count each other.
    """
    row = found.practice
    theirs = (Membership.community_id == found.community_id, Membership.jurisdiction_id == row.jurisdiction_id)
    await session.execute(select(Membership.id).where(*theirs, Membership.status == "active").with_for_update(key_share=True))
    others = (Practice.call_id == row.call_id, Practice.jurisdiction_id == row.jurisdiction_id, Practice.id != row.id)
    query = select(func.count()).where(*others, Practice.submission > 0, Practice.status != "withdrawn")
    return (await session.execute(query)).scalar_one()


def _for(query: Any, actor: Actor) -> Any:
    reach = actor.reach("practices:read")
    if reach.everywhere:
        return query
    in_communities = called_in(cast(list(reach.communities), ARRAY(Uuid)))
    return query.where(or_(Practice.jurisdiction_id.in_(reach.jurisdictions), in_communities, IS_PUBLISHED))


def _must_speak_for(actor: Actor, row: Practice) -> None:
    if not actor.may_for("practices:write", jurisdiction=row.jurisdiction_id):
        raise Problem("forbidden", "You may read this practice, not change it.")


async def strange_commitments(session: AsyncSession, jurisdiction_id: UUID, ids: Sequence[UUID]) -> list[int]:
    """The places in ``ids`` that name no commitment of the jurisdiction."""
    known = set(await session.scalars(select(Commitment.id).where(Commitment.id.in_(ids), Commitment.jurisdiction_id == jurisdiction_id)))
    return [index for index, commitment_id in enumerate(ids) if commitment_id not in known]


async def set_needs_decision(session: AsyncSession, practice_id: UUID, *, needed: bool) -> None:
    """Write the flag past the row's version and time, which its author sees."""
    values = {"needs_decision": needed, "updated_at": Practice.updated_at}
    await session.execute(update(Practice).where(Practice.id == practice_id).values(values))
