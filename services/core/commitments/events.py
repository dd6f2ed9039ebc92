"""What happens to commitments."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMade(Event):
    """A jurisdiction made a commitment."""

    type: ClassVar[str] = "commitment.made"
    subject: ClassVar[str] = "commitment"
    author_side: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRevised(Event):
    """A jurisdiction revised a commitment; `before` and `after` say what moved."""

    type: ClassVar[str] = "commitment.revised"
    subject: ClassVar[str] = "commitment"
    author_side: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentProgressReported(Event):
    """A jurisdiction reported an inventory against a commitment."""

    type: ClassVar[str] = "commitment.progress_reported"
    subject: ClassVar[str] = "commitment"
    author_side: ClassVar[bool] = True

    report_id: UUID
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentAssessed(Event):
    """Findings and progress of a commitment were computed."""

    type: ClassVar[str] = "commitment.assessed"
    subject: ClassVar[str] = "commitment"
    internal: ClassVar[bool] = True
    author_side: ClassVar[bool] = True
