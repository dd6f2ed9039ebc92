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
    author_side: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipExpressedInterest(Event):
    """A jurisdiction expressed its interest in joining a community, for the first time or after it was returned."""

    type: ClassVar[str] = "membership.expressed_interest"
    subject: ClassVar[str] = "membership"
    author_side: ClassVar[bool] = True

    action: str = "submit"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipStatusChanged(Event):
    """A membership went from one status to another; `before` and `after` name them, `action` the step.

    From a registry it is the last of the steps that lead to its standing; `before` is null for a membership that it made.
    """

    type: ClassVar[str] = "membership.status_changed"
    subject: ClassVar[str] = "membership"
    author_side: ClassVar[bool] = True

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged(Event):
    """A membership was drafted (anew, or as the renewal of another), or its expression of interest changed.

    `before` and `after` hold the members that changed. Names, addresses and telephones of people are masked, free texts
    are counted: what people wrote and who they are is not copied into the event.
    """

    type: ClassVar[str] = "membership.changed"
    subject: ClassVar[str] = "membership"
    internal: ClassVar[bool] = True
    author_side: ClassVar[bool] = True

    action: str
    changed: tuple[str, ...] = ()
    renewal_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeChanged(Event):
    """A representative was named, changed or removed; `changed` names the members, `before` and `after` hold them.

    The person's name and address are masked (“C***”, “c***@city.example”): no personal data is copied into the event.
    """

    type: ClassVar[str] = "representative.changed"
    subject: ClassVar[str] = "representative"
    internal: ClassVar[bool] = True
    author_side: ClassVar[bool] = True

    membership_id: UUID
    action: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementChanged(Event):
    """The agreement of a membership was written or signed; `before` and `after` say which parties had signed, and when."""

    type: ClassVar[str] = "agreement.changed"
    subject: ClassVar[str] = "agreement"
    internal: ClassVar[bool] = True
    author_side: ClassVar[bool] = True

    membership_id: UUID
