"""One raw row, asked for what it says about each member of ours; it collects what is wrong."""

from collections.abc import Callable
from collections.abc import Mapping as Members
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from services.core.sync import cells
from services.core.sync.mapping import Mapping

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a row: an ``error`` keeps the row out, a ``warning`` leaves out one member of it."""

    severity: Severity
    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says (empty: nothing), and the column in which it says so."""

    column: str
    said: str


_NOTHING = object()


@dataclass
class Row:
    """A raw row under a mapping."""

    mapping: Mapping
    raw: Members[Any, Any]
    findings: list[Finding] = field(default_factory=list)
    _by_key: dict[str, list[Any]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for column, value in self.raw.items():
            self._by_key.setdefault(cells.key(str(column)), []).append(value)

    def find(self, severity: Severity, column: str, code: str, detail: str) -> None:
        """Note what is wrong."""
        self.findings.append(Finding(severity, column, code, detail))

    def column(self, member: str) -> str:
        """The column that is to blame when ``member`` is missing."""
        return next(iter(self.mapping.fields.get(member, ())), "")

    def every(self, member: str) -> list[Cell]:
        """All cells that say something about ``member``, the best one first; a constant is the last."""
        found = [Cell(column, said) for column in self.mapping.fields.get(member, ()) for said in self._said(column)]
        if member in self.mapping.constants:
            found.append(Cell("", cells.text(self.mapping.constants[member])))
        return found

    def first(self, member: str) -> Cell | None:
        """The best cell that says something about ``member``."""
        return next(iter(self.every(member)), None)

    def text(self, member: str) -> str:
        """What is said about ``member``; empty when nothing is."""
        found = self.first(member)
        return found.said if found else ""

    def number(self, member: str, parse: Callable[[str], int | Decimal | None]) -> int | float | None:
        """The number that is said about ``member``; None, with a finding, when it cannot be read."""
        for cell in self.every(member):
            try:
                found = parse(cell.said)
            except cells.Unreadable as unreadable:
                self.find("warning", cell.column, "unreadable", f"{member} was left out: the cell {unreadable}.")
                continue
            if found is not None:
                return int(found) if found == int(found) else float(found)
        return None

    def choice(self, member: str, allowed: tuple[str, ...]) -> tuple[str | None, Cell | None]:
        """One of ``allowed``, by the mapping's table of values or as it is; and the cell, when there was one."""
        table = self.mapping.values.get(member, {})
        cell = self.first(member)
        if cell is None:
            return None, None
        ours = table.get(cells.key(cell.said), cell.said)
        return next((each for each in allowed if each == cells.key(ours)), None), cell

    def _said(self, column: str) -> list[str]:
        values = self._by_key.get(cells.key(column), []) if not column.startswith("/") else [pointed(self.raw, column)]
        told: list[str] = []
        for value in values:
            if value is _NOTHING:
                continue
            try:
                said = cells.text(value)
            except cells.Unreadable as unreadable:
                self.find("warning", column, "unreadable", f"The cell {unreadable}.")
                continue
            if not cells.is_missing(said, self.mapping.missing):
                told.append(said)
        return told


def pointed(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901), or a mark that nothing stands there."""
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 7 and int(step) < len(value):  # noqa: PLR2004
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def stands(value: Any) -> bool:
    """Whether `pointed` found something."""
    return value is not _NOTHING
