"""Batches: a small one is taken in and answered at once, a large one becomes a job."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson

from services.core.accounts import queries as accounts
from services.core.jurisdictions import queries as known
from services.core.jurisdictions import service as jurisdictions
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.ledger import jobs
from services.core.ledger.record import record
from services.core.ledger.task import Lease
from services.core.sync import rules
from services.core.sync.events import SyncFinished
from services.core.sync.rules import Sent
from services.core.sync.schemas import BatchCreate
from services.core.sync.service.entries import Entry
from services.core.sync.service.taking import take_in

KIND = "membership-batch"
_QUEUE, _HANDLER = "sync", "sync.part"
_HERE_S = 0.5
"""One task goes on with further parts for so long, while nothing changes: what is unchanged is passed quickly. A part that
writes is the last of its transaction, so that it holds no locks while it waits for others."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a batch is taken in."""

    source: str
    mode: str
    dry_run: bool
    max_deactivations: float

    @property
    def lane(self) -> str:
        """One source's batches are taken in one at a time."""
        return f"sync:{self.source}"

    @property
    def replaces(self) -> bool:
        """Whether what is not named is marked as missing."""
        return self.mode == "replace"


async def take(session: Session, actor: Actor, given: BatchCreate) -> bytes | UUID:
    """Take a batch in: its whole result (`BatchResult`) when it is small, else the id of the job that goes on with it.

    `Problem` 409 ``brake`` when a replacement would mark too much as missing, 403 when one comes from who does not act for
    all jurisdictions, 409 ``conflict`` for a small one while another batch of its source is under way.
    """
    terms = Terms(given.source, given.mode, given.dry_run, given.max_deactivations)
    batch_id = new_id()
    items: Sequence[Any] = given.items
    sent = [rules.sent(item) for item in items]
    ids = [each.external_id for each in sent]
    await jobs.hold_lane(session, terms.lane)
    missing: list[str] = []
    if terms.replaces:
        _must_act_for_all(actor)
        missing = await _missing(session, terms, {each for each in ids if each is not None})
    if len(sent) > rules.AT_ONCE:
        parts = rules.parts([rules.weight(item) for item in items])
        await _start(session, actor, terms, batch_id, sent, parts, repeated=rules.repeated(ids), kind=KIND)
        return batch_id
    if terms.replaces and await jobs.is_busy(session, terms.lane, batch_id):
        raise Problem("conflict", "Another batch of this source is under way; replace when it has ended.", headers={"Retry-After": "5"})
    entries = await take_in(session, actor, terms.source, sent, repeated=rules.repeated(ids), dry_run=terms.dry_run)
    counts = await _finish(session, actor, terms, batch_id, rules.counted([entry.status for entry in entries]), missing)
    return result(terms, counts, [_told(entries, terms)])


async def take_parts(session: Session, lease: Lease) -> None:
    """Take in the next part of a batch that is a job, and those after it while they change nothing; the last one ends the job."""
    part = await jobs.take(session, lease)
    if part is None:
        return
    terms = terms_of(part.params)
    actor = await accounts.actor_now(session, **part.params["actor"])
    if not actor.may("sync:write") or (terms.replaces and not actor.everywhere("sync:write")):
        refused = Problem("forbidden", "Who started this may not do it any more.")
        await jobs.end(session, part, outcome=part.outcome, problem=refused)
        return
    began = time.monotonic()
    while part is not None:
        counts = await _take_part(session, actor, terms, part)
        if part.is_last:
            await _end(session, actor, terms, part, counts)
            return
        is_quiet = all(counts.get(name, 0) == part.outcome.get(name, 0) for name in ("created", "updated"))
        here = is_quiet and time.monotonic() - began < _HERE_S
        part = await jobs.follow(session, part, outcome=counts, here=here)


async def _take_part(session: Session, actor: Actor, terms: Terms, part: jobs.Part) -> dict[str, int]:
    first, sent, repeated = rules.unpacked(part.content)
    entries = await take_in(session, actor, terms.source, sent, first=first, repeated=repeated, dry_run=terms.dry_run)
    counts = rules.added(part.outcome, rules.counted([entry.status for entry in entries]))
    await jobs.keep(session, part, results=_told(entries, terms), done=len(sent), outcome=counts)
    return counts


def result(terms: Terms, counts: dict[str, int], parts: Sequence[bytes]) -> bytes:
    """A `BatchResult` out of the results of its parts (JSON objects with commas between them)."""
    head = orjson.dumps({"source": terms.source, "mode": terms.mode, "dry_run": terms.dry_run, "counts": rules.counted([]) | counts})
    return head[:-1] + b',"results":[' + b",".join(parts) + b"]}"


def terms_of(params: dict[str, Any]) -> Terms:
    """The terms of the job with these parameters."""
    return Terms(**params["terms"])


async def start(
    session: Session,
    actor: Actor,
    terms: Terms,
    batch_id: UUID,
    items: Sequence[Any],
    *,
    repeated: Collection[int] = (),
    refused: Mapping[int, str] | None = None,
    kind: str = KIND,
) -> None:
    """Make ``items`` a job. Those at ``repeated`` indices are errors, and those at ``refused`` ones, each for what is said there."""
    why = refused or {}
    sent = [rules.sent(item, why.get(index, "")) for index, item in enumerate(items)]
    parts = rules.parts([rules.weight(item) for item in items])
    await _start(session, actor, terms, batch_id, sent, parts, repeated=repeated, kind=kind)


async def _start(
    session: Session,
    actor: Actor,
    terms: Terms,
    batch_id: UUID,
    sent: Sequence[Sent],
    parts: Sequence[range],
    *,
    repeated: Collection[int],
    kind: str,
) -> None:
    plan = jobs.Plan(
        id=batch_id,
        kind=kind,
        lane=terms.lane,
        queue=_QUEUE,
        handler=_HANDLER,
        total=len(sent),
        result_url=f"/v1/membership/batches/{batch_id}",
        params={"terms": asdict(terms), "actor": accounts.starter(actor)},
    )
    await jobs.start(session, actor, plan, _packed(parts, sent, repeated))


def _packed(parts: Sequence[range], sent: Sequence[Sent], repeated: Collection[int]) -> list[bytes]:
    again = frozenset(repeated)
    return [rules.packed(part.start, sent[part.start : part.stop], [index for index in part if index in again]) for part in parts]


async def _end(session: Session, actor: Actor, terms: Terms, part: jobs.Part, counts: dict[str, int]) -> None:
    """Mark what is missing and end the job; a brake that holds now is the job's problem, and what its parts did stays."""
    problem: Problem | None = None
    missing: list[str] = []
    if terms.replaces:
        connection = await session.driver()
        told = orjson.loads(b"[" + b",".join(await jobs.results(connection, part.job_id)) + b"]")
        named = {each["external_id"] for each in told}
        try:
            missing = await _missing(session, terms, named, new={each["external_id"] for each in told if each["status"] == "created"})
        except Problem as brake:
            problem = brake
    whole = await _finish(session, actor, terms, part.job_id, counts, missing)
    await jobs.end(session, part, outcome=whole, problem=problem)


async def _missing(session: Session, terms: Terms, named: Collection[str], *, new: Collection[str] = ()) -> list[str]:
    """What the source knew and does not name any more; 409 ``brake`` when that is too much of it. ``new`` it brought itself."""
    given = await known.known_external_ids(session, terms.source)
    before = {each for each, is_missing in given.items() if not is_missing}.difference(new)
    missing = sorted(before.difference(named))
    if (share := rules.share(len(missing), len(before))) > terms.max_deactivations:
        detail = f"{len(missing)} of {len(before)} known members would be marked as missing; {terms.max_deactivations:.1%} are allowed."
        figures = {"would_deactivate": len(missing), "known": len(before), "share": share, "max_deactivations": terms.max_deactivations}
        raise Problem("brake", detail, extra=figures)
    return missing


async def _finish(
    session: Session, actor: Actor, terms: Terms, batch_id: UUID, counts: dict[str, int], missing: Sequence[str]
) -> dict[str, int]:
    """Mark what is missing, and say that a source was taken in, when that changed anything; the counts of the whole."""
    if terms.replaces:
        counts = counts | {"missing": len(missing)}
    if terms.dry_run:
        return counts
    if missing:
        await jurisdictions.mark_missing(session, actor, terms.source, missing)
    if counts["created"] or counts["updated"] or missing:
        record(session, actor, SyncFinished(subject_id=batch_id, source=terms.source, mode=terms.mode, counts=counts))
    return counts


def _told(entries: Sequence[Entry], terms: Terms) -> bytes:
    return b",".join([orjson.dumps(entry.result(dry_run=terms.dry_run)) for entry in entries])


def _must_act_for_all(actor: Actor) -> None:
    if not actor.everywhere("sync:write"):
        raise Problem("forbidden", "Only who acts for all jurisdictions replaces what a source knows.")
