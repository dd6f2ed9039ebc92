"""API clients and their keys, as the secretariat sees them. No secret is ever read back."""

from uuid import UUID

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.accounts.models import ApiClient, ApiKey
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.statements import json_view, utc

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
