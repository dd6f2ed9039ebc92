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
    """A jurisdiction expressed its interest in joining a community, for the first time or after it was returned."""

    type: ClassVar[str] = "membership.expressed_interest"
    subject: ClassVar[str] = "membership"

    action: str = "submit"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipStatusChanged(Event):
    """A membership went from one status to another; `before` and `after` name them, `action` the step."""

    type: ClassVar[str] = "membership.status_changed"
    subject: ClassVar[str] = "membership"

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged(Event):
    """A membership was drafted, or its expression of interest changed; what the expression says is not copied into the event."""

    type: ClassVar[str] = "membership.changed"
    subject: ClassVar[str] = "membership"
    internal: ClassVar[bool] = True

    action: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeChanged(Event):
    """A representative was named, changed or removed; `changed` names the members, no personal data is copied."""

    type: ClassVar[str] = "representative.changed"
    subject: ClassVar[str] = "representative"
    internal: ClassVar[bool] = True

    membership_id: UUID
    action: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementChanged(Event):
    """The agreement of a membership was written or signed; `before` and `after` say which parties had signed, and when."""

    type: ClassVar[str] = "agreement.changed"
    subject: ClassVar[str] = "agreement"
    internal: ClassVar[bool] = True

    membership_id: UUID
