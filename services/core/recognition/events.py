"""What happens to recognitions."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionGranted(Event):
    """A decided practice was recognised or commended."""

    type: ClassVar[str] = "recognition.granted"
    subject: ClassVar[str] = "recognition"
    author_side: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRevoked(Event):
    """A recognition was taken back, with its reason."""

    type: ClassVar[str] = "recognition.revoked"
    subject: ClassVar[str] = "recognition"
    author_side: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID
