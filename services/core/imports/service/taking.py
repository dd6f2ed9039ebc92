"""Taking rows in: settled against what was imported before, written as sets, a set that fails halved until the culprit stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.core.commitments import service as commitments
from services.core.commitments.schemas import CommitmentCreate, CommitmentPatch
from services.core.imports import queries, reading, rules
from services.core.imports.service.adopting import adopt
from services.core.imports.service.entries import Entry, Json, Taken, Unit
from services.core.imports.service.files import refusal
from services.core.imports.service.meeting import meet
from services.core.jurisdictions import queries as known
from services.core.jurisdictions import service as jurisdictions
from services.core.jurisdictions.service import Candidate
from services.core.kit.actor import EVERYWHERE, Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.savepoints import is_refusal, savepoint
from services.core.kit.schema import fits
from services.core.ledger.record import mark, rewind


@dataclass(frozen=True, slots=True)
class _Work:
    """Who takes in what."""

    session: Session
    actor: Actor
    source: str
    reason: str
    attribution: str


async def take_in(
    session: Session, actor: Actor, rows: Sequence[Json], *, source: str, reason: str, attribution: str, dry_run: bool
) -> Taken:
    """What comes of each of ``rows`` (`files.File.parts`) that ``source`` publishes. ``reason`` is why a commitment is revised.

    A dry run does everything inside a savepoint that is rolled back, so that it tells what the database would say too. The
    source's lane must be held (`ledger.jobs.hold_lane`).
    """
    work = _Work(session, actor, source, reason, attribution)
    taken = Taken([Entry(row) for row in rows], dry_run)
    if not dry_run:
        await _take(work, taken)
        return taken
    before = mark(session)
    async with savepoint(session, undo=True):
        await _take(work, taken)
    rewind(session, before)
    return taken


async def _take(work: _Work, taken: Taken) -> None:
    wanted = [entry for entry in taken.entries if "target" in entry.row]
    if not wanted:
        return
    meet(wanted, await queries.remembered(work.session, work.source, list({entry.row["account"] for entry in wanted})))
    once = [entry for entry in wanted if entry.first is entry]
    for entry in once:
        _settle(entry)
    for entry in once:
        if entry.step == "revise":
            await _revise(work, entry)
    if new := [entry for entry in once if entry.step == "create"]:
        units = await _places(work, new)
        await adopt(work.session, work.actor, units)
        await _write(work, taken, [unit for unit in units if unit.entries])
    await queries.remember(
        work.session, work.source, [entry.remembered() for entry in once if entry.step in ("create", "revise", "confirm")]
    )
    for entry in wanted:
        entry.follow_first()


def _settle(entry: Entry) -> None:
    """Say what the row means for what is known of its target."""
    memory, row = entry.memory, entry.row
    if memory is None:
        entry.step = entry.step or "create"
        return
    is_same = bytes.fromhex(row["hash"]) == memory.row_hash
    entry.step, why = rules.step(year=row["year"], is_same=is_same, known_year=memory.year_reported, is_edited=memory.is_edited)
    entry.commitment_id, entry.version = memory.commitment_id, memory.current
    if entry.step == "pass":
        entry.row |= {"status": "skipped", "reason": why}
    else:
        entry.change = "unchanged"
        entry.row["reason"] = why or (rules.EDITED_HERE if memory.is_edited else None)


async def _revise(work: _Work, entry: Entry) -> None:
    """Give the commitment the target that a later row tells; who has changed it meanwhile keeps it."""
    said = {name: entry.row["target"].get(name) for name in reading.MEMBERS}  # what no row can say stays as it was entered here
    patch = fits(CommitmentPatch, said | {"reason": work.reason})
    before = mark(work.session)
    try:
        async with savepoint(work.session):
            row = await commitments.amend(work.session, work.actor, entry.id, patch, entry.version, attribution=work.attribution)
    except Exception as error:
        problem = _said(error)
        if problem is None:
            raise
        rewind(work.session, before)
        if problem.code == "version-mismatch":
            entry.row |= {"status": "skipped", "reason": rules.EDITED_HERE}
            entry.change, entry.step = None, "pass"
        else:
            entry.reject(refusal(problem, entry.row["findings"]))
        return
    entry.change = "unchanged" if row["version"] == entry.version else "revised"
    entry.version = row["version"]


async def _places(work: _Work, entries: Sequence[Entry]) -> list[Unit]:
    """The jurisdictions of rows that are to be made, known and new; rows that say too little of theirs are rejected."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.row["account"], []).append(entry)
    stored = await known.known_by_external_id(work.session, work.source, list(groups))
    units = [Unit(stored[account].id, group) for account, group in groups.items() if account in stored]
    new: dict[str, Candidate] = {}
    for account, group in groups.items():
        item = next((entry.row["jurisdiction"] for entry in group if entry.row["jurisdiction"]), None)
        if account not in stored and item is not None:
            new[account] = Candidate(item["external_id"], item["jurisdiction"])
        elif account not in stored:
            for entry in group:
                entry.reject(_placeless(entry.row))
    importer = replace(work.actor, reaches={**work.actor.reaches, "sync:write": EVERYWHERE})
    judged = await jurisdictions.judge_many(work.session, importer, work.source, list(new.values())) if new else []
    for account, place in zip(new, judged, strict=True):
        if place.problem is None:
            units.append(Unit(place.id, groups[account], place))
        else:
            for entry in groups[account]:
                entry.reject(refusal(place.problem, entry.row["findings"]))
    return units


def _placeless(row: Json) -> Json:
    place: list[Json] = row["place"]
    rules_ = sorted({each["rule"] for each in place if each["severity"] != "info"}) or ["form"]
    return {"status": "rejected", "rules": rules_, "findings": row["findings"] + place}


async def _write(work: _Work, taken: Taken, units: Sequence[Unit]) -> None:
    """Write units as one set; what the database refuses is halved until the culprit stands alone, and is told why."""
    if not units:
        return
    before = mark(work.session)
    try:
        async with savepoint(work.session):
            await jurisdictions.write_many(work.session, work.actor, [unit.new for unit in units if unit.new is not None])
            for unit in units:
                for entry in unit.entries:
                    await _make(work, unit, entry)
    except Exception as error:
        problem = _said(error)
        if problem is None:
            raise
        rewind(work.session, before)
        await _write_less(work, taken, units, problem)
        return
    taken.made += [unit.new for unit in units if unit.new is not None]


async def _write_less(work: _Work, taken: Taken, units: Sequence[Unit], problem: Problem) -> None:
    if len(units) > 1:
        middle = len(units) // 2
        await _write(work, taken, units[:middle])
        await _write(work, taken, units[middle:])
        return
    unit = units[0]
    if len(unit.entries) == 1:
        unit.entries[0].reject(refusal(problem, unit.entries[0].row["findings"]))
        return
    for entry in unit.entries:
        made = len(taken.made)
        await _write(work, taken, [Unit(unit.jurisdiction_id, [entry], unit.new)])
        if len(taken.made) > made:
            unit.new = None


async def _make(work: _Work, unit: Unit, entry: Entry) -> None:
    given = fits(CommitmentCreate, entry.row["target"])
    entry.commitment_id, row = await commitments.make(work.session, work.actor, unit.jurisdiction_id, given, attribution=work.attribution)
    entry.change, entry.version = "created", row["version"]


def _said(error: Exception) -> Problem | None:
    """What the refusal of one row is; None for what is none (a lost connection, a mistake of ours), so that the part is tried again."""
    if isinstance(error, Problem):
        return error
    return jurisdictions.explain(error) if is_refusal(error) else None
