"""The first administrator of an installation: no default password, and no “first user wins”."""

from dataclasses import dataclass

from services.core.accounts import queries, service
from services.core.accounts.schemas import ApiClientCreate, PersonCreate
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.schema import fits

LINK_S = 3600
"""How long the first sign-in link is valid: whoever bootstraps sits in front of it."""


@dataclass(frozen=True, slots=True)
class First:
    """What the first administrator gets: an API key, and the secret of a sign-in link."""

    issued: service.Issued
    token: str


async def bootstrap(session: Session, email: str, *, environment: str, force: bool) -> First:
    """Make the first administrator and a client with one API key; 409 when there is an administrator and no ``force``."""
    await service.lock_administrators(session)
    if await queries.has_admin(session) and not force:
        raise Problem("already-exists", "There is an administrator already; --force makes another one.")
    person = fits(PersonCreate, {"email": email, "name": email.partition("@")[0], "roles": [{"role": "admin"}]})
    person_id = await service.create_person(session, SYSTEM, person)
    client = ApiClientCreate.model_validate({"name": f"bootstrap for {email}", "scopes": ["admin"], "jurisdiction_ids": ["*"]})
    issued = await service.create_client(session, SYSTEM, client, environment=environment)
    return First(issued, await service.mint_sign_in_link(session, person_id, "bootstrap", seconds=LINK_S))
