"""Rows on their way: what each means, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.core.imports import rules
from services.core.imports.queries import Memory
from services.core.jurisdictions.service import Judged

Json = dict[str, Any]
_TOLD = ("line", "account", "status", "rules", "target_year_emissions_t", "reason", "change", "commitment_id", "findings")


@dataclass(slots=True, eq=False)
class Entry:
    """One row on its way: what it says, what it means for what is known, and what came of it."""

    row: Json
    memory: Memory | None = None
    first: "Entry | None" = None
    """The first row that says the same; itself, when it is that."""
    step: str = ""
    change: str | None = None
    commitment_id: UUID | None = None
    version: int = 0

    @property
    def id(self) -> UUID:
        """Its commitment's."""
        if self.commitment_id is None:
            raise TypeError("the row has no commitment")
        return self.commitment_id

    def remembered(self) -> Memory:
        """What to remember of it."""
        row = self.row
        return Memory(row["account"], row["key"], self.id, row["year"], bytes.fromhex(row["hash"]), self.version, self.version)

    def follow_first(self) -> None:
        """What became of the row that says the same became of this one."""
        if self.first is None or self.first is self:
            return
        said = f"It says the same as line {self.first.row['line']}, and is the same commitment."
        told = {"rule": "duplicate", "severity": "info", "pointer": "", "message": said, "column": ""}
        self.row |= {name: self.first.row[name] for name in ("status", "rules", "reason")}
        self.row["findings"] = [*self.first.row["findings"], told]
        self.change, self.commitment_id = self.first.change and "unchanged", self.first.commitment_id

    def reject(self, told: Json) -> None:
        """End it: nothing came of it."""
        self.row |= told
        self.change, self.commitment_id, self.step = None, None, "pass"


@dataclass(slots=True, eq=False)
class Unit:
    """Rows of one jurisdiction that are to be written; ``new`` is the jurisdiction while it is still to be made."""

    jurisdiction_id: UUID
    entries: list[Entry]
    new: Judged | None = None


@dataclass(slots=True)
class Taken:
    """What came of rows."""

    entries: list[Entry]
    dry_run: bool
    made: list[Judged] = field(default_factory=list)
    """The jurisdictions that are new."""

    def counts(self) -> dict[str, int]:
        """How many came to what."""
        statuses = Counter(entry.row["status"] for entry in self.entries)
        changes = Counter(entry.change for entry in self.entries if entry.change)
        return rules.added(statuses | changes, {"rows": len(self.entries), "jurisdictions_created": len(self.made)})

    def told(self) -> list[Json]:
        """One result for each row."""
        return [self._told(entry) for entry in self.entries]

    def _told(self, entry: Entry) -> Json:
        is_there = entry.commitment_id is not None and not (self.dry_run and (entry.first or entry).change == "created")
        facts = entry.row | {"change": entry.change, "commitment_id": str(entry.commitment_id) if is_there else None}
        return {name: facts[name] for name in _TOLD}
