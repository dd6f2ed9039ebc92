"""Public shapes of communities."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, HttpUrl, model_validator

from services.core.accounts.schemas import Email
from services.core.communities import rules
from services.core.kit.schema import Day, Input, Line, Locale, Output, Partial, ShortText, Whole, absent_when_unknown, open_enum

Theme = Literal["circular_economy", "energy_transition", "sustainable_urban_planning", "resilient_mobility", "innovative_finance"]


def _each_once(themes: list[str]) -> list[str]:
    if len(set(themes)) < len(themes):
        msg = "names a theme twice"
        raise ValueError(msg)
    return themes


Themes = Annotated[list[Theme], Field(max_length=len(rules.THEMES)), AfterValidator(_each_once)]


class FoundingSignatoryIn(Input):
    """Who signed for which party."""

    party: Line
    name: Line
    title: Line | None = None


class FoundingAgreementIn(Input):
    """The agreement on which the community was founded."""

    parties: list[Line] = Field(min_length=1, max_length=20)
    signatories: list[FoundingSignatoryIn] = Field(default_factory=list, max_length=40)
    signed_on: Day | None = None
    source: ShortText | None = Field(default=None, description="where this can be read")


class SecretariatIn(Input):
    """The office that runs the community, and where it is reached. Public: an office's address, not a person's."""

    name: Line
    email: Email | None = None
    website: HttpUrl | None = None


class CommunityFields(Input):
    """What a community is."""

    name: Line
    names: dict[Locale, Line] = Field(default_factory=dict, max_length=40, description="the name by BCP 47 language tag")
    starts_on: Day = Field(description="first day of the term")
    ends_on: Day = Field(description="last day of the term")
    capacity: Annotated[Whole, Field(ge=1, le=100_000)] = Field(description="places of active chairs and members; observers take none")
    themes: Themes = Field(default_factory=list)
    secretariat: SecretariatIn | None = None
    founding_agreement: FoundingAgreementIn | None = None


class CommunityCreate(CommunityFields):
    """A community to create, or its whole new state (PUT)."""

    @model_validator(mode="after")
    def _term_has_days(self) -> Self:
        if self.ends_on <= self.starts_on:
            msg = "ends_on must lie after starts_on."
            raise ValueError(msg)
        return self


class FoundingAgreementPatch(FoundingAgreementIn, Partial):
    """What should change in the founding agreement."""


class SecretariatPatch(SecretariatIn, Partial):
    """What should change of the secretariat."""


class CommunityPatch(CommunityFields, Partial):
    """What should change (RFC 7396): absent members stay, null clears where null is allowed, and takes a name away."""

    names: dict[Locale, Line | None] = Field(default_factory=dict, max_length=40)  # type: ignore[assignment]  # null takes one away
    secretariat: SecretariatPatch | None = None
    founding_agreement: FoundingAgreementPatch | None = None


class FoundingSignatory(Output):
    """Who signed for which party."""

    party: str
    name: str
    title: str | None


class FoundingAgreement(Output):
    """The agreement on which the community was founded."""

    parties: list[str]
    signatories: list[FoundingSignatory]
    signed_on: date | None
    source: str | None


class Secretariat(Output):
    """The office that runs the community."""

    name: str
    email: str | None
    website: str | None


class Community(Output):
    """A Community of Practice for one term. ``secretariat`` and ``founding_agreement`` are absent when unknown.

    ``chair_jurisdiction_id`` is who chairs it: the jurisdiction whose membership as chair is in force (suspended, it keeps
    the chair); null while nobody does. It follows from the memberships and moves ``version`` when it changes.
    """

    id: UUID
    name: str
    names: dict[str, str]
    starts_on: date
    ends_on: date
    capacity: int
    themes: list[Annotated[str, open_enum(*rules.THEMES)]]
    chair_jurisdiction_id: UUID | None
    secretariat: Secretariat = absent_when_unknown()
    founding_agreement: FoundingAgreement = absent_when_unknown()
    version: int
    created_at: datetime
    updated_at: datetime


class CommunityPage(Output):
    """A page of communities."""

    items: list[Community]
    next_cursor: str | None
