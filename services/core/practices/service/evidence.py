"""Evidence: links and files that an author adds while the practice lies with them, and takes away.

A file is stored under its new id before its row is written, while no transaction has begun: a storage that is slow keeps nobody else
from writing. `check_file` refuses before that what is refused anyway, and `add_file` checks again, under the practice's lock. When the
transaction comes to nothing the file goes again, and what a crash leaves behind is found by `sweep_files`. A file goes only after the
removal of its row was committed.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.core.kit import clock, storage
from services.core.kit.actor import Actor
from services.core.kit.db import Database, Session
from services.core.kit.errors import FieldError, Problem, not_found
from services.core.kit.ids import new_id
from services.core.kit.versions import check_version
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task
from services.core.practices import files, queries, rules
from services.core.practices.events import PracticeChanged
from services.core.practices.models import Evidence, Practice
from services.core.practices.schemas import EvidenceLink
from services.core.practices.states import PRACTICE

_LEFT_BEHIND: Final = timedelta(days=1)
"""After this long, an upload of which only the file is there has come to nothing."""


async def add_link(session: Session, actor: Actor, practice_id: UUID, given: EvidenceLink) -> UUID:
    """Add a link; 409 ``conflict``, ``evidence-limit`` or ``evidence-known`` where the practice does not take it."""
    practice = await _writable(session, actor, practice_id)
    known = await queries.load_evidence(session, practice.id)
    _must_be_new(next((each for each in known if each.url == given.url), None))
    _must_have_room(known, "link", files.MOST_LINKS)
    row = Evidence(id=new_id(), practice_id=practice.id, **given.model_dump())
    session.add(row)
    await _tell(session, actor, practice, "add_evidence")
    return row.id


async def check_file(session: Session, actor: Actor, practice_id: UUID, file: files.File) -> Practice:
    """The practice, locked, when it takes a file that was looked at (`files.examine`); refused like a link."""
    practice = await _writable(session, actor, practice_id)
    known = await queries.load_evidence(session, practice.id)
    _must_be_new(next((each for each in known if each.sha256 == file.sha256), None))
    _must_have_room(known, "file", files.MOST_FILES)
    return practice


async def store_file(session: Session, file: files.File) -> UUID:
    """Store a file before ``session`` has asked for anything; its id. It goes again when ``session`` comes to nothing.

    503 ``unavailable`` without a place for files, or when that does not answer.
    """
    if session.in_transaction():
        raise RuntimeError("a transaction has begun: a storage that is slow would keep its connection")
    evidence_id = new_id()
    session.after_rollback.append(_forgetting(evidence_id))
    await storage.put(files.key(evidence_id), file.content)
    return evidence_id


async def add_file(session: Session, actor: Actor, practice_id: UUID, evidence_id: UUID, title: str | None, file: files.File) -> None:
    """Add a file that was stored (`store_file`), where the practice still takes it."""
    practice = await check_file(session, actor, practice_id, file)
    row = Evidence(
        id=evidence_id,
        practice_id=practice.id,
        kind="file",
        title=title or file.name,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
    )
    session.add(row)
    await _tell(session, actor, practice, "add_evidence")


async def remove_evidence(session: Session, actor: Actor, evidence_id: UUID, version: int | None) -> None:
    """Take it away from the working copy. What a submission holds is kept with that, for whoever may read it."""
    practice = await _writable(session, actor, await queries.practice_of_evidence(session, actor, evidence_id))
    row = next((each for each in await queries.load_evidence(session, practice.id) if each.id == evidence_id), None)
    if row is None:
        raise not_found()
    check_version(row.version, version)
    _must_not_be_named(practice, evidence_id)
    if await queries.is_held(session, evidence_id):
        row.removed_at = await clock.now(session)
    else:
        await session.delete(row)
        if row.kind == "file":
            schedule(
                session,
                Task(queue="practices", handler="practices.forget_file", dedupe_key=f"forget:{row.id}", payload={"id": str(row.id)}),
            )
    await _tell(session, actor, practice, "remove_evidence")


async def forget_file(session: Session, evidence_id: UUID) -> None:
    """The row is gone: so goes the file."""
    if not await queries.evidence_exists(session, evidence_id):
        await storage.delete(files.key(evidence_id))


async def sweep_files(database: Database) -> int:
    """Take away the files of uploads that ended half way, a day after; how many there were."""
    if not storage.is_named():
        return 0
    count = await storage.sweep_half_written(files.PREFIX, older_than=_LEFT_BEHIND)
    async for group in storage.listed(files.PREFIX):
        async with database.read() as connection:
            orphans = await queries.orphans(connection, group)
        await storage.delete(*orphans)
        count += len(orphans)
    return count


async def _writable(session: Session, actor: Actor, practice_id: UUID) -> Practice:
    row = await queries.load_own(session, actor, practice_id)
    if row.status not in rules.WRITABLE:
        extra = {"current_status": row.status, "allowed_actions": PRACTICE.allowed(row.status)}
        writable = ", ".join(rules.WRITABLE)
        raise Problem("conflict", f"This practice is {row.status}; its evidence changes only while it is: {writable}.", extra=extra)
    return row


def _must_be_new(same: Evidence | None) -> None:
    if same is not None:
        detail = f"The practice has this {same.kind} already: “{same.title}”."
        raise Problem("evidence-known", detail, extra={"evidence_id": str(same.id)})


def _must_have_room(known: list[Evidence], kind: str, most: int) -> None:
    if sum(each.kind == kind for each in known) >= most:
        raise Problem("evidence-limit", f"A practice may have {most} {kind}s as evidence.")


def _must_not_be_named(practice: Practice, evidence_id: UUID) -> None:
    named = [index for index, indicator in enumerate(practice.indicators) if indicator["evidence_id"] == str(evidence_id)]
    if named:
        errors = [FieldError(f"/indicators/{index}/evidence_id", "in-use", "This indicator names the evidence.") for index in named]
        raise Problem("conflict", "An indicator of the practice names this evidence: change the indicator first.", errors=errors)


def _forgetting(evidence_id: UUID) -> Callable[[], Awaitable[None]]:
    """What undoes the storing of a file. Where the storage does not answer it is left to the sweep; the log tells of it."""

    async def forget() -> None:
        with suppress(Problem):
            await storage.delete(files.key(evidence_id))

    return forget


async def _tell(session: Session, actor: Actor, practice: Practice, action: str) -> None:
    call = await queries.load_call(session, practice.call_id)
    event = PracticeChanged(
        subject_id=practice.id,
        jurisdiction_id=practice.jurisdiction_id,
        community_id=call.community_id,
        action=action,
        changed=("evidence",),
    )
    record(session, actor, event)
