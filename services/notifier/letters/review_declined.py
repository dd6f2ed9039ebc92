"""To a reviewer: you declined; nothing else is asked of you, and until the deadline you can still accept."""

from dataclasses import dataclass
from datetime import datetime

from services.core.kit.clock import now
from services.core.kit.db import Session
from services.core.reviews import queries
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._reviewing import SAMPLE_DAY, SAMPLE_LINK, SAMPLE_READER, link_to, reader_of
from services.notifier.reader import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDeclined(Context):
    """``superseded``: the answer was changed again before this letter was written. ``answer_due_at`` is None when it is over."""

    practice_title: str
    call_title: str
    decline_reason: str | None
    answer_due_at: datetime | None
    superseded: bool
    link: str


SAMPLE = ReviewDeclined(
    reader=SAMPLE_READER,
    practice_title="Net Zero City Development Autonomy Ordinance",
    call_title="First call for best practices",
    decline_reason="I am on leave until February.",
    answer_due_at=SAMPLE_DAY,
    superseded=False,
    link=SAMPLE_LINK,
)


async def context(session: Session, payload: Payload) -> ReviewDeclined | None:
    """Every answer has its letter, also one that was changed at once."""
    request = await queries.request_brief(session, uuid(payload, "request_id"))
    if request is None:
        return None
    return ReviewDeclined(
        reader=reader_of(request),
        practice_title=request.practice_title,
        call_title=request.call_title,
        decline_reason=request.decline_reason,
        answer_due_at=request.answer_due_at if request.answer_due_at > await now(session) else None,
        superseded=request.answers != payload["answer"],
        link=await link_to(session, payload),
    )


LETTER = Letter(context, SAMPLE)
