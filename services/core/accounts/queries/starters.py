"""Who acts in what runs later: those who started it, with what they may do by then."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.core.accounts.models import ApiClient, Person, RoleGrant
from services.core.accounts.policy import reaches_of, reaches_of_client
from services.core.kit.actor import SYSTEM, Actor, Reach


def starter(actor: Actor) -> dict[str, str]:
    """What a job keeps of whoever starts it, for `actor_now`."""
    return {"kind": actor.kind, "name": actor.id, "label": actor.label, "via": actor.via}


async def actor_now(session: AsyncSession, *, kind: str, name: str, label: str, via: str) -> Actor:
    """Whoever started a job, with the rights that they have at this moment: none, once the client or person is gone."""
    if kind == SYSTEM.kind:
        return SYSTEM
    reaches: Mapping[str, Reach] = {}
    if kind == "platform":
        client = select(ApiClient.scopes, ApiClient.jurisdiction_ids).where(ApiClient.id == UUID(name), ApiClient.deleted_at.is_(None))
        row = (await session.execute(client)).one_or_none()
        reaches = {} if row is None else reaches_of_client(row.scopes, row.jurisdiction_ids)
        return Actor(kind="platform", id=name, label=label, reaches=reaches, via=via)
    living = select(RoleGrant).join(Person, Person.id == RoleGrant.person_id).where(Person.id == UUID(name), Person.deleted_at.is_(None))
    reaches = reaches_of(await session.scalars(living))
    return Actor(kind="person", id=name, label=label, reaches=reaches, via=via)
