"""Public shapes of people, API clients and keys, and sessions."""

from services.core.accounts.schemas.clients import (
    ApiClient,
    ApiClientCreate,
    ApiClientIssued,
    ApiClientPage,
    ApiKey,
    ApiKeyIssued,
    Bound,
    Scope,
)
from services.core.accounts.schemas.people import (
    Email,
    Person,
    PersonCreate,
    PersonFields,
    PersonName,
    PersonPage,
    PersonPatch,
    Role,
    RoleGrant,
    RoleGrantIn,
    TimeZone,
)
from services.core.accounts.schemas.sessions import Me, Session, SessionCreate, SignInLinkAsked, SignInLinkCreate

__all__ = [
    "ApiClient",
    "ApiClientCreate",
    "ApiClientIssued",
    "ApiClientPage",
    "ApiKey",
    "ApiKeyIssued",
    "Bound",
    "Email",
    "Me",
    "Person",
    "PersonCreate",
    "PersonFields",
    "PersonName",
    "PersonPage",
    "PersonPatch",
    "Role",
    "RoleGrant",
    "RoleGrantIn",
    "Scope",
    "Session",
    "SessionCreate",
    "SignInLinkAsked",
    "SignInLinkCreate",
    "TimeZone",
]
