"""What happens to commitments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMade(Event):
    """A jurisdiction made a commitment; `revision` is the first of its public history, sealed (`chain`)."""

    type: ClassVar[str] = "commitment.made"
    subject: ClassVar[str] = "commitment"
    author_side: ClassVar[bool] = True
    carried: ClassVar[bool] = False

    revision: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRevised(Event):
    """A jurisdiction revised a commitment, and did not weaken it; `before` and `after` say what moved, `revision` seals it."""

    type: ClassVar[str] = "commitment.revised"
    subject: ClassVar[str] = "commitment"
    author_side: ClassVar[bool] = True
    carried: ClassVar[bool] = False

    revision: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentWeakened(Event):
    """A jurisdiction revised a commitment so that it asks for less (`ambition`); told instead of ``commitment.revised``."""

    type: ClassVar[str] = "commitment.weakened"
    subject: ClassVar[str] = "commitment"
    author_side: ClassVar[bool] = True
    carried: ClassVar[bool] = False

    revision: Mapping[str, Any]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BandChanged(Event):
    """The band of a jurisdiction's whole disclosure changed; `before` and `after` name it."""

    type: ClassVar[str] = "jurisdiction.band_changed"
    subject: ClassVar[str] = "band"
    internal: ClassVar[bool] = True
    author_side: ClassVar[bool] = True
