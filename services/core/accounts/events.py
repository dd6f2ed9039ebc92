"""What happens to people and API clients."""

from dataclasses import dataclass
from typing import ClassVar

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """A person was invited, changed or removed; the change itself is not copied into the event."""

    type: ClassVar[str] = "person.changed"
    subject: ClassVar[str] = "person"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Event):
    """An API client was created, changed or removed, or one of its keys was issued or revoked."""

    type: ClassVar[str] = "client.changed"
    subject: ClassVar[str] = "client"
    internal: ClassVar[bool] = True

    key_id: str | None = None
