"""The rows of a CSV (UTF-8) or JSON document, with a plain word for what cannot be read."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.core.sync import cells
from services.core.sync.row import pointed, stands

_MOST_COLUMNS = 1_000
_LONGEST_CELL = 10 * 1024 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_LISTS = ("items", "results", "data", "rows", "jurisdictions", "features")


class Unusable(Exception):
    """Nothing can be done with this document; the message says why, and what would help."""


@dataclass(slots=True)
class Table:
    """The rows of a document, and the names of their columns. ``crooked``: numbers of rows with more cells than the header.

    ``begins``: for each row of a CSV, the line of the file where it begins (quoted cells may go over several lines).
    ``document`` is the whole of a JSON document, where the way to the next page may stand.
    """

    header: list[str]
    rows: list[Any]
    crooked: set[int] = field(default_factory=set)
    begins: list[int] = field(default_factory=list)
    document: Any = None


def parse(content: bytes, *, kind: str | None, at: str, may_be_empty: bool = False) -> Table:
    """The rows of a document; ``kind`` csv, json or (None) what it looks like; ``at``: where a JSON document has its rows."""
    text = _decoded(content)
    if not text.strip():
        raise Unusable("is empty")
    found = (_json if (kind or ("json" if text.lstrip()[:1] in ("{", "[") else "csv")) == "json" else _csv)(text, at)
    if not found.rows and not may_be_empty:
        raise Unusable("has no rows")
    return found


def _decoded(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        raise Unusable("is a spreadsheet or an archive: save it as “CSV UTF-8” first")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable("is UTF-16: save it as “CSV UTF-8” first")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unusable(
            f"is not UTF-8 (line {line}): it was probably saved as Windows-1252, Big5 or Shift-JIS. Save it as “CSV UTF-8”"
        ) from error


def _json(text: str, at: str) -> Table:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"is not JSON: {error}") from error
    rows = pointed(document, at)
    if not at and isinstance(rows, dict):
        rows = next((rows[name] for name in _LISTS if isinstance(rows.get(name), list)), rows)
    if not stands(rows) or not isinstance(rows, list):
        raise Unusable(f"has no list of rows {f'at {at}' if at else 'at its top, or under items, results or data'}")
    header = dict.fromkeys(str(name) for row in rows[:100] if isinstance(row, dict) for name in row)
    return Table(list(header), rows, document=document)


def _csv(text: str, _: str) -> Table:
    csv.field_size_limit(_LONGEST_CELL)
    numbered = [(began, line) for began, line in _lines(text) if any(cell.strip() for cell in line)]
    lines = [line for _, line in numbered]
    header = [column.strip() for column in lines[0]]
    if len(header) > _MOST_COLUMNS:
        raise Unusable(f"has {len(header)} columns; {_MOST_COLUMNS} are read at most")
    if len([column for column in header if cells.key(column)]) < 2:  # noqa: PLR2004  one column says nothing about a place
        raise Unusable("has no header row with the names of its columns, separated by commas")
    if any(_is_value(column) for column in header):
        raise Unusable("has no header row: its first line holds values, not the names of columns")
    table = Table(header, [_named(header, line) for line in lines[1:]], begins=[began for began, _ in numbered[1:]])
    table.crooked = {number for number, line in enumerate(lines[1:], 1) if any(cell.strip() for cell in line[len(header) :])}
    return table


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    began = 1
    while True:
        try:
            line = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise Unusable(f"is not CSV: a quote that opens in line {began} (or after it) is never closed") from error
            raise Unusable(f"is not CSV: line {reader.line_num}: {error}") from error
        yield began, line
        began = reader.line_num + 1


def _delimiter(text: str) -> str:
    first = next(line for line in text.splitlines() if line.strip())
    return max(_DELIMITERS, key=lambda each: len(next(csv.reader([first], delimiter=each))))


def _named(header: list[str], line: list[str]) -> dict[str, str]:
    """The cells by their columns; of two columns with one name, the first one that says something."""
    told: dict[str, str] = {}
    for column, cell in zip(header, line, strict=False):
        if not told.get(column, "").strip():
            told[column] = cell
    return told


def _is_value(column: str) -> bool:
    try:
        return cells.number(cells.text(column)) is not None
    except cells.Unreadable:
        return False
