"""To a reviewer: will you review this practice, and why you?"""

from dataclasses import dataclass
from datetime import datetime

from services.core.kit.db import Session
from services.core.reviews import queries, service
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._reviewing import SAMPLE_DAY, SAMPLE_LATER_DAY, SAMPLE_LINK, SAMPLE_READER, link_to, reader_of
from services.notifier.reader import Context, in_words

WAITING = frozenset({"pending", "invited"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequested(Context):
    """``jurisdiction_name`` is None where the call is double blind."""

    practice_title: str
    theme: str
    jurisdiction_name: str | None
    call_title: str
    reasons: tuple[str, ...]
    answer_due_at: datetime
    review_due_at: datetime
    link: str


SAMPLE = ReviewRequested(
    reader=SAMPLE_READER,
    practice_title="Net Zero City Development Autonomy Ordinance",
    theme="energy transition",
    jurisdiction_name="Kaohsiung City",
    call_title="First call for best practices",
    reasons=("You work on energy transition, the theme of this practice.", "You see it from another country."),
    answer_due_at=SAMPLE_DAY,
    review_due_at=SAMPLE_LATER_DAY,
    link=SAMPLE_LINK,
)


async def context(session: Session, payload: Payload) -> ReviewRequested | None:
    """The request in words; None when it does not wait for an answer any more."""
    request = await queries.request_brief(session, uuid(payload, "request_id"))
    if request is None or request.status not in WAITING:
        return None
    return ReviewRequested(
        reader=reader_of(request),
        practice_title=request.practice_title,
        theme=in_words(request.practice_theme),
        jurisdiction_name=request.jurisdiction_name,
        call_title=request.call_title,
        reasons=tuple(request.reasons),
        answer_due_at=request.answer_due_at,
        review_due_at=request.review_due_at,
        link=await link_to(session, payload),
    )


async def still_true(session: Session, payload: Payload) -> bool:
    """Whether the request still waits for its answer."""
    request = await queries.request_brief(session, uuid(payload, "request_id"))
    return request is not None and request.status in WAITING


async def on_relayed(session: Session, payload: Payload) -> None:
    """The letter went out, or may have: the reviewer is invited."""
    await service.mark_invited(session, uuid(payload, "request_id"))


LETTER = Letter(context, SAMPLE, still_true=still_true, on_relayed=on_relayed)
