"""Who may make an administrator: only another one. A secretariat that could would be one."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select

from services.core.accounts import queries
from services.core.accounts.models import Person
from services.core.accounts.rules import ADMIN
from services.core.accounts.schemas import PersonCreate
from services.core.kit.actor import Actor
from services.core.kit.db import Session
from services.core.kit.errors import Problem

Held = tuple[str, UUID | None, UUID | None]
"""A role, the community and the jurisdiction in which it is held."""
ADMINISTRATOR: Held = (ADMIN, None, None)
_LOCK = 0x61646D696E


def held(given: PersonCreate) -> set[Held]:
    """The roles that a person shall have."""
    return {(grant.role, grant.community_id, grant.jurisdiction_id) for grant in given.roles}


def only_by_admins(actor: Actor, scopes_or_roles: Iterable[str], what: str) -> None:
    """403 unless ``actor`` may make administrators, where the scope or role of one is among ``scopes_or_roles``."""
    if ADMIN in scopes_or_roles and not actor.everywhere("accounts:grant"):
        raise Problem("forbidden", f"Only an administrator may {what}.")


async def lock_administrators(session: Session) -> None:
    """Let one transaction at a time change who is an administrator, so that two never take away the last two."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def keep_an_administrator(session: Session, actor: Actor, person: Person) -> None:
    """409 when nobody who signs in would be an administrator after ``person``. A key with the scope admin is one itself."""
    if actor.kind != "person":
        return
    await lock_administrators(session)
    if not await queries.has_other_admin(session, person.id):
        raise Problem("conflict", "This is the last administrator: make somebody else one first.")
