"""A change of a jurisdiction, and what the rows around it say against it: parents, and who carries an identifier already."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from services.core.jurisdictions import queries
from services.core.jurisdictions.queries import Facts, Known
from services.core.kit.db import Unit
from services.core.kit.errors import FieldError, Problem, invalid

Identifier = tuple[str, str]
Ancestry = dict[UUID, tuple[UUID | None, str]]


class Change(NamedTuple):
    """What a jurisdiction shall be after a write, and was before (None: it is new).

    ``missing_since`` is the mark that the write takes away, as text; None leaves the mark, or its absence, as it is.
    """

    id: UUID
    after: Facts
    before: Facts | None = None
    version: int = 0
    missing_since: str | None = None

    @property
    def is_back(self) -> bool:
        """Whether a registry that no longer listed it lists it again."""
        return self.missing_since is not None

    @property
    def new_identifiers(self) -> list[Identifier]:
        """The identifiers that it did not carry before."""
        if self.before is None:
            return list(self.after["external_ids"].items())
        carried = self.before["external_ids"]
        return [entry for entry in self.after["external_ids"].items() if carried.get(entry[0]) != entry[1]]

    @property
    def lost_identifiers(self) -> list[Identifier]:
        """The identifiers that it no longer carries."""
        if self.before is None:
            return []
        return [entry for entry in self.before["external_ids"].items() if self.after["external_ids"].get(entry[0]) != entry[1]]

    def changes(self, *names: str) -> bool:
        """Whether one of these members changes."""
        return self.before is None or any(self.before[name] != self.after[name] for name in names)


def revision(known: Known, after: Facts, *, is_listed: bool = False) -> Change | None:
    """The change that makes ``known`` be ``after``, and takes its mark away when it ``is_listed``; None when nothing changes."""
    mark = known.missing_since.isoformat() if is_listed and known.missing_since else None
    return Change(known.id, after, known.facts, known.version, mark) if mark or known.facts != after else None


async def objections(session: Unit, changes: Sequence[Change]) -> dict[UUID, Problem]:
    """What the other rows, and the changes before it, say against each of ``changes``, by id; the first objection counts."""
    return await _against_identifiers(session, changes) | await _against_parents(session, changes)


async def _against_identifiers(session: Unit, changes: Sequence[Change]) -> dict[UUID, Problem]:
    gained = [(change, change.new_identifiers) for change in changes]
    wanted = {identifier for _, identifiers in gained for identifier in identifiers}
    if not wanted:
        return {}
    given_up = {(change.id, identifier) for change in changes for identifier in change.lost_identifiers}
    carriers = {what: who for what, who in (await queries.holders(session, wanted)).items() if (who, what) not in given_up}
    found: dict[UUID, Problem] = {}
    for change, identifiers in gained:
        taken = [identifier for identifier in identifiers if carriers.get(identifier, change.id) != change.id]
        if taken:
            found[change.id] = _taken(change, taken)
        else:
            carriers.update(dict.fromkeys(identifiers, change.id))
    return found


def _taken(change: Change, taken: Iterable[Identifier]) -> Problem:
    places = list(change.after["external_ids"])
    errors = [
        FieldError(f"/external_ids/{places.index(source)}/value", "taken", f"Another jurisdiction is “{value}” to {source}.")
        for source, value in taken
    ]
    return Problem("already-exists", "Another jurisdiction carries one of these external ids.", errors=errors)


async def _against_parents(session: Unit, changes: Sequence[Change]) -> dict[UUID, Problem]:
    found: dict[UUID, Problem] = {}
    moved = [change for change in changes if change.before is not None and change.changes("country")]
    within = await queries.countries_within(session, [change.id for change in moved]) if moved else {}
    for change in moved:
        if within.get(change.id, set()) - {change.after["country"]}:
            found[change.id] = invalid("/country", "What lies within it is in another country.")
    placed = [change for change in changes if change.after["parent_id"] is not None and change.changes("parent_id", "country")]
    if not placed:
        return found
    known = await queries.ancestry(session, {change.after["parent_id"] for change in placed})
    known |= {change.id: (change.after["parent_id"], change.after["country"]) for change in moved if change.id in known}
    for change in placed:
        finding = _parent_finding(change, known)
        if finding is None:
            known[change.id] = (change.after["parent_id"], change.after["country"])
        else:
            found[change.id] = invalid("/parent_id", finding)
    return found


def _parent_finding(change: Change, known: Ancestry) -> str | None:
    parent: UUID | None = change.after["parent_id"]
    if parent not in known:
        return "There is no such parent jurisdiction."
    above: UUID | None = parent
    passed: set[UUID] = set()
    while above is not None and above in known and above not in passed:
        if above == change.id:
            return "A jurisdiction does not lie within itself."
        passed.add(above)
        above = known[above][0]
    if known[parent][1] != change.after["country"]:
        return f"The parent jurisdiction lies in {known[parent][1]}."
    return None
