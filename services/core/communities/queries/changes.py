"""The change feed of the membership: jurisdictions, memberships and representatives, as each caller may see them."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, any_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import Uuid

from services.core.communities.models import Membership, Representative
from services.core.communities.queries.memberships import VIEW as MEMBERSHIP
from services.core.communities.queries.representatives import VIEW as REPRESENTATIVE
from services.core.communities.queries.seeing import IS_OWN, IS_SEEN, seen_by
from services.core.jurisdictions import queries as jurisdictions
from services.core.jurisdictions.models import ExternalId, Jurisdiction
from services.core.kit.actor import Actor
from services.core.kit.statements import Connection, json_view, param, utc
from services.core.ledger.feed import Changes, Feed

MEMBERSHIP_FEED = Feed(
    "membership",
    "jurisdiction",
    "membership",
    "representative",
    resync=(
        "/v1/jurisdictions",
        "/v1/communities",
        "/v1/communities/{id}/memberships",
        "/v1/memberships/{id}/representatives",
    ),
)

_WAS_PUBLIC = or_(Membership.status == "active", Membership.activated_at.is_not(None))
"""The membership is or was active: others know of it, so they learn when they may not see it any more."""


def _known(event: Any) -> ColumnElement[bool]:
    """Whether the caller may know of the event at all: others' drafts and others' representatives are never told, not even as gone."""
    was_public = select(Membership.id).where(Membership.id == event.subject_id, _WAS_PUBLIC).exists()
    return or_(
        param("sees_all", Boolean),
        event.subject == "jurisdiction",
        event.jurisdiction_id == any_(param("own", ARRAY(Uuid))),
        event.community_id == any_(param("own_communities", ARRAY(Uuid))),
        and_(event.subject == "membership", was_public),
    )


def _tell(events: Any) -> Select[Any]:
    """The Change of each event: what its subject is now, or that it is gone (or not shown to the caller any more)."""
    event = events.c
    is_jurisdiction, is_membership = event.subject == "jurisdiction", event.subject == "membership"
    is_there = case(
        (is_jurisdiction, Jurisdiction.id.is_not(None)),
        (is_membership, IS_SEEN),
        else_=and_(Representative.deleted_at.is_(None), IS_OWN),
    )
    row = case((is_jurisdiction, jurisdictions.VIEW), (is_membership, MEMBERSHIP), else_=REPRESENTATIVE)
    version = case((is_jurisdiction, Jurisdiction.version), (is_membership, Membership.version), else_=Representative.version)
    entry = func.jsonb_build_object("source", ExternalId.source, "value", ExternalId.value)
    external_ids = (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(entry, ExternalId.source)), cast("[]", JSONB)))
        .where(ExternalId.jurisdiction_id == func.coalesce(Jurisdiction.id, Membership.jurisdiction_id))
        .correlate(Jurisdiction, Membership)
        .scalar_subquery()
    )
    change = json_view(
        {
            "op": case((is_there, "upsert"), else_="delete"),
            "resource": event.subject,
            "id": event.subject_id,
            "external_ids": external_ids,
            "version": func.coalesce(version, 0),
            "changed_at": utc(event.occurred_at),
        },
        optional={"data": (is_there, row)},
    )
    whose = case((is_membership, event.subject_id), else_=Representative.membership_id)
    return (
        select(change.label("body"))
        .select_from(events)
        .outerjoin(Jurisdiction, and_(is_jurisdiction, Jurisdiction.id == event.subject_id))
        .outerjoin(Representative, and_(event.subject == "representative", Representative.id == event.subject_id))
        .outerjoin(Membership, Membership.id == whose)
    )


_CHANGES = MEMBERSHIP_FEED.statement(_known, _tell)


async def membership_changes(connection: Connection, actor: Actor, *, cursor: str | None, limit: int) -> Changes:
    """What changed in jurisdictions, memberships and representatives after ``cursor``, as ``actor`` may see it now."""
    return await MEMBERSHIP_FEED.page(connection, actor, _CHANGES, cursor=cursor, limit=limit, sees=seen_by(actor))
