"""The audit: what happened, as each caller may read it. A view of the event table.

Who may read the audit everywhere reads all of it. A jurisdiction reads what concerns it, and of that only the classes of
events that say so themselves (`Event.author_side`): what is not said to be harmless is not shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, and_, any_, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text, Uuid

from services.core.kit.actor import Actor
from services.core.kit.listing import Listing
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, json_view, param, utc
from services.core.ledger.event import Event
from services.core.ledger.models import DomainClock, EventRow

_VIEW = json_view(
    {
        "id": EventRow.id,
        "type": EventRow.type,
        "action": EventRow.data["action"],
        "subject": func.json_build_object("kind", EventRow.subject, "id", EventRow.subject_id),
        "jurisdiction_id": EventRow.jurisdiction_id,
        "community_id": EventRow.community_id,
        "actor": func.json_build_object("kind", EventRow.actor_kind, "id", EventRow.actor_id, "label", EventRow.actor_label),
        "via": EventRow.via,
        "request_id": EventRow.request_id,
        "reason": EventRow.reason,
        "before": EventRow.before,
        "after": EventRow.after,
        "data": EventRow.data,
        "occurred_at": utc(EventRow.occurred_at),
    }
)


def _among(column: Any, name: str) -> ColumnElement[bool]:
    """``column`` is one of the ids in the parameter ``name``."""
    is_among: ColumnElement[bool] = column == any_(param(name, ARRAY(Uuid)))
    return is_among


_IS_TOLD = and_(EventRow.type == any_(param("told", ARRAY(Text))), EventRow.actor_kind != "reviewer")
_OF_JURISDICTIONS = and_(_among(EventRow.jurisdiction_id, "of_jurisdictions"), _IS_TOLD)
_OF_COMMUNITIES = or_(
    _among(EventRow.community_id, "of_communities"),
    and_(_among(EventRow.community_id, "told_communities"), _IS_TOLD),
)
_SINCE = param("since", DateTime(timezone=True))
_AT_WORK = _SINCE - select(DomainClock.offset).scalar_subquery() - literal_column("interval '1 hour'")
_FIRST_ID = cast(
    func.concat(
        func.lpad(func.to_hex(cast(func.floor(func.extract("epoch", _AT_WORK) * 1000), BigInteger)), 12, "0"), "70008000000000000000"
    ),
    Uuid,
)
"""No event since then has a smaller id: ids begin with the machine's time, which domain time is ahead of by its offset, and a
transaction is never as long as the hour that is taken off. So the list begins there, not at the beginning of all time."""
_AUDIT = Listing(
    "audit",
    EventRow,
    _VIEW,
    filters={
        "subject": EventRow.subject_id == param("subject", Uuid),
        "actor_id": EventRow.actor_id == param("actor_id", Text),
        "actor_kind": EventRow.actor_kind == param("actor_kind", Text),
        "type": EventRow.type == param("type", Text),
        "since": and_(EventRow.occurred_at >= _SINCE, EventRow.id >= _FIRST_ID),
        "until": EventRow.occurred_at < param("until", DateTime(timezone=True)),
        # who reads: one of these, or none for those who read everything
        "of_jurisdictions": _OF_JURISDICTIONS,
        "of_communities": _OF_COMMUNITIES,
        "of_both": or_(_OF_JURISDICTIONS, _OF_COMMUNITIES),
    },
)


async def audit(connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, filters: Mapping[str, Any]) -> Page:
    """A page of what happened, oldest first.

    Filters: ``subject`` (an id), ``actor`` (an id or ``kind:id``), ``type``, ``since`` (included), ``until`` (not included).
    """
    wanted, given = _read_by(actor)
    kind, _, actor_id = (filters.get("actor") or "").rpartition(":")
    named = {name: value for name, value in filters.items() if name != "actor"} | {"actor_id": actor_id or None, "actor_kind": kind or None}
    return await _AUDIT.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=named | wanted, **given)


def _read_by(actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
    """The filter that holds for ``actor``, and the parameters of its parts.

    In a community, who may not assign reviewers there may not learn from the audit who they are either.
    """
    reach = actor.reach("audit:read")
    if reach.everywhere:
        return {}, {}
    assigns = actor.reach("assignments:write")
    jurisdictions = sorted(reach.jurisdictions)
    communities = [community for community in sorted(reach.communities) if assigns.everywhere or community in assigns.communities]
    told_communities = sorted(reach.communities.difference(communities))
    given = {"told": sorted(_author_side(Event)), "told_communities": told_communities}
    if not reach.communities:
        return {"of_jurisdictions": jurisdictions}, given
    if not reach.jurisdictions:
        return {"of_communities": communities}, given
    return {"of_both": True}, {**given, "of_jurisdictions": jurisdictions, "of_communities": communities}


def _author_side(kind: type[Event]) -> Iterator[str]:
    for each in kind.__subclasses__():
        if each.author_side:
            yield each.type
        yield from _author_side(each)
