"""To someone who was made known to ComP Hub: who did so, what they may do here, and how to sign in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.core.accounts import queries
from services.core.accounts.queries import Addressee
from services.core.communities import queries as communities
from services.core.jurisdictions import queries as jurisdictions
from services.core.kit import settings as configuration
from services.core.kit.clock import now
from services.core.kit.db import Session
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._accounts import SAMPLE_LINK, SAMPLE_READER, reader_of, with_link
from services.notifier.reader import Context

PURPOSE = "invitation"
ROLES = {
    "admin": "administrator",
    "secretariat": "member of the secretariat",
    "chair": "chair",
    "jurisdiction_admin": "administrator",
    "jurisdiction_member": "colleague",
    "reviewer": "reviewer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInvited(Context):
    """``invited_by``: who did it, as they are called. ``roles``: what the person is here, in words; may be none."""

    invited_by: str
    roles: tuple[str, ...]
    expires_at: datetime
    link: str


SAMPLE = PersonInvited(
    reader=SAMPLE_READER,
    invited_by="Wang Mei-hua",
    roles=("administrator for Kaohsiung City", "reviewer in Climate Neutral and Smart Cities"),
    expires_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
    link=SAMPLE_LINK,
)


async def context(session: Session, payload: Payload) -> PersonInvited | None:
    """The roles of this moment, and a link; None when the person was removed meanwhile."""
    seconds = configuration.settings().invitation_s
    found = await with_link(session, payload, PURPOSE, seconds)
    if found is None:
        return None
    person, link = found
    return PersonInvited(
        reader=reader_of(person),
        invited_by=await _inviter(session, payload),
        roles=await _in_words(session, person),
        expires_at=await now(session) + timedelta(seconds=seconds),
        link=link,
    )


async def still_true(session: Session, payload: Payload) -> bool:
    """Whether the invitation can still be used."""
    return await queries.has_live_link(session, uuid(payload, "person_id"), PURPOSE)


async def _inviter(session: Session, payload: Payload) -> str:
    kind, principal_id = payload["by_kind"], payload["by_id"]
    name = await queries.name_of(session, kind, UUID(principal_id)) if kind in ("person", "platform") else None
    return name or "The secretariat"


async def _in_words(session: Session, person: Addressee) -> tuple[str, ...]:
    said = []
    for grant in person.roles:
        role = ROLES[grant.role]
        if grant.community_id is not None:
            said.append(f"{role} in {await communities.name_of(session, grant.community_id)}")
        elif grant.jurisdiction_id is not None:
            said.append(f"{role} for {await jurisdictions.name_of(session, grant.jurisdiction_id)}")
        else:
            said.append(role)
    return tuple(said)


LETTER = Letter(context, SAMPLE, still_true=still_true)
