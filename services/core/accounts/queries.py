"""Questions about accounts: who a key belongs to, and the lists that the secretariat sees."""

from uuid import UUID

from sqlalchemy import bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.core.accounts.models import ApiClient, ApiKey, Person, RoleGrant
from services.core.accounts.rules import email_key
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, json_view, param, utc
from services.core.kit.tokens import key_id_of, matches

_KEY = Statement(
    select(ApiKey.secret_hash, ApiClient.id, ApiClient.name, ApiClient.scopes, ApiClient.jurisdiction_ids)
    .join(ApiClient, ApiClient.id == ApiKey.client_id)
    .where(
        ApiKey.key_id == bindparam("key_id", type_=Text),
        ApiKey.revoked_at.is_(None),
        ApiKey.expires_at > func.now(),
        ApiClient.deleted_at.is_(None),
    )
)
_NO_HASH = bytes(32)


async def actor_of_key(connection: Connection, key: str) -> Actor | None:
    """The platform that ``key`` belongs to; None when it is unknown, wrong, expired or revoked (all take the same path)."""
    key_id = key_id_of(key)
    if key_id is None:
        return None
    row = await _KEY.one(connection, key_id=key_id)
    is_right = matches(key, row["secret_hash"] if row else _NO_HASH)
    if row is None or not is_right:
        return None
    bound = row["jurisdiction_ids"]
    return Actor(
        kind="platform",
        id=str(row["id"]),
        label=row["name"],
        scopes=frozenset(row["scopes"]),
        jurisdictions=None if bound is None else frozenset(bound),
    )


_key = func.jsonb_build_object(
    "key_id", ApiKey.key_id,
    "created_at", utc(ApiKey.created_at), "expires_at", utc(ApiKey.expires_at), "revoked_at", utc(ApiKey.revoked_at),
)  # fmt: skip
_keys = (
    select(func.coalesce(func.jsonb_agg(aggregate_order_by(_key, ApiKey.created_at)), cast("[]", JSONB)))
    .where(ApiKey.client_id == ApiClient.id)
    .correlate(ApiClient)
    .scalar_subquery()
)
CLIENT_VIEW = json_view(
    {
        "id": ApiClient.id,
        "client_id": ApiClient.client_id,
        "name": ApiClient.name,
        "scopes": ApiClient.scopes,
        "jurisdiction_ids": func.coalesce(func.to_jsonb(ApiClient.jurisdiction_ids), cast('["*"]', JSONB)),
        "keys": _keys,
        "version": ApiClient.version,
        "created_at": utc(ApiClient.created_at),
        "updated_at": utc(ApiClient.updated_at),
    }
)
CLIENT = detail(ApiClient, CLIENT_VIEW, ApiClient.deleted_at.is_(None))
CLIENTS = Listing("api-clients", ApiClient, CLIENT_VIEW, ApiClient.deleted_at.is_(None))


async def load_client(session: AsyncSession, client_id: UUID) -> ApiClient:
    """The client, locked; 404 when there is none."""
    row = await session.get(ApiClient, client_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise not_found()
    return row


async def load_key(session: AsyncSession, client_id: UUID, key_id: str) -> ApiKey:
    """One key of a client; 404 when there is none."""
    row = await session.get(ApiKey, key_id, with_for_update=True)
    if row is None or row.client_id != client_id:
        raise not_found()
    return row


async def live_keys(session: AsyncSession, client_id: UUID) -> int:
    """How many keys of the client work."""
    alive = (ApiKey.client_id == client_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > func.now())
    return int(await session.scalar(select(func.count()).select_from(ApiKey).where(*alive)) or 0)


_grant = func.jsonb_build_object(
    "role", RoleGrant.role, "community_id", RoleGrant.community_id, "jurisdiction_id", RoleGrant.jurisdiction_id
)  # fmt: skip
_roles = (
    select(func.coalesce(func.jsonb_agg(aggregate_order_by(_grant, RoleGrant.id)), cast("[]", JSONB)))
    .where(RoleGrant.person_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
)
PERSON_VIEW = json_view(
    {
        "id": Person.id,
        "email": Person.email,
        "name": Person.name,
        "locale": Person.locale,
        "time_zone": Person.time_zone,
        "roles": _roles,
        "version": Person.version,
        "created_at": utc(Person.created_at),
        "updated_at": utc(Person.updated_at),
    }
)
PERSON = detail(Person, PERSON_VIEW, Person.deleted_at.is_(None))
_PEOPLE = Listing("people", Person, PERSON_VIEW, Person.deleted_at.is_(None), filters={"email": Person.email_key == param("email", Text)})


async def people(connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, email: str | None) -> Page:
    """A page of people; ``email`` finds the one person behind any spelling of an address."""
    key = None if email is None else email_key(email)
    return await _PEOPLE.page(connection, actor, limit=limit, cursor=cursor, total=total, filters={"email": key})


async def load_person(session: AsyncSession, person_id: UUID) -> Person:
    """The person, locked; 404 when there is none."""
    row = await session.get(Person, person_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise not_found()
    return row


async def grants(session: AsyncSession, person_id: UUID) -> list[RoleGrant]:
    """The roles of a person, in the order in which they were given."""
    return list(await session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)))


async def person_with(session: AsyncSession, key: str) -> UUID | None:
    """The person whose address has this ``email_key``."""
    return await session.scalar(select(Person.id).where(Person.email_key == key, Person.deleted_at.is_(None)))


async def has_admin(session: AsyncSession) -> bool:
    """Whether anyone holds the role admin, or any client the scope."""
    person = (
        select(RoleGrant.id).join(Person, Person.id == RoleGrant.person_id).where(RoleGrant.role == "admin", Person.deleted_at.is_(None))
    )
    client = select(ApiClient.id).where(ApiClient.scopes.contains(["admin"]), ApiClient.deleted_at.is_(None))
    return bool(await session.scalar(select(person.exists() | client.exists())))
