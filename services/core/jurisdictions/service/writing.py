"""Writing one jurisdiction."""

from uuid import UUID

import asyncpg

from services.core.jurisdictions import queries
from services.core.jurisdictions.queries import Known
from services.core.jurisdictions.schemas import JurisdictionCreate, JurisdictionPatch
from services.core.jurisdictions.service import changes, facts, store
from services.core.jurisdictions.service.changes import Change
from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.errors import Problem, not_found
from services.core.kit.ids import new_id
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version


async def create(session: Unit, actor: Actor, given: JurisdictionCreate) -> UUID:
    """Create a jurisdiction; 409 ``already-exists`` when another one carries one of its identifiers."""
    if not (actor.everywhere("jurisdictions:write") or actor.everywhere("jurisdictions:create")):
        raise Problem("forbidden", "Only who may write all jurisdictions creates new ones.")
    change = Change(new_id(), facts.of(given))
    await _write(session, actor, change)
    return change.id


async def replace(session: Unit, actor: Actor, jurisdiction_id: UUID, given: JurisdictionCreate, version: int | None) -> None:
    """Give the jurisdiction a whole new state (PUT)."""
    await _become(session, actor, await _known(session, actor, jurisdiction_id), given, version)


async def amend(session: Unit, actor: Actor, jurisdiction_id: UUID, patch: JurisdictionPatch, version: int | None) -> None:
    """Change the members that were sent (PATCH): the merged whole must fit like a new jurisdiction."""
    known = await _known(session, actor, jurisdiction_id)
    whole = merge_patch(facts.as_input(known.facts), patch.model_dump(exclude_unset=True))
    await _become(session, actor, known, fits(JurisdictionCreate, whole), version)


async def _known(session: Unit, actor: Actor, jurisdiction_id: UUID) -> Known:
    known = (await queries.known_by_id(session, [jurisdiction_id])).get(jurisdiction_id)
    if known is None:
        raise not_found()
    if not actor.may_for("jurisdictions:write", jurisdiction=jurisdiction_id):
        raise Problem("forbidden", "You do not act for this jurisdiction.")
    return known


async def _become(session: Unit, actor: Actor, known: Known, given: JurisdictionCreate, version: int | None) -> None:
    check_version(known.version, version)
    if change := changes.revision(known, facts.of(given)):
        await _write(session, actor, change)


async def _write(session: Unit, actor: Actor, change: Change) -> None:
    if problem := (await changes.objections(session, [change])).get(change.id):
        raise problem
    try:
        await store.write(session, actor, [change])
    except asyncpg.IntegrityConstraintViolationError as error:  # someone else was quicker than our look
        raise store.explain(error) from error
