"""Statements that are built and compiled once, and JSON that PostgreSQL builds.

A resource has one public representation, a SQL expression made with `json_view`. Reading, listing and answering a write
all use it, so they cannot differ; contract tests hold it against the OpenAPI schema on every route.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
from sqlalchemy import BindParameter, ClauseElement, ColumnElement, Text, bindparam, case, cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from services.core.kit.states import Machine

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.Connection

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]


class Statement:
    """A Core statement, compiled at its first use and run on a driver connection.

    Bind parameters are given by name; JSON values are given as text, and selected as text (the two pools decode jsonb
    differently).
    """

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause

    @cached_property
    def _compiled(self) -> tuple[str, list[str], dict[str, Any]]:
        compiled = self._clause.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        return str(compiled), list(compiled.positiontup or []), dict(compiled.params)  # type: ignore[attr-defined]

    @property
    def sql(self) -> str:
        """The text that PostgreSQL sees."""
        return self._compiled[0]

    def _arguments(self, given: dict[str, Any]) -> list[Any]:
        _, names, defaults = self._compiled
        return [given[name] if name in given else defaults[name] for name in names]

    async def one(self, connection: Connection, **given: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        return await connection.fetchrow(self.sql, *self._arguments(given))

    async def all(self, connection: Connection, **given: Any) -> list[asyncpg.Record]:
        """All rows."""
        return await connection.fetch(self.sql, *self._arguments(given))

    async def value(self, connection: Connection, **given: Any) -> Any:
        """The first column of the first row, or None."""
        return await connection.fetchval(self.sql, *self._arguments(given))


def _constant(text: str) -> ColumnElement[str]:
    """A text of our own, written into the statement (``literal_execute`` would ask for every parameter when it compiles)."""
    return literal_column("'" + text.replace("'", "''") + "'", Text)


def json_view(fields: dict[str, Any], optional: dict[str, tuple[Any, Any]] | None = None) -> ColumnElement[str]:
    """The JSON text of an object with ``fields``; ``optional`` names groups as (condition, value) that may be absent."""
    pairs: list[Any] = []
    for name, value in fields.items():
        pairs += [name, value]
    whole: ColumnElement[str] = cast(func.json_build_object(*pairs, type_=JSON), Text)
    if not optional:
        return whole
    open_ended: ColumnElement[str] = func.left(whole, -1, type_=Text)
    for name, (condition, value) in optional.items():
        member = _constant(f', "{name}" : ').concat(cast(value, Text))
        open_ended = open_ended.concat(case((condition, member), else_=_constant("")))
    return open_ended.concat(_constant("}"))


def utc(moment: Any) -> ColumnElement[str]:
    """An instant as RFC 3339 text in UTC with microseconds."""
    return func.to_char(func.timezone("UTC", moment), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def number(amount: Any) -> ColumnElement[Any]:
    """An exact decimal as a JSON number without trailing zeros."""
    return func.trim_scale(amount)


def json_items(rows: list[asyncpg.Record], column: str = "body") -> bytes:
    """The JSON array of rows whose ``column`` is a JSON text."""
    return b"[" + ",".join([row[column] for row in rows]).encode() + b"]"


def param(name: str, type_: Any) -> BindParameter[Any]:
    """A bind parameter of a statement, by name and type."""
    return bindparam(name, None, type_=type_)


def allowed_actions(machine: Machine, status: Any) -> ColumnElement[Any]:
    """``machine.allowed`` of the column ``status``, as JSON."""
    offers = {name: _constant(orjson.dumps(machine.allowed(name)).decode()) for name in machine.statuses}
    return cast(case(offers, value=status, else_=_constant("[]")), JSONB)


def json_text(value: Any) -> ColumnElement[Any]:
    """A constant as JSON, written into the statement."""
    return cast(_constant(orjson.dumps(value).decode()), JSONB)
