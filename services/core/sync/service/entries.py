"""Items as they are read: what each wants, and what is wrong with it before anybody looks into the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from services.core.communities.schemas import StandingGiven, standing_of
from services.core.communities.service import JudgedStanding
from services.core.jurisdictions.service import Judged
from services.core.kit.errors import FieldError, Problem
from services.core.ledger.jobs import inner
from services.core.sync import rules
from services.core.sync.rules import Sent


@dataclass(slots=True)
class Entry:
    """One item on its way: what was read, what was judged, and what came of it."""

    index: int
    external_id: str | None
    sent: Sent
    item: dict[str, Any] = field(default_factory=dict)
    wanted: StandingGiven | None = None
    jurisdiction: Judged | None = None
    standing: JudgedStanding | None = None
    status: str = ""
    id: UUID | None = None
    version: int | None = None
    problem: Problem | None = None

    @property
    def hash(self) -> bytes:
        """The hash of what it says, whatever version it expects."""
        return self.sent.hash or rules.item_hash(self.item)

    @property
    def is_open(self) -> bool:
        """Whether nothing has come of it yet."""
        return not self.status

    def refuse(self, problem: Problem, place: str = "") -> None:
        """End it with an error, whose pointers lead from ``place`` in the item; it has one at least."""
        start = f"/items/{self.index}{place}"
        errors = [FieldError(start + error.pointer, error.code, error.detail) for error in problem.errors]
        errors = errors or [FieldError(start, problem.code, problem.detail)]
        self.problem = Problem(problem.code, problem.detail, errors=errors, extra=problem.extra, status=problem.status)
        self.status, self.id, self.version = "error", None, None

    def result(self, *, dry_run: bool) -> dict[str, Any]:
        """As it is told."""
        is_there = self.id is not None and not (dry_run and self.status == "created")
        told = {
            "index": self.index,
            "external_id": self.external_id,
            "status": self.status,
            "id": str(self.id) if is_there else None,
            "version": self.version,
        }
        return told if self.problem is None else told | {"problem": inner(self.problem)}


def read(sent: Sequence[Sent], first: int, repeated: Collection[int]) -> list[Entry]:
    """The entries of what was sent, the first of which has the index ``first``; those at ``repeated`` indices are errors."""
    entries = [Entry(index, each.external_id, each) for index, each in enumerate(sent, first)]
    for entry in entries:
        if entry.sent.refused:
            entry.refuse(Problem("invalid-body", entry.sent.refused))
    for index in repeated:
        entry = entries[index - first]
        entry.refuse(Problem("duplicate-item", f"“{entry.external_id}” occurred before in this batch."), "/external_id")
    return entries


def look(entry: Entry) -> None:
    """Look at the shape of an item, and read its standing; its facts are for the jurisdictions to judge."""
    item = orjson.loads(entry.sent.text)
    if not isinstance(item, dict):
        entry.refuse(Problem("invalid-body", "An item is an object."))
        return
    entry.item = item
    wrong: list[FieldError] = []
    if not item.keys() <= rules.MEMBERS:
        wrong = [FieldError(f"/{_escaped(name)}", "extra-forbidden", "There is no such member.") for name in item.keys() - rules.MEMBERS]
    if entry.external_id is None:
        wrong.append(FieldError("/external_id", "invalid", f"An external_id is one line of 1 to {rules.ID_CHARS} characters."))
    version = item.get("if_version")
    if version is not None and (type(version) is not int or version < 1):
        wrong.append(FieldError("/if_version", "invalid", "A version is a whole number from 1."))
    if not isinstance(item.get("jurisdiction"), dict):
        wrong.append(FieldError("/jurisdiction", "missing", "The facts of the jurisdiction are an object."))
    standing = standing_of(item.get("membership"), item.get("representatives"))
    if isinstance(standing, Problem):
        wrong += standing.errors
    else:
        entry.wanted = standing
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        entry.refuse(Problem("invalid-body", f"{wrong[0].pointer}: {wrong[0].detail}{more}", errors=wrong))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
