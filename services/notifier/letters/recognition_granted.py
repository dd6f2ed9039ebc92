"""To an author: your practice was recognised or commended, and here is the code by which anyone can check it."""

from dataclasses import dataclass

from services.core.kit.db import Session
from services.core.recognition import queries
from services.notifier.letter import Letter, Payload, uuid
from services.notifier.letters._authoring import SAMPLE_CALL, SAMPLE_READER, SAMPLE_TITLE, page_of, to_author
from services.notifier.reader import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionGranted(Context):
    """``level``: recognised or commended. ``link`` leads to the public check of ``code``."""

    practice_title: str
    call_title: str
    level: str
    code: str
    link: str


SAMPLE = RecognitionGranted(
    reader=SAMPLE_READER,
    practice_title=SAMPLE_TITLE,
    call_title=SAMPLE_CALL,
    level="recognised",
    code="K7QF-2M9X-R4TD",
    link="https://comphub.example/verify/K7QF-2M9X-R4TD",
)


async def context(session: Session, payload: Payload) -> RecognitionGranted | None:
    """The recognition of the practice; None when it was revoked before the letter was written."""
    found = await to_author(session, payload)
    granted = await queries.of_practice(session, uuid(payload, "practice_id"))
    if found is None or granted is None or granted.status != "granted":
        return None
    reader, practice = found
    return RecognitionGranted(
        reader=reader,
        practice_title=practice.title,
        call_title=practice.call_title,
        level=granted.level,
        code=granted.code,
        link=page_of(f"verify/{granted.code}"),
    )


LETTER = Letter(context, SAMPLE)
