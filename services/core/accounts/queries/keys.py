"""Who a credential belongs to: asked for every request that brings one, so each way is one statement."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, func, select
from sqlalchemy.types import Text

from services.core.accounts.models import ApiClient, ApiKey, Person, PersonSession, RoleGrant
from services.core.accounts.policy import reaches_of, reaches_of_client
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Connection, Statement, param
from services.core.kit.tokens import digest, is_session_token, key_id_of, matches

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

_SESSION = Statement(
    select(
        PersonSession.id.label("session_id"),
        Person.id,
        Person.name,
        RoleGrant.role,
        RoleGrant.community_id,
        RoleGrant.jurisdiction_id,
    )
    .join(Person, Person.id == PersonSession.person_id)
    .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
    .where(
        PersonSession.token_hash == param("token_hash", LargeBinary),
        PersonSession.revoked_at.is_(None),
        PersonSession.expires_at > DOMAIN_NOW,
        Person.deleted_at.is_(None),
    )
)


@dataclass(slots=True)
class _Held:
    """One role of a person, as the policy reads it."""

    role: str
    community_id: UUID | None
    jurisdiction_id: UUID | None


async def actor_of_credential(connection: Connection, credential: str) -> Actor | None:
    """The platform or person that a key or a session's token belongs to."""
    if is_session_token(credential):
        return await actor_of_session(connection, credential)
    return await actor_of_key(connection, credential)


async def actor_of_key(connection: Connection, key: str) -> Actor | None:
    """The platform that ``key`` belongs to; None when it is unknown, wrong, expired or revoked (all take the same path)."""
    key_id = key_id_of(key)
    if key_id is None:
        return None
    row = await _KEY.one(connection, key_id=key_id)
    is_right = matches(key, row["secret_hash"] if row else _NO_HASH)
    if row is None or not is_right:
        return None
    return Actor(
        kind="platform",
        id=str(row["id"]),
        label=row["name"],
        reaches=reaches_of_client(row["scopes"], row["jurisdiction_ids"]),
        via=f"key:{key_id}",
    )


async def actor_of_session(connection: Connection, token: str) -> Actor | None:
    """The person who is signed in with ``token``, with the roles of this moment; None when the session is none (any more)."""
    rows = await _SESSION.all(connection, token_hash=digest(token))
    if not rows:
        return None
    first = rows[0]
    held = [_Held(row["role"], row["community_id"], row["jurisdiction_id"]) for row in rows if row["role"] is not None]
    return Actor(
        kind="person",
        id=str(first["id"]),
        label=first["name"],
        reaches=reaches_of(held),
        via=f"session:{first['session_id']}",
    )
