"""The first administrator of an installation: no default password, and no “first user wins”."""

from sqlalchemy import func, select

from services.core.accounts import queries, service
from services.core.accounts.schemas import ApiClientCreate, PersonCreate
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.schema import fits

_LOCK = 0x61646D696E


async def bootstrap(session: Session, email: str, *, environment: str, force: bool) -> service.Issued:
    """Make the first administrator and a client with one API key; 409 when there is an administrator and no ``force``."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if await queries.has_admin(session) and not force:
        raise Problem("already-exists", "There is an administrator already; --force makes another one.")
    person = fits(PersonCreate, {"email": email, "name": email.partition("@")[0], "roles": [{"role": "admin"}]})
    await service.create_person(session, SYSTEM, person)
    client = ApiClientCreate.model_validate({"name": f"bootstrap for {email}", "scopes": ["admin"], "jurisdiction_ids": ["*"]})
    return await service.create_client(session, SYSTEM, client, environment=environment)
