"""Public shapes of API clients and their keys."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.core.kit.schema import Input, Line, Output

Scope = Literal[
    "jurisdictions:read", "jurisdictions:write", "memberships:read", "memberships:write", "commitments:read", "commitments:write",
    "practices:read", "practices:write", "reviews:read", "reviews:write", "recognitions:read", "recognitions:write",
    "exchange:read", "exchange:write", "programme:read", "programme:write", "webhooks:read", "webhooks:write", "sync:write", "admin",
]  # fmt: skip

Bound = Annotated[list[UUID], Field(max_length=500)] | Annotated[list[Literal["*"]], Field(min_length=1, max_length=1)]


class ApiClientCreate(Input):
    """Another system that shall call us: what it may do, and for which jurisdictions (``["*"]``: all)."""

    name: Line
    scopes: list[Scope] = Field(min_length=1, max_length=20)
    jurisdiction_ids: Bound = Field(description='ids, or `["*"]` for all')

    @model_validator(mode="after")
    def _admin_is_bound_to_none(self) -> Self:
        if "admin" in self.scopes and self.jurisdiction_ids != ["*"]:
            msg = 'The scope admin reaches every jurisdiction: give it with jurisdiction_ids ["*"], or not at all.'
            raise ValueError(msg)
        return self


class ApiKey(Output):
    """A key without its secret."""

    key_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class ApiClient(Output):
    """Another system that calls us."""

    id: UUID
    client_id: str
    name: str
    scopes: list[str]
    jurisdiction_ids: list[str]
    keys: list[ApiKey]
    version: int
    created_at: datetime
    updated_at: datetime


class ApiClientIssued(ApiClient):
    """A new client with its secrets, which are shown this once."""

    client_secret: str
    key_id: str
    key: str


class ApiKeyIssued(ApiKey):
    """A new key with its secret, which is shown this once."""

    key: str


class ApiClientPage(Output):
    """A page of API clients."""

    items: list[ApiClient]
    next_cursor: str | None
