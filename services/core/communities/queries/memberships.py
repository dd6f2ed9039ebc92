"""Questions about memberships, and the facts that their guards look at."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text, Uuid

from services.core.communities.models import Agreement, Community, Membership, Representative
from services.core.communities.queries.communities import load_community
from services.core.communities.queries.seeing import IS_OWN, IS_SEEN, must_write, own_only, seen_by
from services.core.communities.rules import COUNTED, IN_FORCE
from services.core.communities.rules import MEMBERSHIP as LIFE
from services.core.communities.validation import Facts
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, allowed_actions, json_view, param, utc

VIEW = json_view(
    {
        "id": Membership.id,
        "community_id": Membership.community_id,
        "jurisdiction_id": Membership.jurisdiction_id,
        "kind": Membership.kind,
        "status": Membership.status,
        "allowed_actions": allowed_actions(LIFE, Membership.status),
        "activated_at": utc(Membership.activated_at),
        "renewal_of": Membership.renewal_of,
        "version": Membership.version,
        "created_at": utc(Membership.created_at),
        "updated_at": utc(Membership.updated_at),
    },
    optional={"expression": (Membership.expression.is_not(None) & IS_OWN, Membership.expression)},
)
MEMBERSHIP = detail(Membership, VIEW, IS_SEEN)
_LIST = Listing(
    "memberships",
    Membership,
    VIEW,
    Membership.community_id == param("community_id", Uuid),
    IS_SEEN,
    filters={
        "status": Membership.status == param("status", Text),
        "kind": Membership.kind == param("kind", Text),
        "jurisdiction_id": Membership.jurisdiction_id == param("jurisdiction_id", Uuid),
    },
)
TODAY = cast(func.timezone("UTC", DOMAIN_NOW), Date)
SPEAKING = Representative.deleted_at.is_(None) & or_(Representative.mandate_ends_on.is_(None), Representative.mandate_ends_on >= TODAY)
"""A representative who counts: not removed, and the mandate has not ended before today."""
_COMMUNITY = Statement(select(Community.id).where(Community.id == param("id", Uuid)))


async def memberships(
    connection: Connection, actor: Actor, community_id: UUID, *, limit: int, cursor: str | None, total: bool, filters: dict[str, Any]
) -> Page:
    """A page of the memberships that ``actor`` may see; filters ``status``, ``kind``, ``jurisdiction_id``."""
    given = {"community_id": community_id, **seen_by(actor)}
    page = await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=filters, **given)
    if page.items == b"[]" and await _COMMUNITY.one(connection, id=community_id) is None:
        raise not_found()
    return page


async def load_membership(session: AsyncSession, actor: Actor, membership_id: UUID, *, at_the_places: bool = False) -> Membership:
    """The membership, locked for a change by ``actor``; 404 when there is none or it is another's, 403 when they only read it.

    ``at_the_places``: its community is locked before it, for a step that takes or frees a place or the chair.
    """
    if at_the_places:
        where = select(Membership.community_id).where(Membership.id == membership_id)
        if (community_id := await session.scalar(own_only(where, actor))) is not None:
            await load_community(session, community_id, lock="write")
    query = select(Membership).where(Membership.id == membership_id).with_for_update().execution_options(populate_existing=True)
    row: Membership | None = await session.scalar(own_only(query, actor))
    if row is None:
        raise not_found()
    must_write(actor, row)
    return row


async def facts(session: AsyncSession, membership: Membership) -> Facts:
    """What the guards of a step look at. The caller has locked the community of a step that takes one of its places."""
    chairs = _others(membership).where(Membership.kind == "chair", Membership.status.in_(IN_FORCE))
    signatories = select(Agreement.signatories).where(Agreement.membership_id == membership.id)
    roles = select(func.array_agg(Representative.role)).where(Representative.membership_id == membership.id, SPEAKING)
    found = await session.execute(
        select(
            TODAY.label("today"),
            select(Community.capacity).where(Community.id == membership.community_id).scalar_subquery().label("capacity"),
            select(Community.ends_on).where(Community.id == membership.community_id).scalar_subquery().label("ends_on"),
            _active(membership).scalar_subquery().label("active"),
            chairs.exists().label("has_chair"),
            signatories.scalar_subquery().label("signatories"),
            roles.scalar_subquery().label("roles"),
        )
    )
    row = found.one()
    return Facts(
        kind=membership.kind,
        today=row.today,
        ends_on=row.ends_on,
        capacity=row.capacity,
        active=row.active,
        has_chair=row.has_chair,
        signatories=row.signatories or (),
        roles=frozenset(row.roles or ()),
    )


async def active_count(session: AsyncSession, community_id: UUID) -> int:
    """How many places of the community are taken."""
    query = select(func.count()).where(Membership.community_id == community_id, Membership.status == "active", Membership.kind.in_(COUNTED))
    return int(await session.scalar(query) or 0)


async def in_force(session: AsyncSession, community_id: UUID, limit: int) -> Sequence[Membership]:
    """The first ``limit`` memberships of a community that are active or suspended, locked in the order of their ids."""
    query = select(Membership).where(Membership.community_id == community_id, Membership.status.in_(IN_FORCE))
    return (await session.scalars(query.order_by(Membership.id).limit(limit).with_for_update())).all()


async def active_membership(session: AsyncSession, community_id: UUID, jurisdiction_id: UUID) -> UUID | None:
    """The jurisdiction's active membership in the community, if it has one."""
    return await session.scalar(
        select(Membership.id).where(
            Membership.community_id == community_id, Membership.jurisdiction_id == jurisdiction_id, Membership.status == "active"
        )
    )


def _others(membership: Membership) -> Any:
    return select(Membership.id).where(Membership.community_id == membership.community_id, Membership.id != membership.id)


def _active(membership: Membership) -> Any:
    return select(func.count()).where(
        Membership.community_id == membership.community_id,
        Membership.id != membership.id,
        Membership.status == "active",
        Membership.kind.in_(COUNTED),
    )
