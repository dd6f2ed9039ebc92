"""What the letters to a reviewer share: the request as it stands, and the person it was sent to."""

from datetime import UTC, datetime

from services.core.kit import settings as configuration
from services.core.kit.db import Session
from services.core.reviews import service as reviews
from services.core.reviews.queries import RequestBrief
from services.notifier.letter import Payload, uuid
from services.notifier.reader import Reader

SAMPLE_READER = Reader("Wang Mei-hua", "mei-hua.wang@city.example", "en-GB", "Asia/Taipei")
SAMPLE_LINK = "https://comphub.example/review/6fW1yqJdN0r8mZQ3bXkT9uVh2sLc7pEaG5tYiRo4wMA"
SAMPLE_DAY = datetime(2026, 12, 4, 9, 0, tzinfo=UTC)
SAMPLE_LATER_DAY = datetime(2027, 1, 15, 15, 59, tzinfo=UTC)


def reader_of(request: RequestBrief) -> Reader:
    """The reviewer."""
    return Reader(request.person_name, request.email, request.locale, request.time_zone)


async def link_to(session: Session, payload: Payload) -> str:
    """A link of this letter's own: its secret exists in this letter only."""
    token = await reviews.mint_link(session, uuid(payload, "request_id"))
    return f"{configuration.settings().public_url.rstrip('/')}/review/{token}"
