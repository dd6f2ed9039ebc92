"""What happens in peer review. No event here is ever shown to an author."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentMade(Event):
    """Reviewers were assigned over a call; the run keeps what went in and why."""

    type: ClassVar[str] = "assignment.made"
    subject: ClassVar[str] = "call"
    internal: ClassVar[bool] = True

    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequested(Event):
    """Someone was asked to review a practice."""

    type: ClassVar[str] = "review.requested"
    subject: ClassVar[str] = "review_request"

    practice_id: UUID
    call_id: UUID
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInvited(Event):
    """The letter with the request went out."""

    type: ClassVar[str] = "review.invited"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(Event):
    """A reviewer who had accepted opened the review anew, in another session."""

    type: ClassVar[str] = "review.opened"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDrafted(Event):
    """A reviewer saved a draft; its words are in no event."""

    type: ClassVar[str] = "review.drafted"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAccepted(Event):
    """A reviewer accepted."""

    type: ClassVar[str] = "review.accepted"
    subject: ClassVar[str] = "review_request"

    practice_id: UUID
    call_id: UUID
    answer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDeclined(Event):
    """A reviewer declined; the next alternate is asked."""

    type: ClassVar[str] = "review.declined"
    subject: ClassVar[str] = "review_request"

    practice_id: UUID
    call_id: UUID
    answer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted(Event):
    """A reviewer handed in a final review."""

    type: ClassVar[str] = "review.submitted"
    subject: ClassVar[str] = "review_request"

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReplaced(Event):
    """Someone was asked in the place of a reviewer who declined or stayed silent."""

    type: ClassVar[str] = "review.replaced"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewExtended(Event):
    """A request got more time, because its call was extended; `before` and `after` hold its dates."""

    type: ClassVar[str] = "review.extended"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewExpired(Event):
    """A request stayed without an answer, or an accepted review without its review, past the deadline."""

    type: ClassVar[str] = "review.expired"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCancelled(Event):
    """A request was called off: the practice was decided or withdrawn."""

    type: ClassVar[str] = "review.cancelled"
    subject: ClassVar[str] = "review_request"
    internal: ClassVar[bool] = True

    practice_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Event):
    """A practice was decided; its author learns of it at the release."""

    type: ClassVar[str] = "practice.decision_made"
    subject: ClassVar[str] = "practice"
    internal: ClassVar[bool] = True

    call_id: UUID
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionNeeded(Event):
    """The reviews do not decide: too few, or too far apart. Secretariat or chair decide."""

    type: ClassVar[str] = "practice.decision_needed"
    subject: ClassVar[str] = "practice"
    internal: ClassVar[bool] = True

    call_id: UUID
    round: int
