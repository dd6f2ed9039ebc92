"""Public shapes of people, and the texts that they are described with."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from services.core.accounts import rules
from services.core.kit.schema import Input, Line, Locale, Output, Partial, open_enum


def _zone(value: str) -> str:
    if finding := rules.zone_finding(value):
        raise ValueError(finding)
    return value


def _one_heading(value: str) -> str:
    """A name ends up in mail headers, where more characters break a line than a line feed does."""
    if value.splitlines() != [value]:
        msg = "must be one line: it stands in the headers of letters"
        raise ValueError(msg)
    return value


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254, strip_whitespace=True),
    AfterValidator(rules.address),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": 254, "description": "an IDN domain comes back in punycode"}),
]
PersonName = Annotated[Line, AfterValidator(_one_heading)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Role = Literal["admin", "secretariat", "chair", "jurisdiction_admin", "jurisdiction_member", "reviewer"]


class RoleGrantIn(Input):
    """A role, and where it is held: in one community, for one jurisdiction, or (with neither) everywhere."""

    role: Role
    community_id: UUID | None = None
    jurisdiction_id: UUID | None = None

    @model_validator(mode="after")
    def _is_held_somewhere(self) -> Self:
        if finding := rules.grant_finding(self.role, self.community_id, self.jurisdiction_id):
            raise ValueError(finding)
        return self


class PersonFields(Input):
    """What is known of a person."""

    email: Email
    name: PersonName
    locale: Locale = Field(default="en", description="BCP 47: the language of letters")
    time_zone: TimeZone = Field(default="UTC", description="IANA time zone: deadlines are written in it")
    roles: list[RoleGrantIn] = Field(default_factory=list, max_length=100)


class PersonCreate(PersonFields):
    """A person to create: a letter invites them, with a link to sign in."""

    @model_validator(mode="after")
    def _roles_differ(self) -> Self:
        if len({(grant.role, grant.community_id, grant.jurisdiction_id) for grant in self.roles}) < len(self.roles):
            msg = "A role stands twice in the list."
            raise ValueError(msg)
        return self


class PersonPatch(PersonFields, Partial):
    """What should change (RFC 7396); ``roles`` replaces all roles."""


class RoleGrant(Output):
    """A role, and where it is held."""

    role: Annotated[str, open_enum(*rules.ROLES)]
    community_id: UUID | None
    jurisdiction_id: UUID | None


class Person(Output):
    """A human who acts in ComP Hub or receives its letters."""

    id: UUID
    email: str
    name: str
    locale: str
    time_zone: str
    roles: list[RoleGrant]
    version: int
    created_at: datetime
    updated_at: datetime


class PersonPage(Output):
    """A page of people."""

    items: list[Person]
    next_cursor: str | None
