"""What happens to people and API clients."""

from dataclasses import dataclass
from typing import ClassVar

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
