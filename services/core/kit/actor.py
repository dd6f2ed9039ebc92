"""Who acts: a value that every use case and every event carries."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

ActorKind = Literal["anonymous", "platform", "person", "reviewer", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal with its scopes and the jurisdictions that it is bound to (None: all of them)."""

    kind: ActorKind
    id: str
    label: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)
    jurisdictions: frozenset[UUID] | None = field(default_factory=frozenset)

    @property
    def principal(self) -> str:
        """The stable name under which limits, idempotency keys and cursors are kept."""
        return f"{self.kind}:{self.id}"

    @property
    def is_admin(self) -> bool:
        """Holds the scope ``admin``: secretariat's rights over every community."""
        return "admin" in self.scopes

    def has(self, scope: str) -> bool:
        """Whether ``scope`` is held; ``x:write`` includes ``x:read``, ``admin`` includes all."""
        if scope in self.scopes or self.is_admin:
            return True
        resource, _, verb = scope.partition(":")
        return verb == "read" and f"{resource}:write" in self.scopes

    def acts_for(self, jurisdiction: UUID) -> bool:
        """Whether this actor speaks for ``jurisdiction``."""
        return self.is_admin or self.jurisdictions is None or jurisdiction in self.jurisdictions

    @property
    def sees_all(self) -> bool:
        """Bound to no particular jurisdiction: an admin, the system, or a platform bound to ``*``."""
        return self.is_admin or self.kind == "system" or (self.kind == "platform" and self.jurisdictions is None)


ANONYMOUS = Actor(kind="anonymous", id="anonymous")
SYSTEM = Actor(kind="system", id="system", label="ComP Hub", scopes=frozenset({"admin"}), jurisdictions=None)
