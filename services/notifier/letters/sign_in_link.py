"""To someone who asked for it: the link that signs them in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.core.accounts import queries
from services.core.kit import settings as configuration
from services.core.kit.clock import now
from services.core.kit.db import Session
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._accounts import SAMPLE_LINK, SAMPLE_READER, reader_of, with_link
from services.notifier.reader import Context

PURPOSE = "sign_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLink(Context):
    """``expires_at``: until when ``link`` can be used, once."""

    expires_at: datetime
    link: str


SAMPLE = SignInLink(reader=SAMPLE_READER, expires_at=datetime(2026, 11, 24, 9, 45, tzinfo=UTC), link=SAMPLE_LINK)


async def context(session: Session, payload: Payload) -> SignInLink | None:
    """A fresh link; None when the person was removed meanwhile."""
    seconds = configuration.settings().sign_in_link_s
    found = await with_link(session, payload, PURPOSE, seconds)
    if found is None:
        return None
    person, link = found
    return SignInLink(reader=reader_of(person), expires_at=await now(session) + timedelta(seconds=seconds), link=link)


async def still_true(session: Session, payload: Payload) -> bool:
    """Whether the link can still be used: one that expired on its way, or whose person moved, is not worth a letter."""
    return await queries.has_live_link(session, uuid(payload, "person_id"), PURPOSE)


LETTER = Letter(context, SAMPLE, still_true=still_true)
