"""Registries that we read ourselves: planned turns, pages kept as they come, and one job at the end of each run.

A turn is one task, and so is each further page: what was read, the place where it goes on and the next task commit together,
so that a reading that is killed goes on at the page where it was. A run becomes a job like any large batch, of kind ``pull``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from services.core.kit import clock
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.ids import new_id
from services.core.ledger import jobs
from services.core.ledger.drain import finish, renew
from services.core.ledger.record import schedule
from services.core.ledger.task import Lease, Task
from services.core.sync import pulls, rules
from services.core.sync.mapping import Pull
from services.core.sync.merging import merge
from services.core.sync.reading import Mapped
from services.core.sync.row import Finding
from services.core.sync.service import batches
from services.core.sync.service.batches import Terms

KIND = "pull"
MOST_PAGES = 1_000
_QUEUE, _HANDLER = "sync", "sync.pull"
_ATTEMPTS = 6
"""How often a page is tried: about ten minutes with the usual waits; the next turn comes anyhow."""


class GivenUp(Exception):
    """A run cannot go on; the message says why. The next turn is planned already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A registry to read: its name, how it is read, and what its description was made of."""

    source: str
    pull: Pull
    mapping_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reading is: before its first page (``url`` None), or at page ``number`` of a run."""

    run_id: UUID
    number: int = 0
    url: str | None = None
    rows: int = 0
    etag: str | None = None


async def plan(session: Session, sources: Iterable[str]) -> list[str]:
    """Give a turn, due now, to each source that has none; those that got one. Two workers may do this at once."""
    planned: list[str] = []
    for source in sources:
        state = await pulls.look(session, source)
        if not (state.turn and await pulls.is_pending(session, _turn_key(source, state.turn))):
            await _schedule_turn(session, source, state.turn + 1)
            planned.append(source)
    return planned


async def begin(session: Session, lease: Lease, registry: Registry, *, hold_s: float) -> Place | None:
    """Where to go on reading: None when there is nothing to do (the run before is still under way, or this one is over).

    A turn plans the next one before it reads anything, so that no failure ends the series.
    """
    source = registry.source
    await renew(session, lease, hold_s)
    state = await pulls.look(session, source)
    if "page" in lease.payload:
        run_id = lease.uuid("run_id")
        is_ours = state.run_id == run_id and state.pages == lease.payload["page"]
        if not is_ours:
            await finish(session, lease)
            return None
        return Place(run_id=run_id, number=state.pages, url=state.next_url, rows=state.rows, etag=lease.payload.get("etag"))
    if state.turn <= int(lease.payload["turn"]):
        due = await clock.now(session) + timedelta(seconds=registry.pull.seconds)
        await _schedule_turn(session, source, int(lease.payload["turn"]) + 1, due=due)
    if state.run_id is not None and await pulls.is_pending(session, _page_key(source, state.run_id, state.pages)):
        await finish(session, lease)
        return None
    return Place(run_id=new_id(), etag=state.etag if state.mapping_hash == registry.mapping_hash else None)


async def keep_page(
    session: Session, lease: Lease, registry: Registry, place: Place, rows: Sequence[Mapped], *, next_url: str | None, etag: str | None
) -> UUID | None:
    """Store the page at ``place``, and go on with the next one, or hand the run over: then the id of the job, if there is one.

    `GivenUp` when the registry is larger than what one run may hold; nothing is written then.
    """
    await finish(session, lease)
    source, number = registry.source, place.number
    if number + 1 >= MOST_PAGES and next_url is not None:
        raise GivenUp(f"it has more than {MOST_PAGES} pages")
    if place.rows + len(rows) > rules.MAX_ITEMS:
        raise GivenUp(f"it has more than {rules.MAX_ITEMS} rows")
    await pulls.look(session, source)
    content = jobs.pack(orjson.dumps([_packed(row, place.rows) for row in rows]))
    await pulls.keep(session, source, place.run_id, number, content, rows=len(rows), next_url=next_url)
    if next_url is None:
        return await _hand_over(session, registry, place.run_id, etag)
    payload = {"source": source, "run_id": str(place.run_id), "page": number + 1, "etag": etag}
    key = _page_key(source, place.run_id, number + 1)
    schedule(session, Task(queue=_QUEUE, handler=_HANDLER, dedupe_key=key, payload=payload, max_attempts=_ATTEMPTS))
    return None


async def give_up(session: Session, lease: Lease, source: str, said: str) -> None:
    """End this run without a job: nothing changed at the other side, or it cannot be read. ``said`` is kept for people."""
    await finish(session, lease)
    await pulls.look(session, source)
    await pulls.forget(session, source, said)


async def _hand_over(session: Session, registry: Registry, run_id: UUID, etag: str | None) -> UUID | None:
    """Make one job of all the pages. A registry without rows is a registry that is broken: it takes nobody away."""
    source, pull = registry.source, registry.pull
    rows = [_unpacked(each) for page in await pulls.pages(session, run_id) for each in orjson.loads(jobs.unpack(page))]
    if not rows:
        await pulls.forget(session, source, "it has no rows, so nothing was changed")
        return None
    groups = merge(rows)
    named = {group.external_id for group in groups}
    unread = [row for row in rows if row.item is None and row.external_id not in named]
    # Who cannot be named cannot be told from who is missing: then nobody is marked as missing.
    mode = "merge" if any(row.external_id is None for row in unread) else pull.mode
    terms = Terms(source, mode, dry_run=False, max_deactivations=pull.max_deactivations)
    items: list[dict[str, Any]] = [group.item for group in groups] + [{"external_id": row.external_id} for row in unread]
    refused = {len(groups) + place: _why(row) for place, row in enumerate(unread)}
    await jobs.hold_lane(session, terms.lane)
    await batches.start(session, SYSTEM, terms, run_id, items, repeated=(), kind=KIND, refused=refused)
    await pulls.handed_over(session, source, run_id, etag, registry.mapping_hash)
    await pulls.forget(session, source, f"{len(rows)} rows were handed over")
    return run_id


async def _schedule_turn(session: Session, source: str, turn: int, *, due: Any = None) -> None:
    await pulls.plan(session, source, turn)
    payload = {"source": source, "turn": turn}
    schedule(session, Task(queue=_QUEUE, handler=_HANDLER, dedupe_key=_turn_key(source, turn), payload=payload, due_at=due))


def _turn_key(source: str, turn: int) -> str:
    return f"{_HANDLER}:{source}:{turn}"


def _page_key(source: str, run_id: UUID, number: int) -> str:
    return f"{_HANDLER}:{source}:{run_id}:{number}"


def _packed(row: Mapped, before: int) -> list[Any]:
    return [before + row.number, row.external_id, row.item, [[each.column, each.code, each.detail] for each in row.errors]]


def _unpacked(packed: list[Any]) -> Mapped:
    number, external_id, item, errors = packed
    return Mapped(number, external_id, item, [Finding("error", *error) for error in errors])


def _why(row: Mapped) -> str:
    told = " ".join(f"{cell}{each.detail}" for each in row.errors for cell in [f"“{each.column}”: " if each.column else ""])
    return f"Row {row.number}: {told}"
