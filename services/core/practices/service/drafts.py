"""Writing practices: a draft may be incomplete, and changes only while it lies with its author."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import FieldError, Problem, invalid
from services.core.kit.ids import new_id
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record
from services.core.practices import queries, rules
from services.core.practices.content import FIELDS, plain
from services.core.practices.events import PracticeChanged
from services.core.practices.models import Call, Practice
from services.core.practices.schemas import PracticeCreate, PracticeFields, PracticePatch
from services.core.practices.states import PRACTICE

_JSON = ("translations", "partners", "finance", "indicators")


async def draft(session: Session, actor: Actor, given: PracticeCreate) -> UUID:
    """Write a draft for a call that is open (or, for the secretariat, still a draft); else 409 ``call-not-open``.

    A jurisdiction that ``actor`` does not speak for is refused like one that does not exist (422).
    """
    call = await _call(session, actor, given.call_id)
    if not actor.may_for("practices:write", jurisdiction=given.jurisdiction_id):
        raise _no_jurisdiction()
    if call.status not in ("draft", "open"):
        raise Problem("call-not-open", f"This call is {call.status}.")
    await _check_references(session, None, given.jurisdiction_id, given, known=frozenset())
    row = Practice(id=new_id(), call_id=call.id, jurisdiction_id=given.jurisdiction_id, status="draft", submission=0, **_columns(given))
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise _no_jurisdiction() from error
    changed = tuple(name for name in FIELDS if name in given.model_fields_set)
    record(session, actor, _changed(row, call.community_id, "draft", changed))
    return row.id


async def replace(session: Session, actor: Actor, practice_id: UUID, given: PracticeCreate, version: int | None) -> None:
    """Give the practice a whole new state (PUT), while it lies with its author; else 409 ``conflict``."""
    row = await queries.load_own(session, actor, practice_id)
    for member in ("call_id", "jurisdiction_id"):
        if getattr(given, member) != getattr(row, member):
            raise invalid(f"/{member}", "A practice stays in its call and with its jurisdiction.")
    await _write(session, actor, row, given, version)


async def amend(session: Session, actor: Actor, practice_id: UUID, patch: PracticePatch, version: int | None) -> None:
    """Change the members that were sent (PATCH), while it lies with its author: the merged whole must fit like a new one."""
    row = await queries.load_own(session, actor, practice_id)
    whole = merge_patch({name: getattr(row, name) for name in FIELDS}, patch.model_dump(exclude_unset=True))
    await _write(session, actor, row, fits(PracticeFields, whole), version)


async def _write(session: Session, actor: Actor, row: Practice, given: PracticeFields, version: int | None) -> None:
    check_version(row.version, version)
    if row.status not in rules.WRITABLE:
        extra = {"current_status": row.status, "allowed_actions": PRACTICE.allowed(row.status)}
        writable = ", ".join(rules.WRITABLE)
        raise Problem("conflict", f"This practice is {row.status}; it changes only while it is: {writable}.", extra=extra)
    columns = _columns(given)
    changed = tuple(name for name in FIELDS if getattr(row, name) != columns[name])
    if not changed:
        return
    await _check_references(session, row.id, row.jurisdiction_id, given, known=frozenset(row.commitment_ids))
    for name in changed:
        setattr(row, name, columns[name])
    call = await queries.load_call(session, row.call_id)
    record(session, actor, _changed(row, call.community_id, "amend", changed))


async def _call(session: Session, actor: Actor, call_id: UUID) -> Call:
    """The call, when ``actor`` may see it; a draft is the secretariat's."""
    refusal = invalid("/call_id", "There is no such call.")
    try:
        call = await queries.load_call(session, call_id)
    except Problem as error:
        raise refusal from error
    if call.status == "draft" and not actor.may_for("calls:write", community=call.community_id):
        raise refusal
    return call


def _no_jurisdiction() -> Problem:
    return invalid("/jurisdiction_id", "There is no such jurisdiction for which you may write.")


async def _check_references(
    session: Session, practice_id: UUID | None, jurisdiction_id: UUID, given: PracticeFields, *, known: frozenset[UUID]
) -> None:
    """What a practice points to must be there: commitments of its jurisdiction, and its own evidence (a new one has none yet)."""
    named = {index: indicator.evidence_id for index, indicator in enumerate(given.indicators) if indicator.evidence_id is not None}
    own = {each.id for each in await queries.load_evidence(session, practice_id)} if named and practice_id else set()
    errors = [
        FieldError(f"/indicators/{index}/evidence_id", "not-found", "This practice has no such evidence.")
        for index, evidence_id in named.items()
        if evidence_id not in own
    ]
    if not known.issuperset(given.commitment_ids):
        strange = await queries.strange_commitments(session, jurisdiction_id, given.commitment_ids)
        detail = "The jurisdiction has no such commitment."
        errors += [FieldError(f"/commitment_ids/{index}", "not-found", detail) for index in strange]
    if errors:
        raise Problem("invalid-body", errors[0].detail, errors=errors)


def _columns(given: PracticeFields) -> dict[str, Any]:
    values: dict[str, Any] = given.model_dump(include=set(FIELDS))
    for texts in values["translations"].values():
        if not texts["machine_translated"]:  # readers fill it in; the version of the code before does not know the member
            del texts["machine_translated"]
    return values | {name: plain(values[name]) for name in _JSON}


def _changed(row: Practice, community_id: UUID, action: str, changed: tuple[str, ...]) -> PracticeChanged:
    return PracticeChanged(
        subject_id=row.id,
        jurisdiction_id=row.jurisdiction_id,
        community_id=community_id,
        action=action,
        changed=changed,
    )
