"""What happens to calls and practices."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChanged(Event):
    """A call was written or changed."""

    type: ClassVar[str] = "call.changed"
    subject: ClassVar[str] = "call"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExtended(Event):
    """A date of a running call moved later; `before` and `after` hold all of its deadlines. Those who were asked by it get the time too."""

    type: ClassVar[str] = "call.extended"
    subject: ClassVar[str] = "call"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStatusChanged(Event):
    """A call went from one status to another; `before` and `after` name them."""

    type: ClassVar[str] = "call.status_changed"
    subject: ClassVar[str] = "call"
    internal: ClassVar[bool] = True

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRescored(Event):
    """A call's practices were assessed under another version of the rubric too; `moved` of `practices` differ. Nothing follows from it."""

    type: ClassVar[str] = "call.rescored"
    subject: ClassVar[str] = "call"
    internal: ClassVar[bool] = True

    job_id: UUID
    rubric_version: str
    practices: int
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeChanged(Event):
    """The working copy of a practice was drafted or amended; `changed` names the members, what they say is not copied."""

    type: ClassVar[str] = "practice.changed"
    subject: ClassVar[str] = "practice"
    internal: ClassVar[bool] = True
    author_side: ClassVar[bool] = True

    action: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSubmitted(Event):
    """A member handed in a practice; `number` counts its submissions. `late`: it came after the call's soft closing."""

    type: ClassVar[str] = "practice.submitted"
    subject: ClassVar[str] = "practice"
    author_side: ClassVar[bool] = True

    call_id: UUID
    number: int
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAssessed(Event):
    """The worker validated and scored a practice; nothing blocks it."""

    type: ClassVar[str] = "practice.assessed"
    subject: ClassVar[str] = "practice"
    author_side: ClassVar[bool] = True

    call_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeReturned(Event):
    """The worker found something that blocks a practice; it is the author's again, with all findings."""

    type: ClassVar[str] = "practice.returned"
    subject: ClassVar[str] = "practice"
    author_side: ClassVar[bool] = True

    call_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeWithdrawn(Event):
    """The author took a practice back."""

    type: ClassVar[str] = "practice.withdrawn"
    subject: ClassVar[str] = "practice"
    author_side: ClassVar[bool] = True

    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeReviewBegun(Event):
    """Reviewers were assigned to a practice."""

    type: ClassVar[str] = "practice.review_begun"
    subject: ClassVar[str] = "practice"
    internal: ClassVar[bool] = True

    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeDecided(Event):
    """A practice's decision was released: recognised, commended, declined, or to be revised."""

    type: ClassVar[str] = "practice.decided"
    subject: ClassVar[str] = "practice"
    author_side: ClassVar[bool] = True

    call_id: UUID
    number: int
    outcome: str
