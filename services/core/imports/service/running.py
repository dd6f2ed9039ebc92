"""An import as a job: begun with the file, gone through part by part, told as a whole."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson

from services.core.accounts import queries as accounts
from services.core.imports import rules
from services.core.imports.service.files import File
from services.core.imports.service.taking import take_in
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.ledger import jobs
from services.core.ledger.task import Lease

KIND = "import"
ACTION = "commitments:write"
_QUEUE, _HANDLER = "imports", "imports.part"
_HERE_S = 0.5
"""One task goes on with further parts for so long, while nothing changes; a part that writes is the last of its transaction."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a file is taken in."""

    kind: str
    dry_run: bool
    source: str
    edition: str
    title: str
    attribution: str
    unknown_headers: list[str]


async def begin(session: Session, actor: Actor, kind: str, file: File, *, dry_run: bool) -> UUID:
    """Make the import of ``file`` a job; its id. Imports of one source run one after another."""
    job_id = new_id()
    terms = Terms(kind, dry_run, file.source, file.edition, file.title, file.attribution, file.unknown_headers)
    plan = jobs.Plan(
        id=job_id,
        kind=KIND,
        lane=f"imports:{file.source}",
        queue=_QUEUE,
        handler=_HANDLER,
        total=file.rows,
        result_url=f"/v1/imports/{job_id}",
        params={"terms": asdict(terms), "actor": accounts.starter(actor)},
    )
    await jobs.start(session, actor, plan, file.parts)
    return job_id


async def take_parts(session: Session, lease: Lease) -> None:
    """Take in the next part of an import, and those after it while they change nothing; the last one ends the job."""
    part = await jobs.take(session, lease)
    if part is None:
        return
    terms = Terms(**part.params["terms"])
    actor = await accounts.actor_now(session, **part.params["actor"])
    if not actor.everywhere(ACTION):
        refused = Problem("forbidden", "Who started this may not do it any more.")
        await jobs.end(session, part, outcome=part.outcome, problem=refused)
        return
    began = time.monotonic()
    while part is not None:
        counts = await _take_part(session, actor, terms, part)
        if part.is_last:
            await jobs.end(session, part, outcome=counts)
            return
        is_quiet = all(counts[name] == part.outcome.get(name, 0) for name in ("created", "revised"))
        part = await jobs.follow(session, part, outcome=counts, here=is_quiet and time.monotonic() - began < _HERE_S)


async def _take_part(session: Session, actor: Actor, terms: Terms, part: jobs.Part) -> dict[str, int]:
    rows: list[dict[str, Any]] = orjson.loads(part.content)
    taken = await take_in(
        session, actor, rows, source=terms.source, reason=terms.title, attribution=terms.attribution, dry_run=terms.dry_run
    )
    counts = rules.added(part.outcome, taken.counts())
    await jobs.keep(session, part, results=orjson.dumps(taken.told()), done=len(rows), outcome=counts)
    return counts


def result(params: dict[str, Any], outcome: dict[str, int], parts: Sequence[bytes]) -> bytes:
    """An `ImportResult` out of a job's parameters and what came of its parts so far; rows in the order of the file."""
    terms = Terms(**params["terms"])
    rows = sorted((row for part in parts for row in orjson.loads(part)), key=lambda row: row["line"])
    head = {"kind": terms.kind, "edition": terms.edition, "dry_run": terms.dry_run, "unknown_headers": terms.unknown_headers}
    return orjson.dumps(head | {"counts": rules.added(outcome, {}), "rows": rows})
