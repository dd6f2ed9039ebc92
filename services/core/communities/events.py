"""What happens in communities."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityChanged(Event):
    """A community was created or changed."""

    type: ClassVar[str] = "community.changed"
    subject: ClassVar[str] = "community"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipExpressedInterest(Event):
    """A jurisdiction expressed its interest in joining a community."""

    type: ClassVar[str] = "membership.expressed_interest"
    subject: ClassVar[str] = "membership"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipStatusChanged(Event):
    """A membership went from one status to another; `before` and `after` name them."""

    type: ClassVar[str] = "membership.status_changed"
    subject: ClassVar[str] = "membership"

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged(Event):
    """A membership was drafted, or its expression of interest changed."""

    type: ClassVar[str] = "membership.changed"
    subject: ClassVar[str] = "membership"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeChanged(Event):
    """A representative was named, changed or removed."""

    type: ClassVar[str] = "representative.changed"
    subject: ClassVar[str] = "representative"
    internal: ClassVar[bool] = True

    membership_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementChanged(Event):
    """The agreement of a membership was written or signed."""

    type: ClassVar[str] = "agreement.changed"
    subject: ClassVar[str] = "agreement"
    internal: ClassVar[bool] = True

    membership_id: UUID
