"""What may be done with API clients and their keys."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.core.accounts import queries
from services.core.accounts.events import ClientChanged
from services.core.accounts.models import ApiClient, ApiKey
from services.core.accounts.schemas import ApiClientCreate
from services.core.accounts.service.granting import only_by_admins
from services.core.kit import clock, tokens
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
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
    """Create an API client with a first key; 403 for the scope ``admin`` when the actor is no administrator."""
    only_by_admins(actor, given.scopes, "create a client with the scope admin")
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
    row = await _changeable(session, actor, client_id)
    if await queries.live_keys(session, client_id) >= LIVE_KEYS:
        raise Problem("conflict", f"A client has at most {LIVE_KEYS} live keys; revoke one first.")
    key_id, key = await _issue(session, row, environment)
    record(session, actor, ClientChanged(subject_id=row.id, key_id=key_id, reason="key issued", after={"key_id": key_id}))
    return Issued(row.id, "", key_id, key)


async def revoke_key(session: Session, actor: Actor, client_id: UUID, key_id: str) -> None:
    """Revoke a key: it is refused within a second, everywhere."""
    await _changeable(session, actor, client_id)
    key = await queries.load_key(session, client_id, key_id)
    if key.revoked_at is None:
        key.revoked_at = await clock.now(session)
        record(session, actor, ClientChanged(subject_id=client_id, key_id=key_id, reason="key revoked", before={"key_id": key_id}))


async def remove_client(session: Session, actor: Actor, client_id: UUID) -> None:
    """Remove a client: all its keys are refused within a second."""
    row = await _changeable(session, actor, client_id)
    row.deleted_at = await clock.now(session)
    before = {"name": row.name, "scopes": row.scopes, "jurisdiction_ids": row.jurisdiction_ids}
    record(session, actor, ClientChanged(subject_id=client_id, reason="removed", before=before))


async def _changeable(session: Session, actor: Actor, client_id: UUID) -> ApiClient:
    """The client, locked; a key of an administrator's client is an administrator's to give and to take."""
    row = await queries.load_client(session, client_id)
    only_by_admins(actor, row.scopes, "change a client with the scope admin")
    return row


async def _issue(session: Session, client: ApiClient, environment: str) -> tuple[str, str]:
    key, key_id = tokens.new_api_key({"production": "live"}.get(environment, environment))
    now = await clock.now(session)
    session.add(ApiKey(key_id=key_id, client_id=client.id, secret_hash=tokens.digest(key), created_at=now, expires_at=now + KEY_LIFE))
    await session.flush()
    return key_id, key
