"""Public shapes of agreements."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, HttpUrl

from services.core.accounts.schemas import PersonName
from services.core.communities.agreements import PARTIES
from services.core.kit.schema import Day, Input, Line, Output, absent_when_unknown, open_enum


class SignatoryIn(Input):
    """Someone who signs for a party."""

    party: Literal["jurisdiction", "secretariat"]
    name: PersonName
    title: Line | None = None
    signed_on: Day | None = Field(default=None, description="null until it is signed")


class DocumentIn(Input):
    """The text that is signed."""

    title: Line
    url: HttpUrl | None = None


class AgreementPut(Input):
    """The whole agreement. Signatures of the secretariat are the secretariat's to write."""

    signatories: list[SignatoryIn] = Field(max_length=20)
    document: DocumentIn | None = None

    def stored(self) -> dict[str, Any]:
        """As it is kept and shown."""
        return self.model_dump(mode="json")


class Signatory(Output):
    """Someone who signs for a party."""

    party: Annotated[str, open_enum(*PARTIES)]
    name: str
    title: str | None
    signed_on: date | None


class Document(Output):
    """The text that is signed."""

    title: str
    url: str | None


class Agreement(Output):
    """What a member and the secretariat sign. ``document`` is absent when unknown."""

    id: UUID
    membership_id: UUID
    signatories: list[Signatory]
    document: Document = absent_when_unknown()
    version: int
    created_at: datetime
    updated_at: datetime
