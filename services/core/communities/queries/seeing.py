"""Who sees what: the conditions that every question about memberships carries."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, any_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from services.core.communities.models import Membership
from services.core.kit.actor import Actor
from services.core.kit.errors import Problem, not_found
from services.core.kit.statements import Connection, Statement, param

IS_OWN: ColumnElement[bool] = or_(
    param("sees_all", Boolean),
    Membership.jurisdiction_id == any_(param("own", ARRAY(Uuid))),
    Membership.community_id == any_(param("own_communities", ARRAY(Uuid))),
)
"""The membership is the caller's own jurisdiction's, lies in a community that they serve, or they see all of them."""

IS_SEEN: ColumnElement[bool] = or_(Membership.status == "active", IS_OWN)
"""Active memberships are public; the others belong to the jurisdiction and the secretariat."""

_OWN_ONE = Statement(select(Membership.id).where(Membership.id == param("id", Uuid), IS_OWN))


def seen_by(actor: Actor) -> dict[str, Any]:
    """The parameters of `IS_OWN` and `IS_SEEN` for ``actor``."""
    reach = actor.reach("memberships:read")
    return {"sees_all": reach.everywhere, "own": list(reach.jurisdictions), "own_communities": list(reach.communities)}


def own_only(query: Any, actor: Actor) -> Any:
    """``query`` over memberships, narrowed to those that ``actor`` reads as their own."""
    reach = actor.reach("memberships:read")
    if reach.everywhere:
        return query
    return query.where(or_(Membership.jurisdiction_id.in_(reach.jurisdictions), Membership.community_id.in_(reach.communities)))


def must_write(actor: Actor, membership: Membership) -> None:
    """403 unless ``actor``, who reads this membership, may also change it."""
    if not actor.may_for("memberships:write", jurisdiction=membership.jurisdiction_id, community=membership.community_id):
        raise Problem("forbidden", "You may read this membership, not change it.")


def in_own(membership_id: Any) -> ColumnElement[bool]:
    """The membership that ``membership_id`` names is one of the caller's own."""
    return select(Membership.id).where(Membership.id == membership_id, IS_OWN).exists()


async def must_be_own(connection: Connection, actor: Actor, membership_id: UUID) -> None:
    """404 unless the membership exists and is one of the caller's own (asked only when a page of it is empty)."""
    if await _OWN_ONE.one(connection, id=membership_id, **seen_by(actor)) is None:
        raise not_found()
