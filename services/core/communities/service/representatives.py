"""Naming, changing and removing the people who speak for a member."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.core.accounts import service as accounts
from services.core.communities import queries
from services.core.communities.events import RepresentativeChanged
from services.core.communities.models import Membership, Representative
from services.core.communities.rules import ENDED
from services.core.communities.schemas import RepresentativeCreate, RepresentativePatch
from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def name_representative(session: Session, actor: Actor, membership_id: UUID, given: RepresentativeCreate) -> UUID:
    """Name a representative; the person behind the address is found, or created."""
    membership = await queries.load_membership(session, actor, membership_id)
    if membership.status in ENDED:
        raise Problem("conflict", f"The membership is {membership.status}: nobody speaks for it any more.")
    row = Representative(id=new_id(), membership_id=membership.id, **await _columns(session, actor, given))
    await _keep(session, row)
    record(session, actor, _changed(row, membership, "name"))
    return row.id


async def replace_representative(
    session: Session, actor: Actor, representative_id: UUID, given: RepresentativeCreate, version: int | None
) -> None:
    """Give a representative a whole new state (PUT)."""
    row, membership = await queries.load_representative(session, actor, representative_id)
    await _write(session, actor, row, membership, given, version)


async def amend_representative(
    session: Session, actor: Actor, representative_id: UUID, patch: RepresentativePatch, version: int | None
) -> None:
    """Change the members that were sent (PATCH)."""
    row, membership = await queries.load_representative(session, actor, representative_id)
    given = fits(RepresentativeCreate, _current(row) | patch.model_dump(exclude_unset=True))
    await _write(session, actor, row, membership, given, version)


async def remove_representative(session: Session, actor: Actor, representative_id: UUID, version: int | None) -> None:
    """Remove a representative: they receive nothing and are asked for no review any more."""
    row, membership = await queries.load_representative(session, actor, representative_id)
    check_version(row.version, version)
    row.deleted_at = await clock.now(session)
    record(session, actor, _changed(row, membership, "remove"))


async def _write(
    session: Session, actor: Actor, row: Representative, membership: Membership, given: RepresentativeCreate, version: int | None
) -> None:
    check_version(row.version, version)
    before, after = _current(row), given.model_dump()
    changed = tuple(name for name in after if after[name] != before[name])
    if not changed:
        return
    for name, value in (await _columns(session, actor, given)).items():
        setattr(row, name, value)
    await _keep(session, row)
    record(session, actor, _changed(row, membership, "amend", changed))


async def _keep(session: Session, row: Representative) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Problem("already-exists", "This person speaks for the member in this role already.") from error


async def _columns(session: Session, actor: Actor, given: RepresentativeCreate) -> dict[str, Any]:
    person_id = await accounts.person_for(
        session, actor, email=given.email, name=given.name, locale=given.locale, time_zone=given.time_zone
    )
    return {"person_id": person_id, **given.model_dump()}


def _current(row: Representative) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RepresentativeCreate.model_fields}


def _changed(row: Representative, membership: Membership, action: str, changed: tuple[str, ...] = ()) -> RepresentativeChanged:
    return RepresentativeChanged(
        subject_id=row.id,
        jurisdiction_id=membership.jurisdiction_id,
        community_id=membership.community_id,
        membership_id=membership.id,
        action=action,
        changed=changed,
    )
