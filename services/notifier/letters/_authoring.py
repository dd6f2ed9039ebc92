"""What the letters to an author share: one representative of the member whose practice it is. Nothing about reviewers."""

from services.core.communities import queries as communities
from services.core.kit import settings as configuration
from services.core.kit.db import Session
from services.core.practices import queries as practices
from services.core.practices.queries import PracticeBrief
from services.notifier.letter import Payload, uuid
from services.notifier.reader import Reader

SAMPLE_READER = Reader("Lin Chih-ming", "chih-ming.lin@city.example", "en", "Asia/Taipei")
SAMPLE_TITLE = "Net Zero City Development Autonomy Ordinance"
SAMPLE_CALL = "First call for best practices"


async def to_author(session: Session, payload: Payload) -> tuple[Reader, PracticeBrief] | None:
    """The practice and the reader; None when that person does not represent its author any more."""
    practice = await practices.brief(session, uuid(payload, "practice_id"))
    person_id = uuid(payload, "person_id")
    for person in await communities.recipients(session, practice.community_id, practice.jurisdiction_id):
        if person.person_id == person_id:
            return Reader(person.name, person.email, person.locale, person.time_zone), practice
    return None


def page_of(path: str) -> str:
    """The address of one of our pages."""
    return f"{configuration.settings().public_url.rstrip('/')}/{path}"
