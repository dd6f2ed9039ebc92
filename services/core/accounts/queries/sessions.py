"""Links that sign in, and what a caller is told about themselves."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import LargeBinary, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.core.accounts.models import ApiClient, ApiKey, Person, PersonSession, SignInLink
from services.core.accounts.policy import ACTIONS
from services.core.accounts.queries.people import ROLES_OF_PERSON
from services.core.kit.actor import Actor, Reach
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Connection, Statement, json_view, param, utc
from services.core.kit.tokens import digest

_live = (SignInLink.used_at.is_(None), SignInLink.expires_at > DOMAIN_NOW)
_LINK = Statement(
    select(func.concat(func.left(Person.email, 1), "***@", func.split_part(Person.email, "@", 2)))
    .select_from(SignInLink)
    .join(Person, Person.id == SignInLink.person_id)
    .where(SignInLink.token_hash == param("token_hash", LargeBinary), *_live, Person.deleted_at.is_(None))
)
_PERSON = Statement(
    select(
        json_view(
            {
                "name": Person.name,
                "email": Person.email,
                "locale": Person.locale,
                "time_zone": Person.time_zone,
                "roles": ROLES_OF_PERSON,
                "expires_at": utc(PersonSession.expires_at),
            }
        ).label("body")
    )
    .select_from(PersonSession)
    .join(Person, Person.id == PersonSession.person_id)
    .where(PersonSession.id == param("id", Uuid), PersonSession.revoked_at.is_(None), Person.deleted_at.is_(None))
)
_PLATFORM = Statement(
    select(json_view({"name": ApiClient.name, "scopes": ApiClient.scopes, "expires_at": utc(ApiKey.expires_at)}).label("body"))
    .select_from(ApiKey)
    .join(ApiClient, ApiClient.id == ApiKey.client_id)
    .where(ApiKey.key_id == param("id", Text), ApiKey.revoked_at.is_(None), ApiClient.deleted_at.is_(None))
)
_EVERYWHERE = ["*"]


async def link_is_for(connection: Connection, token: str) -> str | None:
    """Whom a link signs in (``a***@city.example``); None when it is unknown, used or expired, without a difference."""
    found: str | None = await _LINK.value(connection, token_hash=digest(token))
    return found


async def has_live_link(session: AsyncSession, person_id: UUID, purpose: str) -> bool:
    """Whether any link of this purpose would sign the person in now."""
    alive = select(SignInLink.token_hash).where(SignInLink.person_id == person_id, SignInLink.purpose == purpose, *_live)
    return bool(await session.scalar(select(alive.exists())))


async def me(connection: Connection, actor: Actor) -> dict[str, Any] | None:
    """What the caller is and may do; None when key or session ended a moment ago."""
    through, _, through_id = actor.via.partition(":")
    if through == "session":
        body = await _PERSON.value(connection, id=UUID(through_id))
    else:
        body = await _PLATFORM.value(connection, id=through_id)
    if body is None:
        return None
    about_all: dict[str, Any] = {"email": None, "locale": None, "time_zone": None, "roles": [], "scopes": []}
    told: dict[str, Any] = orjson.loads(body)
    return {"kind": actor.kind, "id": actor.id} | about_all | told | _rights(actor)


def _rights(actor: Actor) -> dict[str, Any]:
    """The actions of an actor, and for whom: ids, or ``*`` where any of them is held everywhere."""
    actions = [action for action in ACTIONS if actor.may(action)]
    whole = Reach()
    for action in actions:
        whole |= actor.reach(action)
    return {
        "actions": actions,
        "jurisdiction_ids": _EVERYWHERE if whole.everywhere else sorted(map(str, whole.jurisdictions)),
        "community_ids": _EVERYWHERE if whole.everywhere else sorted(map(str, whole.communities)),
    }
