"""To a reviewer: your review has arrived."""

from dataclasses import dataclass

from services.core.kit.db import Session
from services.core.reviews import queries
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._reviewing import SAMPLE_READER, reader_of
from services.notifier.reader import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReceived(Context):
    """What was reviewed."""

    practice_title: str
    call_title: str


SAMPLE = ReviewReceived(
    reader=SAMPLE_READER,
    practice_title="Net Zero City Development Autonomy Ordinance",
    call_title="First call for best practices",
)


async def context(session: Session, payload: Payload) -> ReviewReceived | None:
    """The request whose review is final."""
    request = await queries.request_brief(session, uuid(payload, "request_id"))
    if request is None:
        return None
    return ReviewReceived(reader=reader_of(request), practice_title=request.practice_title, call_title=request.call_title)


LETTER = Letter(context, SAMPLE)
