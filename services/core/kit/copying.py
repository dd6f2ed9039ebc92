"""Many rows into a table at once, by COPY: PostgreSQL then reads no JSON and looks for no place for each of them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

_COLUMN: Final = "\x1f"
_ROW: Final = "\x1e"
_NULL: Final = "\x1d"
"""What parts columns and rows, and stands for null: controls, which no value of anybody's may hold."""


async def copy(connection: "asyncpg.Connection[asyncpg.Record]", table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows``, whose values are None, or text that PostgreSQL reads as the column's type, or what ``str`` makes such text.

    `asyncpg.DataError` when a value holds one of the controls that part them; else what the database refuses is its own error.
    """
    if not rows:
        return
    told = _ROW.join([_COLUMN.join([each if type(each) is str else _text(each) for each in row]) for row in rows])
    if told.count(_ROW) != len(rows) - 1 or told.count(_COLUMN) != len(rows) * (len(columns) - 1):
        raise asyncpg.DataError("a text holds a control character that parts columns or rows")
    told = told.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace(_ROW, "\n")
    source = memoryview(f"{told}\n".encode())  # bytes would be the name of a file
    await connection.copy_to_table(table, source=source, columns=columns, delimiter=_COLUMN, null=_NULL)


def _text(value: Any) -> str:
    if value is None:
        return _NULL
    return value.hex if type(value) is UUID else str(value)  # how a UUID is usually shown takes three times as long
