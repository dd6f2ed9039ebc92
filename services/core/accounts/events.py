"""What happens to people and API clients."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """A person was created, changed or removed. `changed` names the members; only roles are copied, never an address."""

    type: ClassVar[str] = "person.changed"
    subject: ClassVar[str] = "person"
    internal: ClassVar[bool] = True

    action: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Event):
    """An API client was created, changed or removed, or one of its keys was issued or revoked."""

    type: ClassVar[str] = "client.changed"
    subject: ClassVar[str] = "client"
    internal: ClassVar[bool] = True

    key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInvited(Event):
    """Somebody made a person known to ComP Hub, and a letter tells them so. `by_kind` and `by_id` say who did."""

    type: ClassVar[str] = "person.invited"
    subject: ClassVar[str] = "person"
    internal: ClassVar[bool] = True

    by_kind: str
    by_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSignedIn(Event):
    """A person signed in with the link of a letter: a session began."""

    type: ClassVar[str] = "person.signed_in"
    subject: ClassVar[str] = "person"
    internal: ClassVar[bool] = True

    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSignedOut(Event):
    """A person ended a session of theirs."""

    type: ClassVar[str] = "person.signed_out"
    subject: ClassVar[str] = "person"
    internal: ClassVar[bool] = True

    session_id: UUID
