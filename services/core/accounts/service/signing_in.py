"""How people sign in: a link comes by letter, is used once, and becomes a session.

Nothing here tells whether an address is known: asking for a link writes one task, and who it is for is found out by the
notifier. Secrets are kept as SHA-256 only; each exists in one letter, or in one answer.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from services.core.accounts import queries
from services.core.accounts.events import PersonSignedIn, PersonSignedOut
from services.core.accounts.models import Person, PersonSession, SignInLink
from services.core.accounts.rules import email_key
from services.core.kit import clock, tokens
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.crypto import seal, unseal
from services.core.kit.db import Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.ledger.record import record, schedule
from services.core.ledger.task import Task

_PURPOSE = "sign-in"
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened, with its access token, which exists nowhere else."""

    person_id: UUID
    access_token: str
    expires_at: datetime


async def ask_for_link(session: Session, email: str, *, secret: str) -> None:
    """Have a sign-in link sent to whoever has this (valid) address, at most one in a minute.

    The same is done for every address. The address of a stranger is nobody's to read: it is sealed in its task.
    """
    key = email_key(email)
    minute = f"{await clock.now(session):%Y%m%dT%H%M}"
    name = tokens.sign(secret, f"{_PURPOSE}\0{key}".encode()).hex()[:32]
    address = base64.b64encode(seal(secret, _PURPOSE, key.encode(), about=name.encode())).decode()
    payload = {"name": name, "address": address, "minute": minute}
    handler = "letters.sign_in_link"
    schedule(session, Task(queue="letters", handler=handler, dedupe_key=f"{handler}:{name}:{minute}", payload=payload))


async def who_asked(session: Session, payload: Mapping[str, Any], *, secret: str) -> UUID | None:
    """The person whose address stands sealed in a task of `ask_for_link`; None for a stranger. `SealBrokenError`."""
    key = unseal(secret, _PURPOSE, base64.b64decode(payload["address"]), about=payload["name"].encode())
    return await queries.person_with(session, key.decode())


async def mint_sign_in_link(session: Session, person_id: UUID, purpose: str, *, seconds: float) -> str:
    """A fresh secret for a link that signs this person in once, until ``seconds`` from now."""
    token = tokens.new_token()
    now = await clock.now(session)
    expires_at = now + timedelta(seconds=seconds)
    session.add(SignInLink(token_hash=tokens.digest(token), person_id=person_id, purpose=purpose, created_at=now, expires_at=expires_at))
    await session.flush()
    return token


async def open_session(session: Session, token: str, *, seconds: float) -> Opened:
    """Use up a link and sign its person in; of several who try at once, one does.

    401 for a link that is unknown, used or expired, without a difference between them.
    """
    living = select(Person.id).where(Person.id == SignInLink.person_id, Person.deleted_at.is_(None)).exists()
    use_up = (
        update(SignInLink)
        .where(SignInLink.token_hash == tokens.digest(token), SignInLink.used_at.is_(None), SignInLink.expires_at > DOMAIN_NOW, living)
        .values(used_at=DOMAIN_NOW)
        .returning(SignInLink.person_id)
        .execution_options(synchronize_session=False)
    )
    person_id = await session.scalar(use_up)
    if person_id is None:
        raise Problem("unauthenticated", "The link is unknown, used or expired: ask for a new one.")
    name = await queries.name_of(session, "person", person_id)
    now = await clock.now(session)
    access_token = tokens.new_session_token()
    expires_at = now + timedelta(seconds=seconds)
    row = PersonSession(id=new_id(), person_id=person_id, token_hash=tokens.digest(access_token), created_at=now, expires_at=expires_at)
    session.add(row)
    await session.flush()
    await _forget_the_past(session, person_id)
    person = Actor(kind="person", id=str(person_id), label=name or "", via="link")
    record(session, person, PersonSignedIn(subject_id=person_id, session_id=row.id))
    return Opened(person_id, access_token, expires_at)


async def _forget_the_past(session: Session, person_id: UUID) -> None:
    """Delete the person's links and sessions that ended long ago: what they did stands in the events."""
    for table in (SignInLink, PersonSession):
        await session.execute(delete(table).where(table.person_id == person_id, table.expires_at < DOMAIN_NOW - _REMEMBERED))


async def close_session(session: Session, actor: Actor) -> None:
    """Sign out: the session through which ``actor`` acts is refused within a second. 404 when they act through a key."""
    through, _, session_id = actor.via.partition(":")
    if through != "session":
        raise Problem("not-found", "You act through a key, which is not signed in: there is no session to end.")
    mine = (PersonSession.id == UUID(session_id), PersonSession.revoked_at.is_(None))
    ended = await session.scalar(update(PersonSession).where(*mine).values(revoked_at=DOMAIN_NOW).returning(PersonSession.person_id))
    if ended is not None:
        record(session, actor, PersonSignedOut(subject_id=ended, session_id=UUID(session_id)))


async def end_sessions(session: Session, person_id: UUID) -> None:
    """Sign a person out everywhere."""
    alive = (PersonSession.person_id == person_id, PersonSession.revoked_at.is_(None))
    await session.execute(update(PersonSession).where(*alive).values(revoked_at=DOMAIN_NOW))


async def drop_links(session: Session, person_id: UUID) -> None:
    """Forget the links of a person that were not used."""
    await session.execute(delete(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)))
