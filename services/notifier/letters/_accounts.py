"""What the letters about an account share: the person who is written to, and a sign-in link that this letter alone holds."""

from services.core.accounts import queries, service
from services.core.accounts.queries import Addressee
from services.core.kit import settings as configuration
from services.core.kit.db import Session
from services.notifier.letter import Payload, uuid
from services.notifier.reader import Reader

SAMPLE_READER = Reader("Lin Chih-ming", "chih-ming.lin@city.example", "en", "Asia/Taipei")
SAMPLE_LINK = "https://comphub.example/sign-in/6fW1yqJdN0r8mZQ3bXkT9uVh2sLc7pEaG5tYiRo4wMA"


def reader_of(person: Addressee) -> Reader:
    """The same person as a reader."""
    return Reader(person.name, person.email, person.locale, person.time_zone)


async def with_link(session: Session, payload: Payload, purpose: str, seconds: float) -> tuple[Addressee, str] | None:
    """The person to write to, and a link of this letter's own; None when there is nobody any more.

    The person is read once more when the link is written: its foreign key waits for whoever changes the person at this
    moment, so that no link ever goes to an address of the past.
    """
    person_id = uuid(payload, "person_id")
    if await queries.addressee(session, person_id) is None:
        return None
    token = await service.mint_sign_in_link(session, person_id, purpose, seconds=seconds)
    person = await queries.addressee(session, person_id)
    return None if person is None else (person, f"{configuration.settings().public_url.rstrip('/')}/sign-in/{token}")
