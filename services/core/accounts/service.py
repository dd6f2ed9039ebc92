"""What may be done with people, API clients and their keys."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from services.core.accounts import queries
from services.core.accounts.events import ClientChanged, PersonChanged
from services.core.accounts.models import ApiClient, ApiKey, Person, RoleGrant
from services.core.accounts.rules import email_key
from services.core.accounts.schemas import ApiClientCreate, PersonCreate, PersonPatch, RoleGrantIn
from services.core.kit import clock, tokens
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record

KEY_LIFE = timedelta(days=365)
LIVE_KEYS = 2


@dataclass(frozen=True, slots=True)
class Issued:
    """Secrets of a new client or key; they exist nowhere else."""

    client: UUID
    client_secret: str
    key_id: str
    key: str


async def create_client(session: Session, actor: Actor, given: ApiClientCreate, *, environment: str) -> Issued:
    """Create an API client with a first key."""
    secret = tokens.new_token()
    bound = None if given.jurisdiction_ids == ["*"] else [UUID(str(jurisdiction)) for jurisdiction in given.jurisdiction_ids]
    row = ApiClient(
        id=new_id(),
        client_id=f"cli_{new_id().hex}",
        secret_hash=tokens.digest(secret),
        name=given.name,
        scopes=sorted(set(given.scopes)),
        jurisdiction_ids=bound,
    )
    session.add(row)
    await session.flush()
    key_id, key = await _issue(session, row, environment)
    after = {"name": row.name, "scopes": row.scopes, "jurisdiction_ids": bound}
    record(session, actor, ClientChanged(subject_id=row.id, key_id=key_id, after=after))
    return Issued(row.id, secret, key_id, key)


async def issue_key(session: Session, actor: Actor, client_id: UUID, *, environment: str) -> Issued:
    """A further key for a client; 409 when two live already (revoke one first)."""
    row = await queries.load_client(session, client_id)
    if await queries.live_keys(session, client_id) >= LIVE_KEYS:
        raise Problem("conflict", f"A client has at most {LIVE_KEYS} live keys; revoke one first.")
    key_id, key = await _issue(session, row, environment)
    record(session, actor, ClientChanged(subject_id=row.id, key_id=key_id, reason="key issued"))
    return Issued(row.id, "", key_id, key)


async def revoke_key(session: Session, actor: Actor, client_id: UUID, key_id: str) -> None:
    """Revoke a key: it is refused within a second, everywhere."""
    await queries.load_client(session, client_id)
    key = await queries.load_key(session, client_id, key_id)
    if key.revoked_at is None:
        key.revoked_at = await clock.now(session)
        record(session, actor, ClientChanged(subject_id=client_id, key_id=key_id, reason="key revoked"))


async def remove_client(session: Session, actor: Actor, client_id: UUID) -> None:
    """Remove a client: all its keys are refused within a second."""
    row = await queries.load_client(session, client_id)
    row.deleted_at = await clock.now(session)
    record(session, actor, ClientChanged(subject_id=client_id, reason="removed"))


async def _issue(session: Session, client: ApiClient, environment: str) -> tuple[str, str]:
    key, key_id = tokens.new_api_key({"production": "live"}.get(environment, environment))
    now = await clock.now(session)
    session.add(ApiKey(key_id=key_id, client_id=client.id, secret_hash=tokens.digest(key), created_at=now, expires_at=now + KEY_LIFE))
    await session.flush()
    return key_id, key


async def create_person(session: Session, actor: Actor, given: PersonCreate) -> UUID:
    """Create a person; 409 ``already-exists`` when someone has this address under any spelling."""
    row = Person(id=new_id(), **_columns(given))
    await _write_person(session, row, given)
    record(session, actor, PersonChanged(subject_id=row.id, action="create", after={"roles": _roles(given)}))
    return row.id


async def amend_person(session: Session, actor: Actor, person_id: UUID, patch: PersonPatch, version: int | None) -> None:
    """Change the members that were sent (PATCH); nothing is recorded when nothing changes."""
    row = await queries.load_person(session, person_id)
    check_version(row.version, version)
    held = [{name: getattr(grant, name) for name in RoleGrantIn.model_fields} for grant in await queries.grants(session, row.id)]
    current = {name: getattr(row, name) for name in PersonCreate.model_fields if name != "roles"} | {"roles": held}
    before, given = fits(PersonCreate, current), fits(PersonCreate, current | patch.model_dump(mode="json", exclude_unset=True))
    changed = tuple(name for name in PersonCreate.model_fields if getattr(before, name) != getattr(given, name))
    if not changed:
        return
    for name, value in _columns(given).items():
        setattr(row, name, value)
    flag_modified(row, "name")  # roles live in another table: their change is a change of the person
    await _write_person(session, row, given)
    was, is_now = {"roles": _roles(before)}, {"roles": _roles(given)}
    record(session, actor, PersonChanged(subject_id=row.id, action="amend", changed=changed, before=was, after=is_now))


async def remove_person(session: Session, actor: Actor, person_id: UUID, version: int | None) -> None:
    """Remove a person: they act and receive nothing any more, and the address is free again."""
    row = await queries.load_person(session, person_id)
    check_version(row.version, version)
    row.deleted_at = await clock.now(session)
    record(session, actor, PersonChanged(subject_id=row.id, action="remove"))


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


async def _write_person(session: Session, row: Person, given: PersonCreate) -> None:
    wanted = {(grant.role, grant.community_id, grant.jurisdiction_id) for grant in given.roles}
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise Problem("already-exists", "Someone has this e-mail address already.") from error
    for grant in await queries.grants(session, row.id):
        held = (grant.role, grant.community_id, grant.jurisdiction_id)
        if held in wanted:
            wanted.discard(held)
        else:
            await session.delete(grant)
    new = [grant for grant in given.roles if (grant.role, grant.community_id, grant.jurisdiction_id) in wanted]
    session.add_all(RoleGrant(id=new_id(), person_id=row.id, **grant.model_dump()) for grant in new)


def _columns(given: PersonCreate) -> dict[str, Any]:
    return given.model_dump(exclude={"roles"}) | {"email_key": email_key(given.email)}


def _roles(given: PersonCreate) -> list[dict[str, Any]]:
    return [grant.model_dump(mode="json") for grant in given.roles]
