"""Taking items in: judged one by one, written as sets, a set that fails halved until the culprit stands alone."""

from collections.abc import Collection, Sequence

from services.core.communities import service as communities
from services.core.jurisdictions import service as jurisdictions
from services.core.jurisdictions.service import Candidate
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.savepoints import is_refusal, savepoint
from services.core.ledger.record import mark, rewind
from services.core.sync import queries
from services.core.sync.queries import Memory
from services.core.sync.rules import Sent
from services.core.sync.service.entries import Entry, look, read

_PLACES = {"version-mismatch": "/if_version", "not-found": "/external_id", "forbidden": "/external_id"}
"""Which member of an item a problem of its jurisdiction is about, where it is not the facts."""


async def take_in(
    session: Session, actor: Actor, source: str, sent: Sequence[Sent], *, first: int = 0, repeated: Collection[int] = (), dry_run: bool
) -> list[Entry]:
    """What comes of each item that ``source`` sent; the first has the index ``first``, those at ``repeated`` indices are errors.

    A dry run does everything inside a savepoint that is rolled back, so that it tells what the database would say too. The
    source's lane must be held (`ledger.jobs.hold_lane`).
    """
    entries = read(sent, first, repeated)
    if not dry_run:
        return await _take(session, actor, source, entries)
    before = mark(session)
    async with savepoint(session, undo=True):
        await _take(session, actor, source, entries)
    rewind(session, before)
    return entries


async def _take(session: Session, actor: Actor, source: str, entries: list[Entry]) -> list[Entry]:
    await _pass_what_is_as_before(session, source, entries)
    await _judge(session, actor, source, entries)
    taken = [entry for entry in entries if entry.is_open]
    await _write(session, actor, [entry for entry in taken if _changes(entry)])
    await _remember(session, source, [entry for entry in taken if entry.status != "error"])
    return entries


async def _pass_what_is_as_before(session: Session, source: str, entries: Sequence[Entry]) -> None:
    """An item that this source said before, about things that nobody has changed since, is unchanged."""
    wanted = {entry.external_id: entry for entry in entries if entry.is_open and entry.external_id is not None and entry.sent.hash}
    if not wanted:
        return
    for external_id, applied in (await queries.as_before(session, source, list(wanted))).items():
        entry = wanted[external_id]
        if applied.item_hash == entry.sent.hash:
            entry.status, entry.id, entry.version = "unchanged", applied.jurisdiction_id, applied.version


async def _judge(session: Session, actor: Actor, source: str, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.is_open:
            look(entry)
    waiting = [entry for entry in entries if entry.is_open]
    if not waiting:
        return
    candidates = [Candidate(str(entry.external_id), entry.item["jurisdiction"], entry.item.get("if_version")) for entry in waiting]
    judged = await jurisdictions.judge_many(session, actor, source, candidates)
    for entry, jurisdiction in zip(waiting, judged, strict=True):
        entry.jurisdiction = jurisdiction
        if jurisdiction.problem is not None:
            entry.refuse(jurisdiction.problem, _PLACES.get(jurisdiction.problem.code, "/jurisdiction"))
    await _judge_standings(session, actor, source, [entry for entry in waiting if entry.is_open and entry.wanted is not None])


async def _judge_standings(session: Session, actor: Actor, source: str, waiting: Sequence[Entry]) -> None:
    wanted = [entry.wanted.of(entry.jurisdiction.id) for entry in waiting if entry.wanted is not None and entry.jurisdiction is not None]
    judged = await communities.judge_standings(session, actor, source, wanted) if wanted else []
    for entry, standing in zip(waiting, judged, strict=True):
        entry.standing = standing
        if standing.problem is not None:
            entry.refuse(standing.problem, "" if standing.problem.errors else "/membership")


def _changes(entry: Entry) -> bool:
    """Whether there is anything to write for it; says so in the entry."""
    jurisdiction, standing = entry.jurisdiction, entry.standing
    if jurisdiction is None:
        raise TypeError("an entry was not judged")
    stands = standing is None or standing.status == "unchanged"
    entry.status = "updated" if jurisdiction.status == "unchanged" and not stands else jurisdiction.status
    entry.id, entry.version = jurisdiction.id, jurisdiction.version
    return entry.status != "unchanged"


async def _write(session: Session, actor: Actor, entries: Sequence[Entry]) -> None:
    """Write them as one set; what the database refuses is halved until the culprit stands alone, and is told why."""
    if not entries:
        return
    before = mark(session)
    try:
        async with savepoint(session):
            facts = [entry.jurisdiction for entry in entries if entry.jurisdiction is not None and entry.jurisdiction.status != "unchanged"]
            await jurisdictions.write_many(session, actor, facts)
            standings = [entry.standing for entry in entries if entry.standing is not None and entry.standing.status != "unchanged"]
            await communities.write_standings(session, actor, standings)
    except Exception as error:
        if not (isinstance(error, Problem) or is_refusal(error)):
            raise
        rewind(session, before)
        if len(entries) == 1:
            entries[0].refuse(error if isinstance(error, Problem) else jurisdictions.explain(error))
            return
        middle = len(entries) // 2
        await _write(session, actor, entries[:middle])
        await _write(session, actor, entries[middle:])


async def _remember(session: Session, source: str, entries: Sequence[Entry]) -> None:
    """A withdrawal is not remembered: whether there is somebody to withdraw is asked each time."""
    memories = [
        Memory(str(entry.external_id), entry.hash, entry.id, None if entry.standing is None else entry.standing.membership_id)
        for entry in entries
        if entry.id is not None and not (entry.wanted is not None and entry.wanted.given.standing == "withdrawn")
    ]
    if memories:
        await queries.remember(session, source, memories)
