"""What happened to a membership: a view of the event table."""

from uuid import UUID

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.types import Uuid

from services.core.communities.models import Membership
from services.core.communities.queries.seeing import in_own, must_be_own, seen_by
from services.core.kit.actor import Actor
from services.core.kit.listing import Listing
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, json_view, param, utc
from services.core.ledger.models import EventRow

_VIEW = json_view(
    {
        "id": EventRow.id,
        "type": EventRow.type,
        "action": EventRow.data["action"],
        "actor": func.jsonb_build_object("kind", EventRow.actor_kind, "id", EventRow.actor_id, "label", EventRow.actor_label),
        "before": EventRow.before,
        "after": EventRow.after,
        "reason": EventRow.reason,
        "occurred_at": utc(EventRow.occurred_at),
    }
)
_ID = param("membership_id", Uuid)
_RENEWALS = select(Membership.id).where(Membership.renewal_of == _ID)
_LIST = Listing(
    "membership-history",
    EventRow,
    _VIEW,
    EventRow.subject_id.in_(union_all(select(_ID), _RENEWALS)),
    EventRow.subject == "membership",
    or_(EventRow.subject_id == _ID, EventRow.data["action"].astext == "renew"),
    in_own(EventRow.subject_id),
)


async def history(connection: Connection, actor: Actor, membership_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of what happened to a membership that ``actor`` speaks for, oldest first; 404 for another's.

    That it was renewed is an event of the new draft, and shown here too.
    """
    given = {"membership_id": membership_id, **seen_by(actor)}
    page = await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, **given)
    if page.items == b"[]":
        await must_be_own(connection, actor, membership_id)
    return page
