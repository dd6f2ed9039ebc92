"""Public shapes of representatives: people who speak for a member."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.core.accounts.schemas import Email, PersonName, TimeZone
from services.core.communities import rules
from services.core.communities.schemas.community import Themes
from services.core.kit.schema import Day, Flag, Input, Language, Locale, Output, Partial, Whole, open_enum


class RepresentativeFields(Input):
    """Who speaks for a member, and what they may be asked to review."""

    name: PersonName
    email: Email
    role: Literal["political", "technical", "communications"]
    locale: Locale = Field(default="en", description="BCP 47: the language of letters")
    time_zone: TimeZone = Field(default="UTC", description="IANA time zone: deadlines are written in it")
    languages: list[Language] = Field(default_factory=list, max_length=20, description="languages that they read, BCP 47")
    themes: Themes = Field(default_factory=list, description="what they know about")
    mandate_ends_on: Day | None = None
    reviewer: Flag = Field(default=False, description="may be asked to review practices")
    max_load: Annotated[Whole, Field(ge=0, le=20)] = Field(default=3, description="reviews at a time")


class RepresentativeCreate(RepresentativeFields):
    """A representative to name, or the whole new state of one (PUT)."""


class RepresentativePatch(RepresentativeFields, Partial):
    """What should change (RFC 7396)."""


class Representative(Output):
    """A person who speaks for a member. Shown to the member itself and the secretariat only."""

    id: UUID
    membership_id: UUID
    person_id: UUID
    name: str
    email: str
    role: Annotated[str, open_enum(*rules.REPRESENTATIVE_ROLES)]
    locale: str
    time_zone: str
    languages: list[str]
    themes: list[str]
    mandate_ends_on: date | None
    reviewer: bool
    max_load: int
    version: int
    created_at: datetime
    updated_at: datetime


class RepresentativePage(Output):
    """A page of representatives."""

    items: list[Representative]
    next_cursor: str | None
