"""Questions about calls."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text, Uuid

from services.core.communities.models import Community
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, allowed_actions, json_view, param, utc
from services.core.practices.models import Call
from services.core.practices.queries.seeing import CALL_IS_SEEN, calls_seen_by
from services.core.practices.states import CALL as LIFE

_VIEW = json_view(
    {
        "id": Call.id,
        "community_id": Call.community_id,
        "title": Call.title,
        "status": Call.status,
        "allowed_actions": allowed_actions(LIFE, Call.status),
        "themes": Call.themes,
        "rubric_version": Call.rubric_version,
        "opens_at": utc(Call.opens_at),
        "closes_at": utc(Call.closes_at),
        "answer_due_at": utc(Call.answer_due_at),
        "review_due_at": utc(Call.review_due_at),
        "soft": func.json_build_object(
            *("closes_at", utc(Call.soft_closes_at)),
            *("answer_due_at", utc(Call.soft_answer_due_at)),
            *("review_due_at", utc(Call.soft_review_due_at)),
            type_=JSON,
        ),
        "time_zone": Call.time_zone,
        "reviewers_per_practice": Call.reviewers_per_practice,
        "quorum": Call.quorum,
        "max_load": Call.max_load,
        "max_open_invitations": Call.max_open_invitations,
        "max_practices_per_jurisdiction": Call.max_practices_per_jurisdiction,
        "blind": Call.blind,
        "assignment": Call.assignment,
        "release": Call.release,
        "thresholds": Call.thresholds,
        "version": Call.version,
        "created_at": utc(Call.created_at),
        "updated_at": utc(Call.updated_at),
    }
)
CALL = detail(Call, _VIEW, CALL_IS_SEEN)
_LIST = Listing(
    "calls",
    Call,
    _VIEW,
    Call.community_id == param("community_id", Uuid),
    CALL_IS_SEEN,
    filters={"status": Call.status == param("status", Text)},
)
_COMMUNITY = Statement(select(Community.id).where(Community.id == param("id", Uuid)))


async def calls(
    connection: Connection, actor: Actor, community_id: UUID, *, limit: int, cursor: str | None, total: bool, filters: dict[str, Any]
) -> Page:
    """A page of a community's calls; drafts are the secretariat's. Filter ``status``; 404 when there is no such community."""
    given = {"community_id": community_id, **calls_seen_by(actor)}
    page = await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=filters, **given)
    if page.items == b"[]" and await _COMMUNITY.one(connection, id=community_id) is None:
        raise not_found()
    return page


async def load_call(session: AsyncSession, call_id: UUID, *, lock: bool = False) -> Call:
    """The call as it is now, locked against other changes when asked; 404 when there is none.

    The lock lets practices refer to the call meanwhile.
    """
    query = select(Call).where(Call.id == call_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None:
        raise not_found()
    return row


async def community_themes(session: AsyncSession, community_id: UUID) -> list[str]:
    """The themes of a community; 404 when there is none."""
    themes = await session.scalar(select(Community.themes).where(Community.id == community_id))
    if themes is None:
        raise not_found()
    return themes
