"""Writing and changing calls, and telling the clock when each opens and closes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import FieldError, Problem, invalid, not_found
from services.core.kit.ids import new_id
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task
from services.core.practices import queries, rules
from services.core.practices.content import plain
from services.core.practices.events import CallChanged, CallExtended
from services.core.practices.models import Call
from services.core.practices.rules import Dates
from services.core.practices.schemas import CallCreate, CallPatch
from services.core.practices.states import CALL

_DATES: Final = ("opens_at", *rules.HARD)


async def create_call(session: Session, actor: Actor, community_id: UUID, given: CallCreate) -> UUID:
    """Write a call as a draft; it opens by the clock when `opens_at` is still to come, else by the action `open`."""
    must_run(actor, community_id)
    _must_hold(given)
    await _check_themes(session, community_id, given)
    row = Call(id=new_id(), community_id=community_id, status="draft", **_columns(given))
    session.add(row)
    _set_the_clock(session, row, await clock.now(session), changed=frozenset({"opens_at", "closes_at"}))
    record(session, actor, CallChanged(subject_id=row.id, community_id=community_id, after=_state(given)))
    return row.id


async def replace_call(session: Session, actor: Actor, call_id: UUID, given: CallCreate, version: int | None) -> None:
    """Give the call a whole new state (PUT): no date moves by itself. 409 ``conflict`` for what its status keeps as it is."""
    row = await queries.load_call(session, call_id, lock=True)
    must_run(actor, row.community_id, hidden=row.status == "draft")
    await _write(session, actor, row, given, version)


async def amend_call(session: Session, actor: Actor, call_id: UUID, patch: CallPatch, version: int | None) -> None:
    """Change the members that were sent (PATCH): the merged whole must fit like a new call.

    A date that moves later takes along what hangs on it and was not sent, see `rules.moved_along`.
    """
    row = await queries.load_call(session, call_id, lock=True)
    must_run(actor, row.community_id, hidden=row.status == "draft")
    known, sent = _current(row), patch.model_dump(exclude_unset=True)
    whole = merge_patch(known, sent)
    named = {*sent, *(rules.soft(name) for name in sent.get("soft", ()))}
    moved = rules.moved_along(_dates(fits(CallCreate, known)), _dates(fits(CallCreate, whole)), named, row.status)
    await _write(session, actor, row, fits(CallCreate, {**whole, **_members(moved)}), version)


def must_run(actor: Actor, community_id: UUID, *, hidden: bool = False) -> None:
    """403 unless ``actor`` runs the calls of this community; 404 for a call that is ``hidden`` from who does not."""
    if not actor.may_for("calls:write", community=community_id):
        raise not_found() if hidden else Problem("forbidden", "You do not run the calls of this community.")


async def _write(session: Session, actor: Actor, row: Call, given: CallCreate, version: int | None) -> None:
    check_version(row.version, version)
    known = fits(CallCreate, _current(row))
    _must_hold(given)
    changed = _changed(known, given)
    if not changed:
        return
    now = await clock.now(session)
    _may_change(row, given, changed, now)
    if "themes" in changed:
        await _check_themes(session, row.community_id, given)
    for name, value in _columns(given).items():
        setattr(row, name, value)
    _set_the_clock(session, row, now, changed=changed)
    before, after = _state(known), _state(given)
    record(session, actor, CallChanged(subject_id=row.id, community_id=row.community_id, before=before, after=after))
    if rules.is_extended(_dates(known), _dates(given), row.status):
        before, after = ({name: state[name] for name in (*rules.HARD, "soft")} for state in (before, after))
        record(session, actor, CallExtended(subject_id=row.id, community_id=row.community_id, before=before, after=after))


def _changed(known: CallCreate, given: CallCreate) -> frozenset[str]:
    """The members that differ, each soft date by its own pointer."""
    changed = {name for name in CallCreate.model_fields if name != "soft" and getattr(given, name) != getattr(known, name)}
    return frozenset(changed | {f"soft/{name}" for name in rules.HARD if getattr(given.soft, name) != getattr(known.soft, name)})


def _must_hold(given: CallCreate) -> None:
    """422 that names each member that does not fit the others."""
    findings = rules.window_findings(_dates(given))
    if given.quorum > given.reviewers_per_practice:
        findings.append(("/quorum", "quorum may not exceed reviewers_per_practice."))
    if given.thresholds.commended > given.thresholds.recognised:
        findings.append(("/thresholds/commended", "thresholds.commended may not exceed thresholds.recognised."))
    if findings:
        errors = [FieldError(pointer, "does-not-fit", detail) for pointer, detail in findings]
        raise Problem("invalid-body", " ".join(error.detail for error in errors), errors=errors)


def _may_change(row: Call, given: CallCreate, changed: frozenset[str], now: datetime) -> None:
    if fixed := rules.fixed_members(row.status, changed):
        errors = [FieldError(f"/{name}", "fixed", f"This does not change in a call that is {row.status}.") for name in fixed]
        extra = {"current_status": row.status, "allowed_actions": CALL.allowed(row.status)}
        raise Problem("conflict", f"A call that is {row.status} keeps its {', '.join(fixed)}.", errors=errors, extra=extra)
    if "closes_at" in changed and row.status == "open" and given.closes_at <= now:
        raise invalid("/closes_at", "This lies in the past: close the call by the action “close”.")


async def _check_themes(session: Session, community_id: UUID, given: CallCreate) -> None:
    """A call asks for themes of its community; a community that names none is open to all."""
    known = await queries.community_themes(session, community_id)
    detail = f"The community works on: {', '.join(known)}."
    errors = [FieldError(f"/themes/{n}", "not-in-community", detail) for n, theme in enumerate(given.themes) if theme not in known]
    if known and errors:
        raise Problem("invalid-body", detail, errors=errors)


def _set_the_clock(session: Session, row: Call, now: datetime, *, changed: frozenset[str]) -> None:
    """A task for each date that is new and still to come. It carries the date: an older one finds another date and does nothing."""
    for member, handler in (("opens_at", "practices.open_call"), ("closes_at", "practices.close_call")):
        due_at: datetime = getattr(row, member)
        if member in changed and due_at > now:
            at = due_at.isoformat()
            payload = {"id": row.id, "at": at}
            schedule(
                session, Task(queue="practices", handler=handler, dedupe_key=f"{handler}:{row.id}:{at}", payload=payload, due_at=due_at)
            )


def _columns(given: CallCreate) -> dict[str, Any]:
    announced = {rules.soft(name): getattr(given.soft, name) for name in rules.HARD}
    return given.model_dump(exclude={"thresholds", "soft"}) | announced | {"thresholds": plain(given.thresholds.model_dump())}


def _current(row: Call) -> dict[str, Any]:
    members = {name: getattr(row, name) for name in CallCreate.model_fields if name != "soft"}
    return members | {"soft": {name: getattr(row, rules.soft(name)) for name in rules.HARD}}


def _dates(given: CallCreate) -> Dates:
    hard = {name: getattr(given, name) for name in _DATES}
    return Dates(**hard, **{rules.soft(name): getattr(given.soft, name) for name in rules.HARD})


def _members(dates: Dates) -> Mapping[str, Any]:
    """Dates as the members of a call."""
    hard = {name: getattr(dates, name) for name in _DATES}
    return hard | {"soft": {name: getattr(dates, rules.soft(name)) for name in rules.HARD}}


def _state(given: CallCreate) -> dict[str, Any]:
    state: dict[str, Any] = plain(given.model_dump())
    return state
