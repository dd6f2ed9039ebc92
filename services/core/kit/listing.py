"""Details and lists in the one way that all rooms use: compiled once, JSON by PostgreSQL, keyset pages by id.

Ids are UUIDv7, so the order of ids is the order of creation, never null and never equal: the best sort key there is.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, bindparam, case, func, null, select

from services.core.kit.actor import Actor
from services.core.kit.columns import Base
from services.core.kit.pages import Page, decode_cursor, encode_cursor, scope_of
from services.core.kit.statements import Connection, Statement, json_items

_START = UUID(int=0)


def detail(model: Any, view: ColumnElement[str], *conditions: ColumnElement[bool], derived: Any = None) -> Statement:
    """The statement that reads one row: its ``version`` and its ``body``.

    The body is null when the caller's ``known`` version is the row's: nothing is serialised for a 304. Where a part of the
    body is ours and changes without a new version, ``derived`` counts its changes, and must be the caller's
    ``known_derived`` too.
    """
    is_known = model.version == bindparam("known", value=None, type_=model.version.type)
    columns = [model.version]
    if derived is not None:
        is_known = is_known & (derived == bindparam("known_derived", value=None, type_=Integer))
        columns.append(derived.label("derived"))
    body = case((is_known, null()), else_=view).label("body")
    return Statement(select(*columns, body).where(model.id == bindparam("id", None, type_=Uuid), *conditions))


class Listing:
    """A list with optional filters; each combination of filters is a statement of its own, so that each has a good plan."""

    def __init__(
        self,
        name: str,
        model: Any,
        view: ColumnElement[str],
        *conditions: ColumnElement[bool],
        filters: Mapping[str, ColumnElement[bool]] | None = None,
        joins: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (),
    ) -> None:
        self._name = name
        self._model = model
        self._view = view
        self._conditions = conditions
        self._filters = dict(filters or {})
        self._joins = joins
        self._pages: dict[frozenset[str], Statement] = {}
        self._totals: dict[frozenset[str], Statement] = {}

    def _where(self, names: frozenset[str]) -> list[ColumnElement[bool]]:
        return [*self._conditions, *(condition for name, condition in self._filters.items() if name in names)]

    def _page(self, names: frozenset[str]) -> Statement:
        if names not in self._pages:
            query = select(self._model.id, self._view.label("body"))
            for other, on in self._joins:
                query = query.join(other, on)
            after = bindparam("after", None, type_=Uuid)
            limit = bindparam("limit", None, type_=Integer)
            query = query.where(self._model.id > after, *self._where(names)).order_by(self._model.id).limit(limit)
            self._pages[names] = Statement(query)
        return self._pages[names]

    def _total(self, names: frozenset[str]) -> Statement:
        if names not in self._totals:
            query = select(func.count()).select_from(self._model)
            for other, on in self._joins:
                query = query.join(other, on)
            self._totals[names] = Statement(query.where(*self._where(names)))
        return self._totals[names]

    async def page(
        self,
        connection: Connection,
        actor: Actor,
        *,
        limit: int,
        cursor: str | None,
        filters: Mapping[str, Any] | None = None,
        total: bool = False,
        **given: Any,
    ) -> Page:
        """One page for ``actor``. Filters whose value is None do not filter; ``given`` binds the fixed conditions."""
        wanted = {name: value for name, value in (filters or {}).items() if value is not None}
        scope = scope_of(actor.principal, self._name, [wanted, {k: v for k, v in given.items() if isinstance(v, UUID | str)}])
        after = UUID(decode_cursor(cursor, scope)[0]) if cursor else _START
        names = frozenset(wanted)
        rows = await self._page(names).all(connection, after=after, limit=limit + 1, **wanted, **given)
        more = len(rows) > limit
        rows = rows[:limit]
        count = await self._total(names).value(connection, **wanted, **given) if total else None
        return Page(json_items(rows), encode_cursor([rows[-1]["id"]], scope) if more else None, count)
