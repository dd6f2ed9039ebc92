"""Making a commitment."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.core.commitments import queries
from services.core.commitments.chain import Revision, moved, seal
from services.core.commitments.events import CommitmentMade
from services.core.commitments.rules import Target, blocking
from services.core.commitments.schemas import CommitmentCreate
from services.core.commitments.targets import misplaced, plain, target_of
from services.core.commitments.trajectory import target_year_emissions
from services.core.jurisdictions import queries as jurisdictions
from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.errors import FieldError, Problem, invalid, not_found
from services.core.kit.ids import new_id
from services.core.kit.statements import Connection
from services.core.ledger.record import record


@dataclass(frozen=True, slots=True)
class Judged:
    """A commitment that may be stored: what was given, the target in it, and its columns as the driver takes them."""

    given: dict[str, Any]
    target: Target
    columns: dict[str, Any]


async def make(
    session: Unit, actor: Actor, jurisdiction_id: UUID, given: CommitmentCreate, *, attribution: str | None = None
) -> tuple[UUID, asyncpg.Record]:
    """Make a commitment of a jurisdiction; its id and ``{version, derived, body}``. ``attribution``: whose figures these are.

    422 ``blocking-findings`` when the target does not hold (R0, R3); 404 for an unknown jurisdiction, 403 for another's.
    """
    connection = await session.driver()
    if not actor.may_for("commitments:write", jurisdiction=jurisdiction_id):
        await _refuse(connection, jurisdiction_id)
    judged = judge(given)
    if given.interim_of is not None:
        await check_parent(connection, given.interim_of, jurisdiction_id, given.target_year)
    commitment_id = new_id()
    try:
        row = await queries.INSERT.one(
            connection, id=commitment_id, jurisdiction_id=jurisdiction_id, attribution=attribution, **judged.columns
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise not_found() from error
    if row is None:
        raise RuntimeError("INSERT … RETURNING answered no row")
    after = {"title": given.title, "target_type": given.target_type, "target_year": given.target_year, "visibility": given.visibility}
    first = Revision(
        commitment_id=commitment_id, number=row["version"], at=row["at"], kind="made", by=actor.kind, moved=moved(None, judged.given)
    )  # fmt: skip
    made = CommitmentMade(subject_id=commitment_id, jurisdiction_id=jurisdiction_id, after=after, revision=seal(first))
    record(session, actor, made)
    return commitment_id, row


def judge(given: CommitmentCreate) -> Judged:
    """The target in ``given``, or a `Problem` 422 when nothing of it may be stored."""
    values = given.model_dump()
    target = target_of(values)
    if wrong := misplaced(target):
        errors = [FieldError(pointer, "not-of-this-type", f"A {given.target_type} target has no such member.") for pointer in wrong]
        raise Problem("invalid-body", errors[0].detail, errors=errors)
    if findings := blocking(target):
        errors = [FieldError(finding.pointer, finding.rule, finding.message) for finding in findings]
        raise Problem("blocking-findings", findings[0].message, errors=errors)
    computed = target_year_emissions(target)
    groups = {name: _json(values[name]) for name in ("intensity", "baseline_scenario", "measures")}
    return Judged(values, target, values | groups | {"target_year_emissions_t": computed})


async def check_parent(
    connection: Connection, parent_id: UUID, jurisdiction_id: UUID, target_year: int | None, step_id: UUID | None = None
) -> asyncpg.Record:
    """The final target that an interim one (``step_id``, when it is there already) is a step to; 422 unless it is later, and its own."""
    parent = await queries.PARENT.one(connection, id=parent_id)
    if parent is None or parent["jurisdiction_id"] != jurisdiction_id:
        raise invalid("/interim_of", "The jurisdiction has no such commitment.")
    if parent_id == step_id:
        raise invalid("/interim_of", "A commitment is no step to itself.")
    if parent["interim_of"] is not None:
        raise invalid("/interim_of", "That commitment is itself a step to another one.")
    if target_year is not None and parent["target_year"] <= target_year:
        raise invalid("/interim_of", f"That commitment is for {parent['target_year']}: a step to it ends earlier.")
    if step_id is not None and await queries.HAS_STEPS.value(connection, id=step_id):
        raise invalid("/interim_of", "Others are steps to this commitment, so that it cannot be a step itself.")
    return parent


async def _refuse(connection: Connection, jurisdiction_id: UUID) -> None:
    if await jurisdictions.DETAIL.one(connection, id=jurisdiction_id) is None:
        raise not_found()
    raise forbidden()


def forbidden() -> Problem:
    """The 403 for a jurisdiction that the caller does not act for."""
    return Problem("forbidden", "You do not act for this jurisdiction.")


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(plain(value)).decode()
