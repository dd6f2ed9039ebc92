"""Revising a commitment."""

from typing import Any
from uuid import UUID

import asyncpg

from services.core.commitments import queries
from services.core.commitments.events import CommitmentRevised
from services.core.commitments.schemas import CommitmentCreate, CommitmentPatch
from services.core.commitments.service.make import assess_parents, check_parent, forbidden, judge
from services.core.commitments.targets import loads, plain, target_of
from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.errors import not_found
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def replace(session: Unit, actor: Actor, commitment_id: UUID, given: CommitmentCreate, version: int | None) -> asyncpg.Record:
    """Give the commitment a whole new state (PUT); ``{version, derived, body}``."""
    row, _ = await _locked(session, actor, commitment_id, version)
    return await _write(session, actor, commitment_id, row, given)


async def amend(session: Unit, actor: Actor, commitment_id: UUID, patch: CommitmentPatch, version: int | None) -> asyncpg.Record:
    """Change the members that were sent (PATCH): the merged whole must hold like a new commitment."""
    row, state = await _locked(session, actor, commitment_id, version)
    whole = merge_patch(state, patch.model_dump(exclude_unset=True))
    return await _write(session, actor, commitment_id, row, fits(CommitmentCreate, whole))


async def _locked(session: Unit, actor: Actor, commitment_id: UUID, version: int | None) -> tuple[asyncpg.Record, dict[str, Any]]:
    row = await queries.LOCKED.one(await session.driver(), id=commitment_id, **queries.seen_by(actor))
    if row is None:
        raise not_found()
    if not actor.may_for("commitments:write", jurisdiction=row["jurisdiction_id"]):
        raise forbidden()
    check_version(row["version"], version)
    return row, _state(row)


def _state(row: asyncpg.Record) -> dict[str, Any]:
    """The stored commitment in the shape of a CommitmentCreate."""
    shown = plain(loads(row["body"]))
    return {name: shown[name] for name in CommitmentCreate.model_fields if name in shown}


async def _write(session: Unit, actor: Actor, commitment_id: UUID, row: asyncpg.Record, given: CommitmentCreate) -> asyncpg.Record:
    connection, jurisdiction_id = await session.driver(), row["jurisdiction_id"]
    was = fits(CommitmentCreate, _state(row))
    if was == given:
        same = await queries.DETAIL.one(connection, id=commitment_id, **queries.seen_by(actor))
        return _found(same)
    judged = judge(given)
    if given.interim_of is not None and given.interim_of != was.interim_of:
        await check_parent(connection, given.interim_of, jurisdiction_id)
    is_anew = judged.target != target_of(was.model_dump())
    written = await queries.UPDATE.one(connection, id=commitment_id, is_anew=is_anew, **judged.columns)
    before, after = _moved(was, given)
    revised = CommitmentRevised(subject_id=commitment_id, jurisdiction_id=jurisdiction_id, before=before, after=after)
    event_id = record(session, actor, revised)
    if (was.interim_of, was.target_year) != (given.interim_of, given.target_year):
        assess_parents(session, event_id, jurisdiction_id, {was.interim_of, given.interim_of})
    return _found(written)


def _moved(was: CommitmentCreate, given: CommitmentCreate) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members that differ, before and after."""
    before, after = plain(was.model_dump()), plain(given.model_dump())
    names = [name for name in after if before[name] != after[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _found(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise not_found()
    return row
