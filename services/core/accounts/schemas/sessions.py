"""Public shapes of signing in, and of what a caller is told about themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.core.accounts.schemas.people import Email, Person, RoleGrant
from services.core.kit.schema import Input, Output, open_enum


class SignInLinkCreate(Input):
    """Whom to send a sign-in link."""

    email: Email


class SignInLinkAsked(Output):
    """The one answer for every address, known or not."""

    detail: str


class SessionCreate(Input):
    """The secret at the end of a sign-in link."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Session(Output):
    """A session that has begun, with its access token, which is shown this once."""

    access_token: str = Field(description="send it as `Authorization: Bearer`")
    token_type: Annotated[str, open_enum("Bearer")]
    expires_at: datetime
    person: Person


class Me(Output):
    """Whom a key or a session belongs to, and what may be done with it."""

    kind: Annotated[str, open_enum("platform", "person")]
    id: UUID
    name: str
    email: str | None
    locale: str | None
    time_zone: str | None
    roles: list[RoleGrant] = Field(description="of a person")
    scopes: list[str] = Field(description="of a platform")
    actions: list[str] = Field(description="what may be done anywhere at all; `x:write` includes `x:read`")
    jurisdiction_ids: list[str] = Field(description='for which jurisdictions: ids, or `["*"]` for all')
    community_ids: list[str] = Field(description='in which communities: ids, or `["*"]` for all')
    expires_at: datetime | None = Field(description="when the key or the session ends")
