"""To an author: your practice came back, and this is what it needs."""

from dataclasses import dataclass

from services.core.kit.db import Session
from services.notifier.letter import Letter, Payload
from services.notifier.letters._authoring import SAMPLE_CALL, SAMPLE_READER, SAMPLE_TITLE, to_author
from services.notifier.reader import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeReturned(Context):
    """``blocking`` must be mended before the practice can be handed in again; ``warnings`` may stay."""

    practice_title: str
    call_title: str
    blocking: tuple[str, ...]
    warnings: tuple[str, ...]


SAMPLE = PracticeReturned(
    reader=SAMPLE_READER,
    practice_title=SAMPLE_TITLE,
    call_title=SAMPLE_CALL,
    blocking=("The summary has 163 words; at most 150 are allowed.",),
    warnings=("No SDG target is named.",),
)


async def context(session: Session, payload: Payload) -> PracticeReturned | None:
    """The findings of the submission; None when the practice was handed in again meanwhile."""
    found = await to_author(session, payload)
    if found is None or found[1].status != "returned":
        return None
    reader, practice = found
    return PracticeReturned(
        reader=reader,
        practice_title=practice.title,
        call_title=practice.call_title,
        blocking=_said(practice.findings, "blocking"),
        warnings=_said(practice.findings, "warning"),
    )


def _said(findings: list[dict[str, str]], severity: str) -> tuple[str, ...]:
    return tuple(finding["message"] for finding in findings if finding["severity"] == severity)


LETTER = Letter(context, SAMPLE)
