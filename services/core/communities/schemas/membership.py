"""Public shapes of memberships: the expression of interest, the standing, its steps and its history."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.core.accounts.schemas import Email, PersonName
from services.core.communities import rules
from services.core.kit.schema import Day, Input, Line, LongText, Output, Partial, ShortText, absent_when_unknown, open_enum

Kind = Literal["chair", "member", "observer"]
Status = Literal[
    "draft", "expressed_interest", "under_review", "returned", "invited", "agreement_sent", "signed", "active", "suspended",
    "rejected", "withdrawn", "expired",
]  # fmt: skip
Action = Literal[
    "submit", "review", "return", "reject", "invite", "send_agreement", "sign", "activate", "suspend", "reinstate", "withdraw", "renew",
]  # fmt: skip


class LeaderIn(Input):
    """The political head of the jurisdiction."""

    name: PersonName | None = None
    title: Line | None = None
    email: Email | None = None
    elected_on: Day | None = Field(default=None, description="date last elected")
    term_ends_on: Day | None = None


class ContactIn(Input):
    """Someone whom the community may turn to."""

    name: PersonName | None = None
    title: Line | None = None
    department: Line | None = None
    email: Email | None = None
    phone: Line | None = None
    responsibilities: ShortText | None = None


class CouncilResolutionIn(Input):
    """The council's resolution to join."""

    reference: Line | None = None
    adopted_on: Day | None = None


class ExpressionIn(Input):
    """The expression of interest, in ICLEI's terms. A draft may be incomplete."""

    official_name: Line | None = None
    motivation: LongText | None = None
    leader: LeaderIn | None = None
    political_contact: ContactIn | None = None
    staff_liaison: ContactIn | None = None
    key_liaison: Literal["political", "staff"] | None = Field(default=None, description="which of the two contacts is the key liaison")
    council_resolution: CouncilResolutionIn | None = None

    def stored(self) -> dict[str, Any]:
        """As it is kept and shown: every text present or null, groups left out while unknown."""
        groups = ("leader", "political_contact", "staff_liaison", "council_resolution")
        return {name: value for name, value in self.model_dump(mode="json").items() if value is not None or name not in groups}


class MembershipFields(Input):
    """What a jurisdiction writes when it wants to join."""

    kind: Kind
    expression: ExpressionIn | None = None


class MembershipCreate(MembershipFields):
    """A membership to draft."""

    jurisdiction_id: UUID


class MembershipPatch(MembershipFields, Partial):
    """What should change (RFC 7396), while it is a draft or was returned."""


class MembershipTransition(Input):
    """A step of a membership's life."""

    action: Action
    reason: ShortText | None = Field(default=None, description="kept in the history, and read by the member")
    community_id: UUID | None = Field(default=None, description="`renew` only, and needed there: the community of the next term")


class Leader(Output):
    """The political head of the jurisdiction."""

    name: str | None
    title: str | None
    email: str | None
    elected_on: date | None
    term_ends_on: date | None


class Contact(Output):
    """Someone whom the community may turn to."""

    name: str | None
    title: str | None
    department: str | None
    email: str | None
    phone: str | None
    responsibilities: str | None


class CouncilResolution(Output):
    """The council's resolution to join."""

    reference: str | None
    adopted_on: date | None


class Expression(Output):
    """The expression of interest; groups are absent while unknown."""

    official_name: str | None
    motivation: str | None
    leader: Leader = absent_when_unknown()
    political_contact: Contact = absent_when_unknown()
    staff_liaison: Contact = absent_when_unknown()
    key_liaison: Annotated[str, open_enum("political", "staff")] | None
    council_resolution: CouncilResolution = absent_when_unknown()


class Membership(Output):
    """A jurisdiction's standing in a community. ``expression`` is shown to the jurisdiction itself and the secretariat only.

    ``renewal_of`` is the membership of an earlier term that this one renews.
    """

    id: UUID
    community_id: UUID
    jurisdiction_id: UUID
    kind: Annotated[str, open_enum(*rules.KINDS)]
    status: Annotated[str, open_enum(*rules.MEMBERSHIP.statuses)]
    allowed_actions: list[str]
    expression: Expression = absent_when_unknown()
    activated_at: datetime | None
    renewal_of: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class MembershipPage(Output):
    """A page of memberships."""

    items: list[Membership]
    next_cursor: str | None


class HistoryActor(Output):
    """Who did it."""

    kind: Annotated[str, open_enum("platform", "person", "reviewer", "system")]
    id: str
    label: str


class HistoryEntry(Output):
    """One change of a membership: who, when, what, and why.

    ``renew`` stands in the history of the new draft and of the membership that it renews; ``after`` is the draft.
    """

    id: UUID
    type: str
    action: str | None
    actor: HistoryActor
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None
    occurred_at: datetime


class MembershipHistoryPage(Output):
    """A page of a membership's history, oldest first."""

    items: list[HistoryEntry]
    next_cursor: str | None
