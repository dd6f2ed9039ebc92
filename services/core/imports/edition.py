"""Editions of the CDP-ICLEI city targets file: which column says what, by a table for each year's form.

A table (``editions/*.toml``) names the columns of each field, the best name first, and our value for each of their labels. A later
edition is a new table; with ``based_on`` it says only what differs from another one.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from services.core.sync import cells as words
from services.core.sync import mapping as mappings
from services.core.sync import tabular

SHIPPED: Final = Path(__file__).parent / "editions"

LONGEST_NAME: Final = 300
"""Of a column; what is longer is text that slipped into the header, and would be searched through again and again."""
_SQUARE: Final = re.compile(r"\s*\[[^\]]*\]")
_ROUND: Final = re.compile(r"\s*\([^)]*\)")


class UnknownFile(tabular.Unusable):
    """The file is no edition that we know; the message, which follows the file's name, says what is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One year's form of the file.

    ``year``: of the questionnaire; ``attribution``: whom to name beside the figures; ``needed``: fields without which nothing can be
    read (“a|b” is either); ``fields``: the columns of each field; ``place``: the fields of the jurisdiction, by the column of
    ``mapping`` that they go into; ``values`` and ``words``: our value by their label, or by a word in it.
    """

    name: str
    title: str
    year: int
    source: str
    attribution: str
    mapping: mappings.Mapping
    needed: tuple[str, ...]
    ignored: frozenset[str]
    missing: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    place: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: the line where it begins, its cells by column; ``crooked``: it has more cells than the header."""

    number: int
    cells: dict[str, str]
    crooked: bool = False


@cache
def shipped() -> dict[str, Edition]:
    """The editions that come with the product, by name."""
    tables = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(SHIPPED.glob("*.toml"))}
    return {name: _edition(name, _whole(tables, name)) for name in tables}


def _whole(tables: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    """The table ``name``, filled up from the one that it is based on: members replace, lists of columns to ignore add up."""
    own = dict(tables[name])
    if (base := own.pop("based_on", None)) is None:
        return own
    whole = _whole(tables, base)
    for member, told in own.items():
        if member == "ignored":
            whole[member] = [*whole[member], *told]
        else:
            whole[member] = {**whole[member], **told} if isinstance(told, dict) else told
    return whole


def _edition(name: str, table: Mapping[str, Any]) -> Edition:
    return Edition(
        name=name,
        title=table["title"],
        year=table["year"],
        source=table["source"],
        attribution=table["attribution"],
        mapping=mappings.shipped()[table["mapping"]],
        needed=tuple(table["needed"]),
        ignored=frozenset(map(words.key, table["ignored"])),
        missing=frozenset(each.casefold() for each in table["missing"]),
        fields={field: tuple(columns) for field, columns in table["fields"].items()},
        place={column: field for field, column in table["place"].items()},
        values={field: _keyed(labels) for field, labels in table["values"].items()},
        words={field: _keyed(labels) for field, labels in table["words"].items()},
    )


def _keyed(labels: Mapping[str, str]) -> dict[str, str]:
    return {words.key(theirs): ours for theirs, ours in labels.items()}


def detect(header: Sequence[str]) -> Edition:
    """The edition whose own names of columns fit the header best, the newest of several; `UnknownFile` when a needed column is absent."""
    there = {words.key(column) for column in header}

    def fit(each: Edition) -> tuple[int, int, int]:
        own = {words.key(columns[0]) for columns in each.fields.values()}
        return -len(list(_lacking(header, each))), len(own & there), each.year

    best = max(shipped().values(), key=fit)
    if lacking := list(_lacking(header, best)):
        years = ", ".join(str(each.year) for each in sorted(shipped().values(), key=lambda each: each.year))
        columns = " and ".join(f"{words.shown(column)}" for column in lacking)
        raise UnknownFile(f"is no CDP-ICLEI file of city targets that we know (editions {years}): it has no column {columns}")
    return best


def _lacking(header: Sequence[str], edition: Edition) -> Iterator[str]:
    """The needed columns that are not there, by the name that this edition gives them."""
    found = columns(edition, tuple(header))
    for need in edition.needed:
        if not any(field in found for field in need.split("|")):
            yield edition.fields[need.split("|", 1)[0]][0]


@lru_cache(maxsize=8)
def columns(edition: Edition, header: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """For each field the columns of ``header`` that say it, the best one first, whatever their order in the file."""
    ranks = {words.key(column): (field, rank) for field, names in edition.fields.items() for rank, column in reversed([*enumerate(names)])}
    found: dict[str, list[tuple[int, int, str]]] = {}
    for column in dict.fromkeys(header):
        if (hit := _hit(column, ranks)) is not None:
            looseness, key = hit
            field, rank = ranks[key]
            found.setdefault(field, []).append((looseness, rank, column))
    return {field: tuple(column for _, _, column in sorted(several)) for field, several in found.items()}


def _hit(column: str, known: Mapping[str, object] | frozenset[str]) -> tuple[int, str] | None:
    """The known name that ``column`` is: as written, else without what stands in [brackets], else without (these); and how loosely."""
    bare = _SQUARE.sub("", column)
    for looseness, spelling in enumerate((column, bare, _ROUND.sub("", bare))):
        if (key := words.key(spelling)) in known:
            return looseness, key
    return None


def unknown(header: Sequence[str], edition: Edition) -> list[str]:
    """The columns that the edition's table does not know, in the order of the file; columns without a name are passed over."""
    known = frozenset(words.key(column) for names in edition.fields.values() for column in names) | edition.ignored
    return [column for column in dict.fromkeys(header) if words.key(column) and _hit(column, known) is None]


def parse(content: bytes) -> tuple[Edition, list[Line]]:
    """The rows of a file and its edition; `tabular.Unusable` (or `UnknownFile`, which is one) says why it cannot be read."""
    table = tabular.parse(content, kind="csv", at="")
    if any(len(column) > LONGEST_NAME for column in table.header):
        raise tabular.Unusable(f"has a column whose name is longer than {LONGEST_NAME} characters: its header row may not be one")
    found = detect(table.header)
    numbered = enumerate(zip(table.begins, table.rows, strict=True), 1)
    return found, [Line(began, row, number in table.crooked) for number, (began, row) in numbered]
