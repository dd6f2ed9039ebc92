"""People and their roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.core.accounts.models import ApiClient, Person, RoleGrant
from services.core.accounts.rules import ADMIN, email_key
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, json_view, param, utc

_WITH_KEYS = "SELECT id, email_key FROM person WHERE email_key = ANY($1::text[]) AND deleted_at IS NULL"
_CREATE = """
INSERT INTO person (id, email, email_key, name, locale, time_zone, version)
SELECT id, email, email_key, name, locale, time_zone, 1
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, email text, email_key text, name text, locale text, time_zone text)
ORDER BY email_key
ON CONFLICT (email_key) WHERE deleted_at IS NULL DO NOTHING RETURNING id, email_key
"""
_grant = func.jsonb_build_object(
    "role", RoleGrant.role, "community_id", RoleGrant.community_id, "jurisdiction_id", RoleGrant.jurisdiction_id
)  # fmt: skip
ROLES_OF_PERSON = (
    select(func.coalesce(func.jsonb_agg(aggregate_order_by(_grant, RoleGrant.id)), cast("[]", JSONB)))
    .where(RoleGrant.person_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
)
"""The roles of a person as JSON."""
PERSON_VIEW = json_view(
    {
        "id": Person.id,
        "email": Person.email,
        "name": Person.name,
        "locale": Person.locale,
        "time_zone": Person.time_zone,
        "roles": ROLES_OF_PERSON,
        "version": Person.version,
        "created_at": utc(Person.created_at),
        "updated_at": utc(Person.updated_at),
    }
)
PERSON = detail(Person, PERSON_VIEW, Person.deleted_at.is_(None))
_PEOPLE = Listing("people", Person, PERSON_VIEW, Person.deleted_at.is_(None), filters={"email": Person.email_key == param("email", Text)})


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person as a letter needs them."""

    person_id: UUID
    name: str
    email: str
    locale: str
    time_zone: str
    roles: Sequence[RoleGrant]


async def people(connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, email: str | None) -> Page:
    """A page of people; ``email`` finds the one person behind any spelling of an address."""
    key = None if email is None else email_key(email)
    return await _PEOPLE.page(connection, actor, limit=limit, cursor=cursor, total=total, filters={"email": key})


async def load_person(session: AsyncSession, person_id: UUID) -> Person:
    """The person, locked for every change and against every new reference (a sign-in link); 404 when there is none."""
    row = await session.get(Person, person_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise not_found()
    return row


async def addressee(session: AsyncSession, person_id: UUID) -> Addressee | None:
    """The person to write to, as they are at this moment; None when there is none any more."""
    columns = select(Person.id, Person.name, Person.email, Person.locale, Person.time_zone)
    row = (await session.execute(columns.where(Person.id == person_id, Person.deleted_at.is_(None)))).one_or_none()
    return None if row is None else Addressee(*row, await grants(session, person_id))


async def name_of(session: AsyncSession, kind: str, principal_id: UUID) -> str | None:
    """What a ``person`` or ``platform`` is called; None for anybody else."""
    if kind == "person":
        return await session.scalar(select(Person.name).where(Person.id == principal_id))
    if kind == "platform":
        return await session.scalar(select(ApiClient.name).where(ApiClient.id == principal_id))
    return None


async def grants(session: AsyncSession, person_id: UUID) -> list[RoleGrant]:
    """The roles of a person, in the order in which they were given."""
    return list(await session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)))


async def person_with(session: AsyncSession, key: str) -> UUID | None:
    """The person whose address has this ``email_key``."""
    return await session.scalar(select(Person.id).where(Person.email_key == key, Person.deleted_at.is_(None)))


async def people_with(session: Session, keys: Sequence[str]) -> dict[str, UUID]:
    """The persons whose addresses have these keys, by key."""
    return {row["email_key"]: row["id"] for row in await (await session.driver()).fetch(_WITH_KEYS, keys)}


async def create_people(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, UUID]:
    """Write these persons in the order of their address keys; answers, by key, those that nobody else has written meanwhile."""
    written = await (await session.driver()).fetch(_CREATE, orjson.dumps(rows, default=str).decode())
    return {row["email_key"]: row["id"] for row in written}


def _administrators() -> Select[UUID]:
    return (
        select(RoleGrant.id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role == ADMIN, RoleGrant.community_id.is_(None), Person.deleted_at.is_(None))
    )


async def has_admin(session: AsyncSession) -> bool:
    """Whether anyone holds the role admin, or any client the scope."""
    client = select(ApiClient.id).where(ApiClient.scopes.contains([ADMIN]), ApiClient.deleted_at.is_(None))
    return bool(await session.scalar(select(_administrators().exists() | client.exists())))


async def has_other_admin(session: AsyncSession, person_id: UUID) -> bool:
    """Whether a person other than this one holds the role admin."""
    return bool(await session.scalar(select(_administrators().where(RoleGrant.person_id != person_id).exists())))
