"""Rows whose target is a commitment already: it is taken for theirs as it is, and no second copy is made."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from services.core.commitments import queries as commitments
from services.core.commitments.schemas import CommitmentCreate
from services.core.commitments.targets import target_of
from services.core.imports import queries
from services.core.imports.service.entries import Entry, Unit
from services.core.imports.twins import Held, adopted, held
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.schema import fits


async def adopt(session: Session, actor: Actor, units: Sequence[Unit]) -> None:
    """Settle the rows of ``units`` that somebody made a commitment of here; the others stay in their units, to be made.

    The row is remembered with the version that says the same: where that is not the present one, the commitment was edited here
    since, and a later edition leaves it alone.
    """
    there = await _held(session, actor, [unit.jurisdiction_id for unit in units if unit.new is None])
    for unit in units:
        wanted = [target_of(fits(CommitmentCreate, entry.row["target"]).model_dump()) for entry in unit.entries]
        found = adopted(wanted, there[unit.jurisdiction_id])
        for place, (commitment_id, version) in found.items():
            _settle(unit.entries[place], commitment_id, version)
        unit.entries = [entry for place, entry in enumerate(unit.entries) if place not in found]


async def _held(session: Session, actor: Actor, jurisdiction_ids: list[UUID]) -> defaultdict[UUID, list[Held]]:
    """The commitments of jurisdictions that no row has become yet."""
    there: defaultdict[UUID, list[Held]] = defaultdict(list)
    if not jurisdiction_ids:
        return there
    connection, seen = await session.driver(), commitments.seen_by(actor)
    rows = await commitments.PROMISES.all(connection, jurisdiction_ids=jurisdiction_ids, **seen)
    gone = await queries.claimed(session, [row["id"] for row in rows])
    for row in rows:
        if row["id"] not in gone:
            there[row["jurisdiction_id"]].append(held(row["id"], row["version"], row["now"], row["first"]))
    return there


def _settle(entry: Entry, commitment_id: UUID, version: int) -> None:
    entry.step, entry.change = "confirm", "unchanged"
    entry.commitment_id, entry.version = commitment_id, version
