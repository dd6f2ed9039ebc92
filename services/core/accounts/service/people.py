"""What may be done with people and their roles."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from services.core.accounts import queries
from services.core.accounts.events import PersonChanged, PersonInvited
from services.core.accounts.models import Person, RoleGrant
from services.core.accounts.rules import email_key
from services.core.accounts.schemas import PersonCreate, PersonPatch, RoleGrantIn
from services.core.accounts.service.granting import ADMINISTRATOR, held, keep_an_administrator, only_by_admins
from services.core.accounts.service.signing_in import drop_links, end_sessions
from services.core.kit import clock
from services.core.kit.actor import Actor
from services.core.kit.db import Session, driver_error
from services.core.kit.errors import Problem, invalid
from services.core.kit.ids import new_id
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def create_person(session: Session, actor: Actor, given: PersonCreate, *, invite: bool = False) -> UUID:
    """Create a person; 409 ``already-exists`` when someone has this address under any spelling.

    ``invite``: a letter tells them, with a link to sign in.
    """
    only_by_admins(actor, (grant.role for grant in given.roles), "give the role admin")
    row = Person(id=new_id(), **_columns(given))
    await _write_person(session, row, given)
    record(session, actor, PersonChanged(subject_id=row.id, action="create", after={"roles": _roles(given)}))
    if invite:
        record(session, actor, PersonInvited(subject_id=row.id, by_kind=actor.kind, by_id=actor.id))
    return row.id


async def amend_person(session: Session, actor: Actor, person_id: UUID, patch: PersonPatch, version: int | None) -> None:
    """Change the members that were sent (PATCH); nothing is recorded when nothing changes."""
    row = await queries.load_person(session, person_id)
    check_version(row.version, version)
    current = {name: getattr(row, name) for name in PersonCreate.model_fields if name != "roles"} | {"roles": await _held_by(session, row)}
    before, given = fits(PersonCreate, current), fits(PersonCreate, current | patch.model_dump(mode="json", exclude_unset=True))
    changed = tuple(name for name in PersonCreate.model_fields if getattr(before, name) != getattr(given, name))
    if not changed:
        return
    await _check_power(session, actor, row, before, given)
    for name, value in _columns(given).items():
        setattr(row, name, value)
    flag_modified(row, "name")  # roles live in another table: their change is a change of the person
    await _write_person(session, row, given)
    if "email" in changed:
        await drop_links(session, row.id)  # what was sent to the old address opens nothing any more,
        await end_sessions(session, row.id)  # and whoever came by it is out
    was, is_now = {"roles": _roles(before)}, {"roles": _roles(given)}
    record(session, actor, PersonChanged(subject_id=row.id, action="amend", changed=changed, before=was, after=is_now))


async def remove_person(session: Session, actor: Actor, person_id: UUID, version: int | None) -> None:
    """Remove a person: they act and receive nothing any more, and the address is free again."""
    row = await queries.load_person(session, person_id)
    check_version(row.version, version)
    if actor.kind == "person" and actor.id == str(row.id):
        raise Problem("conflict", "Nobody removes themselves: ask somebody else to do it.")
    roles = await _held_by(session, row)
    only_by_admins(actor, (grant["role"] for grant in roles), "remove an administrator")
    if any(_is_everywhere(grant) for grant in await queries.grants(session, row.id)):
        await keep_an_administrator(session, actor, row)
    row.deleted_at = await clock.now(session)
    await drop_links(session, row.id)
    await end_sessions(session, row.id)
    record(session, actor, PersonChanged(subject_id=row.id, action="remove", before={"roles": roles}))


async def person_for(session: Session, actor: Actor, *, email: str, name: str, locale: str, time_zone: str) -> UUID:
    """The person with this (valid) address under any spelling, created when there is none yet."""
    key = email_key(email)
    if (known := await queries.person_with(session, key)) is not None:
        return known
    values = {"id": new_id(), "email": email, "email_key": key, "name": name, "locale": locale, "time_zone": time_zone, "version": 1}
    unless_known = insert(Person).on_conflict_do_nothing(index_elements=[Person.email_key], index_where=Person.deleted_at.is_(None))
    made: UUID | None = await session.scalar(unless_known.values(values).returning(Person.id))
    if made is None:  # someone else was faster, and has committed by now
        return await person_for(session, actor, email=email, name=name, locale=locale, time_zone=time_zone)
    record(session, actor, PersonChanged(subject_id=made, action="create"))
    return made


async def people_for(session: Session, actor: Actor, wanted: Sequence[Mapping[str, Any]]) -> dict[str, UUID]:
    """`person_for` for many, each with its ``email``, ``name``, ``locale`` and ``time_zone``: the persons by their ``email_key``.

    A few statements for any number; whoever is new is created in the order of the keys, so that two sets never wait in a circle.
    """
    missing = {email_key(who["email"]): who for who in wanted}
    found: dict[str, UUID] = {}
    while missing:
        found |= await queries.people_with(session, list(missing))
        new = [
            {"id": new_id(), "email_key": key, **{name: who[name] for name in ("email", "name", "locale", "time_zone")}}
            for key, who in missing.items()
            if key not in found
        ]
        for key, person_id in (await queries.create_people(session, new) if new else {}).items():
            found[key] = person_id
            record(session, actor, PersonChanged(subject_id=person_id, action="create"))
        missing = {key: who for key, who in missing.items() if key not in found}  # someone else was faster: read again
    return found


async def _check_power(session: Session, actor: Actor, row: Person, before: PersonCreate, given: PersonCreate) -> None:
    """403 and 409 where a change would make or unmake an administrator, or take over the account of one."""
    was, becomes = held(before), held(given)
    only_by_admins(actor, (role for role, _, _ in was ^ becomes), "give or take the role admin")
    if before.email != given.email:
        only_by_admins(actor, (role for role, _, _ in was), "change the address of an administrator, which is how they sign in")
    if ADMINISTRATOR in was - becomes:
        await keep_an_administrator(session, actor, row)


async def _write_person(session: Session, row: Person, given: PersonCreate) -> None:
    wanted = held(given)
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise Problem("already-exists", "Someone has this e-mail address already.") from error
    for grant in await queries.grants(session, row.id):
        known = (grant.role, grant.community_id, grant.jurisdiction_id)
        if known in wanted:
            wanted.discard(known)
        else:
            await session.execute(delete(RoleGrant).where(RoleGrant.id == grant.id))
    for index, new in enumerate(given.roles):
        if (new.role, new.community_id, new.jurisdiction_id) in wanted:
            await _grant(session, row, new, index)


async def _grant(session: Session, row: Person, new: RoleGrantIn, index: int) -> None:
    """Give one role; 422 names the place where it cannot be held, since there is no such community or jurisdiction.

    Roles are written by statements: the unit of work would want to know the tables of higher rooms, which not every process
    has loaded.
    """
    try:
        await session.execute(insert(RoleGrant).values(id=new_id(), person_id=row.id, **new.model_dump()))
    except IntegrityError as error:
        constraint = str(getattr(driver_error(error), "constraint_name", ""))
        place = constraint.removeprefix("fk_role_grant_")
        if place not in ("community_id", "jurisdiction_id"):
            raise
        raise invalid(f"/roles/{index}/{place}", f"There is no such {place.removesuffix('_id')}.", code="unknown") from error


async def _held_by(session: Session, row: Person) -> list[dict[str, Any]]:
    return [{name: getattr(grant, name) for name in RoleGrantIn.model_fields} for grant in await queries.grants(session, row.id)]


def _is_everywhere(grant: RoleGrant) -> bool:
    return (grant.role, grant.community_id, grant.jurisdiction_id) == ADMINISTRATOR


def _columns(given: PersonCreate) -> dict[str, Any]:
    return given.model_dump(exclude={"roles"}) | {"email_key": email_key(given.email)}


def _roles(given: PersonCreate) -> list[dict[str, Any]]:
    return [grant.model_dump(mode="json") for grant in given.roles]
