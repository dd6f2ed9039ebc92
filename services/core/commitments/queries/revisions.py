"""The public history of a commitment: a view of the event table, in the order of its revisions.

A sealed revision is shown out of its sealed content, so that the two cannot differ; an older one out of its event.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, case, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.types import Uuid

from services.core.commitments.models import Commitment
from services.core.commitments.queries.reading import SEEN, owner, seen_by
from services.core.kit.actor import Actor
from services.core.kit.pages import Page, decode_cursor, encode_cursor, scope_of
from services.core.kit.statements import Connection, Statement, json_items, json_view, param, utc
from services.core.ledger.models import EventRow

_MOST_CHARACTERS = 1_000_000
"""Of contents on one page: then it ends, however many were asked for. Measures can be long, and each revision of them tells them all."""
_KINDS = ("made", "revised", "weakened")
_IS_REVISION = (
    EventRow.subject_id == param("commitment_id", Uuid),
    EventRow.type.in_([literal_column(f"'commitment.{kind}'", Text) for kind in _KINDS]),
    select(Commitment.id).where(Commitment.id == param("commitment_id", Uuid), SEEN).exists(),
)
_REVISION = EventRow.data["revision"]
_AFTER, _LIMIT = param("after", Integer), param("limit", Integer)
_NUMBERED = (
    select(
        EventRow.seq,
        # each change is one event, written while the commitment is held: so its place is the version that it made
        func.row_number().over(order_by=EventRow.seq).label("place"),
        func.coalesce(func.length(_REVISION["content"].astext), 0).label("size"),
    )
    .where(*_IS_REVISION)
    .subquery()
)
_AHEAD = select(_NUMBERED).where(_NUMBERED.c.place > _AFTER).order_by(_NUMBERED.c.place).limit(_LIMIT).subquery()
_FITTING = select(
    _AHEAD,
    (func.sum(_AHEAD.c.size).over(order_by=_AHEAD.c.place) - _AHEAD.c.size).label("before"),
    func.count().over().label("offered"),
).subquery()
_PLACE = _FITTING.c.place
_CONTENT = cast(_REVISION["content"].astext, JSON)
_field = func.jsonb_object_keys(EventRow.after).column_valued("field")
_move = func.json_build_object("field", _field, "before", EventRow.before[_field], "after", EventRow.after[_field])
_MOVED = select(func.json_agg(_move)).correlate(EventRow).scalar_subquery()


def _sealed(name: str, otherwise: Any) -> ColumnElement[Any]:
    """A member of the sealed content, or what the event says where nothing was sealed."""
    return case((_REVISION.is_(None), func.to_json(otherwise)), else_=_CONTENT[name])


_VIEW = json_view(
    {
        "number": _sealed("number", _PLACE),
        "kind": _sealed("kind", func.split_part(EventRow.type, ".", 2)),
        "at": _sealed("at", utc(EventRow.occurred_at)),
        "by": _sealed("by", EventRow.actor_kind),
        "reason": _sealed("reason", EventRow.reason),
        "moved": _sealed("moved", func.coalesce(_MOVED, literal_column("'[]'::json", JSON))),
        "weakened": _sealed("weakened", literal_column("'[]'::json", JSON)),
        "content": _REVISION["content"].astext,
        "previous_hash": _REVISION["previous_hash"].astext,
        "hash": _REVISION["hash"].astext,
    }
)
_PAGE = Statement(
    select(_PLACE, _FITTING.c.offered, _VIEW.label("body"))
    .join(_FITTING, _FITTING.c.seq == EventRow.seq)
    .where(_FITTING.c.before < _MOST_CHARACTERS)
    .order_by(_PLACE)
)
_TOTAL = Statement(select(func.count()).select_from(EventRow).where(*_IS_REVISION))


async def revisions(connection: Connection, actor: Actor, commitment_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of a commitment's revisions, oldest first; 404 when ``actor`` may not see it (asked only when the page is empty)."""
    given = {"commitment_id": commitment_id, **seen_by(actor)}
    scope = scope_of(actor.principal, "revisions", [commitment_id])
    after = int(decode_cursor(cursor, scope)[0]) if cursor else 0
    rows = await _PAGE.all(connection, after=after, limit=limit + 1, **given)
    if not rows:
        await owner(connection, actor, commitment_id)
    more, rows = bool(rows) and rows[0]["offered"] > min(limit, len(rows)), rows[:limit]
    count = await _TOTAL.value(connection, **given) if total else None
    return Page(json_items(rows), encode_cursor([rows[-1]["place"]], scope) if more else None, count)
