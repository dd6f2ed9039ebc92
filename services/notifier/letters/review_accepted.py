"""To a reviewer: you accepted; here is the way to your review, and back."""

from dataclasses import dataclass
from datetime import datetime

from services.core.kit.db import Session
from services.core.reviews import queries
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._reviewing import SAMPLE_LATER_DAY, SAMPLE_LINK, SAMPLE_READER, link_to, reader_of
from services.notifier.reader import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAccepted(Context):
    """``superseded``: the answer was changed again before this letter was written."""

    practice_title: str
    call_title: str
    review_due_at: datetime
    superseded: bool
    link: str


SAMPLE = ReviewAccepted(
    reader=SAMPLE_READER,
    practice_title="Net Zero City Development Autonomy Ordinance",
    call_title="First call for best practices",
    review_due_at=SAMPLE_LATER_DAY,
    superseded=False,
    link=SAMPLE_LINK,
)


async def context(session: Session, payload: Payload) -> ReviewAccepted | None:
    """Every answer has its letter, also one that was changed at once."""
    request = await queries.request_brief(session, uuid(payload, "request_id"))
    if request is None:
        return None
    return ReviewAccepted(
        reader=reader_of(request),
        practice_title=request.practice_title,
        call_title=request.call_title,
        review_due_at=request.review_due_at,
        superseded=request.answers != payload["answer"],
        link=await link_to(session, payload),
    )


LETTER = Letter(context, SAMPLE)
