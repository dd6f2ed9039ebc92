"""What may be done with jurisdictions."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from services.core.jurisdictions import queries
from services.core.jurisdictions.events import JurisdictionChanged
from services.core.jurisdictions.models import ExternalId, Jurisdiction
from services.core.jurisdictions.schemas import JurisdictionCreate, JurisdictionPatch
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem, invalid
from services.core.kit.ids import new_id
from services.core.kit.patches import merge_patch
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def create(session: Session, actor: Actor, given: JurisdictionCreate) -> UUID:
    """Create a jurisdiction; 409 ``already-exists`` when another one carries one of its identifiers."""
    if not actor.is_admin and actor.jurisdictions is not None:
        raise Problem("forbidden", "Only a platform that is bound to all jurisdictions creates new ones.")
    row = Jurisdiction(id=new_id(), **_columns(given))
    session.add(row)
    await _write(session, row, given)
    record(session, actor, JurisdictionChanged(subject_id=row.id, jurisdiction_id=row.id, after=_state(given)))
    return row.id


async def replace(session: Session, actor: Actor, jurisdiction_id: UUID, given: JurisdictionCreate, version: int | None) -> None:
    """Give the jurisdiction a whole new state (PUT)."""
    row = await queries.load(session, jurisdiction_id, lock=True)
    _may_write(actor, row)
    check_version(row.version, version)
    before, after = _state(fits(JurisdictionCreate, await _current(session, row))), _state(given)
    if before == after:
        return
    flag_modified(row, "name")  # its identifiers live in another table: their change is a change of the jurisdiction
    for name, value in _columns(given).items():
        setattr(row, name, value)
    await _write(session, row, given)
    record(session, actor, JurisdictionChanged(subject_id=row.id, jurisdiction_id=row.id, before=before, after=after))


async def amend(session: Session, actor: Actor, jurisdiction_id: UUID, patch: JurisdictionPatch, version: int | None) -> None:
    """Change the members that were sent (PATCH): the merged whole must fit like a new jurisdiction."""
    row = await queries.load(session, jurisdiction_id, lock=True)
    whole = merge_patch(await _current(session, row), patch.model_dump(exclude_unset=True))
    await replace(session, actor, jurisdiction_id, fits(JurisdictionCreate, whole), version)


def _may_write(actor: Actor, row: Jurisdiction) -> None:
    if not actor.acts_for(row.id):
        raise Problem("forbidden", "Your key is not bound to this jurisdiction.")


def _columns(given: JurisdictionCreate) -> dict[str, Any]:
    values = given.model_dump(exclude={"external_ids", "location", "context", "website"})
    return values | {
        "latitude": given.location.latitude if given.location else None,
        "longitude": given.location.longitude if given.location else None,
        "context": _numbers(given.context.model_dump()) if given.context else None,
        "website": str(given.website) if given.website else None,
    }


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if hasattr(value, "as_tuple") else value for name, value in values.items()}


def _state(given: JurisdictionCreate) -> dict[str, Any]:
    return given.model_dump(mode="json")


async def _current(session: Session, row: Jurisdiction) -> dict[str, Any]:
    """The row in the shape of a JurisdictionCreate."""
    names = (name for name in JurisdictionCreate.model_fields if name not in ("external_ids", "location"))
    state = {name: getattr(row, name) for name in names}
    state["location"] = None if row.latitude is None else {"latitude": row.latitude, "longitude": row.longitude}
    state["external_ids"] = [{"source": e.source, "value": e.value} for e in await queries.external_ids(session, row.id)]
    return state


async def _write(session: Session, row: Jurisdiction, given: JurisdictionCreate) -> None:
    if given.parent_id is not None and await queries.lies_within(session, given.parent_id, row.id):
        raise invalid("/parent_id", "A jurisdiction does not lie within itself.")
    wanted = {entry.source: entry.value for entry in given.external_ids}
    try:
        async with session.begin_nested():
            await session.flush()
            for known in await queries.external_ids(session, row.id):
                if wanted.get(known.source) == known.value:
                    del wanted[known.source]
                else:
                    await session.delete(known)
            await session.flush()
            session.add_all(ExternalId(jurisdiction_id=row.id, source=source, value=value) for source, value in wanted.items())
    except IntegrityError as error:
        if "fk_jurisdiction_parent_id" in str(error.orig):
            raise invalid("/parent_id", "There is no such parent jurisdiction.") from error
        raise Problem("already-exists", "Another jurisdiction carries one of these external ids.") from error
