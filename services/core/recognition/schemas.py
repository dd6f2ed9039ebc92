"""Public shapes of recognitions and of their check."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from services.core.kit.schema import Input, Output, ShortText, open_enum
from services.core.recognition.rules import LEVELS, RECOGNITION

Level = Annotated[str, open_enum(*LEVELS)]
Status = Annotated[str, open_enum(*RECOGNITION.statuses)]


class RecognitionTransition(Input):
    """Taking a recognition back, with the reason."""

    action: Literal["revoke"]
    reason: ShortText


class Recognition(Output):
    """What a decided practice earned; anyone can check its `code` at `verify_url`."""

    id: UUID
    practice_id: UUID
    jurisdiction_id: UUID
    call_id: UUID
    level: Level
    theme: str
    code: str
    status: Status
    allowed_actions: list[str]
    granted_at: datetime
    revoked_at: datetime | None
    verify_url: str
    version: int
    created_at: datetime
    updated_at: datetime


class RecognitionPage(Output):
    """A page of recognitions."""

    items: list[Recognition]
    next_cursor: str | None


class VerifiedPractice(Output):
    """The practice that was recognised, and the name of its jurisdiction."""

    id: UUID
    title: str
    jurisdiction: str


class Verification(Output):
    """Whether a code stands for a recognition that is valid now."""

    valid: bool
    status: Status
    recognition: Recognition
    practice: VerifiedPractice
