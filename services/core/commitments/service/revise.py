"""Revising a commitment."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg

from services.core.commitments import queries
from services.core.commitments.ambition import step_to_more, weakenings
from services.core.commitments.chain import Revision, moved, seal
from services.core.commitments.events import CommitmentRevised, CommitmentWeakened
from services.core.commitments.rules import Target
from services.core.commitments.schemas import CommitmentCreate, CommitmentPatch, CommitmentReplace
from services.core.commitments.service.make import check_parent, forbidden, judge
from services.core.commitments.targets import loads, plain, target_of
from services.core.commitments.terms import hidden
from services.core.commitments.weakening import Weakening
from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.errors import not_found
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record, waiting


async def replace(session: Unit, actor: Actor, commitment_id: UUID, given: CommitmentReplace, version: int | None) -> asyncpg.Record:
    """Give the commitment a whole new state (PUT); ``{version, derived, body}``."""
    row, _ = await _locked(session, actor, commitment_id, version)
    whole = fits(CommitmentCreate, given.model_dump(exclude={"reason"}))
    return await _write(session, actor, row, whole, given.reason)


async def amend(
    session: Unit, actor: Actor, commitment_id: UUID, patch: CommitmentPatch, version: int | None, *, attribution: str | None = None
) -> asyncpg.Record:
    """Change the members that were sent (PATCH): the merged whole must hold like a new one. ``attribution``: whose figures these are."""
    row, state = await _locked(session, actor, commitment_id, version)
    whole = merge_patch(state, patch.model_dump(exclude_unset=True, exclude={"reason"}))
    return await _write(session, actor, row, fits(CommitmentCreate, whole), patch.reason, attribution)


async def _locked(session: Unit, actor: Actor, commitment_id: UUID, version: int | None) -> tuple[asyncpg.Record, dict[str, Any]]:
    row = await queries.LOCKED.one(await session.driver(), id=commitment_id, **queries.seen_by(actor))
    if row is None:
        raise not_found()
    if not actor.may_for("commitments:write", jurisdiction=row["jurisdiction_id"]):
        raise forbidden()
    check_version(row["version"], version)
    return row, _state(row)


def _state(row: asyncpg.Record) -> dict[str, Any]:
    """The stored commitment in the shape of a CommitmentCreate, its numbers exact."""
    shown = loads(row["body"])
    return {name: shown[name] for name in CommitmentCreate.model_fields if name in shown}


async def _write(
    session: Unit, actor: Actor, row: asyncpg.Record, given: CommitmentCreate, reason: str | None, attribution: str | None = None
) -> asyncpg.Record:
    """Write the new state and say what moved; a state that is the old one changes nothing, whatever reason was given for it."""
    connection, commitment_id, jurisdiction_id = await session.driver(), row["id"], row["jurisdiction_id"]
    was = fits(CommitmentCreate, _state(row))
    if was == given:
        same = await queries.DETAIL.one(connection, id=commitment_id, **queries.seen_by(actor))
        return _found(same)
    judged, before, parent = judge(given), target_of(was.model_dump()), None
    if given.interim_of is not None and (given.interim_of, given.target_year) != (was.interim_of, was.target_year):
        parent = await check_parent(connection, given.interim_of, jurisdiction_id, given.target_year, commitment_id)
    weaker = [*weakenings(before, judged.target), *hidden(was.visibility, given.visibility), *_step(before, parent)]
    change = {"is_anew": judged.target != before, "is_weaker": bool(weaker), "attribution": attribution}
    written = _found(await queries.UPDATE.one(connection, id=commitment_id, **change, **judged.columns))
    moves = moved(was.model_dump(), given.model_dump())
    revision = Revision(
        commitment_id=commitment_id, number=written["version"], at=written["at"], kind="weakened" if weaker else "revised", by=actor.kind,
        reason=reason, moved=moves, weakened=[{"aspect": w.aspect, "pointer": w.pointer, "message": w.message} for w in weaker],
    )  # fmt: skip
    before_it = waiting(session, commitment_id, "revision")  # of this very transaction: an import may change a commitment twice
    previous = before_it["hash"] if before_it else written["previous"]
    event = (CommitmentWeakened if weaker else CommitmentRevised)(
        subject_id=commitment_id, jurisdiction_id=jurisdiction_id, reason=reason,
        before=_side(moves, "before"), after=_side(moves, "after"), revision=seal(revision, previous),
    )  # fmt: skip
    record(session, actor, event)
    return written


def _step(before: Target, parent: asyncpg.Record | None) -> Iterator[Weakening]:
    """Whether it became a step to a target that allows more; only of the same coverage is that more of the same."""
    if parent is not None and (parent["sector"], parent["boundary"]) == (before.sector, before.boundary):
        yield from step_to_more(before, parent["target_year_emissions_t"])


def _side(moves: list[dict[str, Any]], side: str) -> dict[str, Any]:
    return {each["field"]: plain(each[side]) for each in moves}


def _found(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise not_found()
    return row
