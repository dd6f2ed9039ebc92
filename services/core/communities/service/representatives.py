"""Naming, changing and removing the people who speak for a member."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.core.accounts import service as accounts
from services.core.communities import queries, validation
from services.core.communities.events import RepresentativeChanged
from services.core.communities.masks import differences, masked
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
    """Name a representative; the person behind the address is found, or created.

    The mandate of a political representative ends with the leader's term of the expression of interest, unless it is given
    (or given as null: no end is known).
    """
    membership = await queries.load_membership(session, actor, membership_id)
    if membership.status in ENDED:
        raise Problem("conflict", f"The membership is {membership.status}: nobody speaks for it any more.")
    values = with_mandate(given, membership.expression)
    row = Representative(id=new_id(), membership_id=membership.id, person_id=await _person(session, actor, given), **values)
    await _keep(session, row)
    after: dict[str, Any] = masked("", plain(values))
    record(session, actor, changed_event(row, membership, "name", after=after))
    return row.id


async def replace_representative(
    session: Session, actor: Actor, representative_id: UUID, given: RepresentativeCreate, version: int | None
) -> None:
    """Give a representative a whole new state (PUT); 409 ``representatives-missing`` when an active member would lose its last one."""
    row, membership = await queries.load_representative(session, actor, representative_id)
    await _write(session, actor, row, membership, given, version)


async def amend_representative(
    session: Session, actor: Actor, representative_id: UUID, patch: RepresentativePatch, version: int | None
) -> None:
    """Change the members that were sent (PATCH); 409 as for `replace_representative`."""
    row, membership = await queries.load_representative(session, actor, representative_id)
    given = fits(RepresentativeCreate, current(row) | patch.model_dump(exclude_unset=True))
    await _write(session, actor, row, membership, given, version)


async def remove_representative(session: Session, actor: Actor, representative_id: UUID, version: int | None) -> None:
    """Remove a representative: they receive nothing and are asked for no review any more.

    409 ``representatives-missing`` when an active member would lose its last political or technical one.
    """
    row, membership = await queries.load_representative(session, actor, representative_id)
    check_version(row.version, version)
    await _check_left(session, membership, row, None)
    row.deleted_at = await clock.now(session)
    before: dict[str, Any] = masked("", plain(current(row)))
    record(session, actor, changed_event(row, membership, "remove", before=before))


async def release_person(session: Session, actor: Actor, person_id: UUID) -> None:
    """Remove a person from wherever they speak for a member, before the person is removed.

    409 ``representatives-missing`` when an active member would lose its last political or technical one.
    """
    for row, membership in await queries.speaks_as(session, person_id):
        await _check_left(session, membership, row, None)
        row.deleted_at = await clock.now(session)
        before: dict[str, Any] = masked("", plain(current(row)))
        record(session, actor, changed_event(row, membership, "remove", before=before))


def with_mandate(given: RepresentativeCreate, expression: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is stored of ``given``: a political representative's mandate ends with the leader's term when it is not said."""
    values = given.model_dump()
    if given.role == "political" and "mandate_ends_on" not in given.model_fields_set:
        ends_on = ((expression or {}).get("leader") or {}).get("term_ends_on")
        values["mandate_ends_on"] = date.fromisoformat(ends_on) if ends_on else None
    return values


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a representative as an event holds them: days as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def changed_event(
    row: Representative, membership: Membership, action: str, changed: tuple[str, ...] = (),
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> RepresentativeChanged:  # fmt: skip
    """The event of one change of a representative."""
    return RepresentativeChanged(
        subject_id=row.id, jurisdiction_id=membership.jurisdiction_id, community_id=membership.community_id,
        membership_id=membership.id, action=action, changed=changed, before=before, after=after,
    )  # fmt: skip


def current(row: Representative) -> dict[str, Any]:
    """A representative's columns as they are."""
    return {name: getattr(row, name) for name in RepresentativeCreate.model_fields}


async def _write(
    session: Session, actor: Actor, row: Representative, membership: Membership, given: RepresentativeCreate, version: int | None
) -> None:
    check_version(row.version, version)
    before, after = current(row), with_mandate(given, membership.expression)
    changed = tuple(name for name in after if after[name] != before[name])
    if not changed:
        return
    await _check_left(session, membership, row, after)
    person_id = await _person(session, actor, given)
    for name, value in (after | {"person_id": person_id}).items():
        setattr(row, name, value)
    await _keep(session, row)
    old, new = differences(plain(before), plain(after))
    record(session, actor, changed_event(row, membership, "amend", changed, old, new))


async def _check_left(session: Session, membership: Membership, row: Representative, after: Mapping[str, Any] | None) -> None:
    """Refuse a change after which nobody speaks for an active member in a role that it needs."""
    if membership.status != "active":
        return
    before = await queries.speaking(session, membership.id)
    left = {one: role for one, role in before.items() if one != row.id}
    if after is not None and (after["mandate_ends_on"] is None or after["mandate_ends_on"] >= (await clock.now(session)).date()):
        left[row.id] = after["role"]
    validation.still_represented(membership.status, before.values(), left.values())


async def _keep(session: Session, row: Representative) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Problem("already-exists", "This person speaks for the member in this role already.") from error


async def _person(session: Session, actor: Actor, given: RepresentativeCreate) -> UUID:
    return await accounts.person_for(session, actor, email=given.email, name=given.name, locale=given.locale, time_zone=given.time_zone)
