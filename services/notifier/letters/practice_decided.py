"""To an author: your practice was not recognised this time, or should be revised."""

from dataclasses import dataclass

from services.core.kit.db import Session
from services.notifier.letter import Letter, Payload
from services.notifier.letters._authoring import SAMPLE_CALL, SAMPLE_READER, SAMPLE_TITLE, to_author
from services.notifier.reader import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeDecided(Context):
    """``outcome``: declined or revise; the good outcomes have the letter `recognition_granted`."""

    practice_title: str
    call_title: str
    outcome: str


SAMPLE = PracticeDecided(reader=SAMPLE_READER, practice_title=SAMPLE_TITLE, call_title=SAMPLE_CALL, outcome="revise")


async def context(session: Session, payload: Payload) -> PracticeDecided | None:
    """The decision that was released."""
    found = await to_author(session, payload)
    if found is None:
        return None
    reader, practice = found
    return PracticeDecided(reader=reader, practice_title=practice.title, call_title=practice.call_title, outcome=payload["outcome"])


LETTER = Letter(context, SAMPLE)
