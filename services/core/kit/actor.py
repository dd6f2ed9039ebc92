"""Who acts: a value that every use case and every event carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

ActorKind = Literal["anonymous", "platform", "person", "reviewer", "system"]

EVERY_ACTION = "*"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an action may be done: everywhere, or in these communities and for these jurisdictions."""

    everywhere: bool = False
    communities: frozenset[UUID] = frozenset()
    jurisdictions: frozenset[UUID] = frozenset()

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(self.everywhere or other.everywhere, self.communities | other.communities, self.jurisdictions | other.jurisdictions)


NOWHERE = Reach()
EVERYWHERE = Reach(everywhere=True)


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal, what it may do where, and through what it acts (``key:…``, ``session:…``: the audit names it)."""

    kind: ActorKind
    id: str
    label: str = ""
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    via: str = ""

    @property
    def principal(self) -> str:
        """The stable name under which limits, idempotency keys and cursors are kept."""
        return f"{self.kind}:{self.id}"

    def reach(self, action: str) -> Reach:
        """Where ``action`` may be done; ``x:write`` includes ``x:read``."""
        found = self.reaches.get(EVERY_ACTION, NOWHERE) | self.reaches.get(action, NOWHERE)
        resource, _, verb = action.partition(":")
        return found | self.reaches.get(f"{resource}:write", NOWHERE) if verb == "read" else found

    def may(self, action: str) -> bool:
        """Whether ``action`` is held at all, be it for a single jurisdiction or (a client that is bound to none) for none yet."""
        resource, _, verb = action.partition(":")
        names = (EVERY_ACTION, action, f"{resource}:write") if verb == "read" else (EVERY_ACTION, action)
        return any(name in self.reaches for name in names)

    def everywhere(self, action: str) -> bool:
        """Whether ``action`` may be done without bounds."""
        return self.reach(action).everywhere

    def may_for(self, action: str, *, jurisdiction: UUID | None = None, community: UUID | None = None) -> bool:
        """Whether ``action`` may be done with what belongs to ``jurisdiction`` or to ``community``."""
        reach = self.reach(action)
        return reach.everywhere or jurisdiction in reach.jurisdictions or community in reach.communities


ANONYMOUS = Actor(kind="anonymous", id="anonymous")
SYSTEM = Actor(kind="system", id="system", label="ComP Hub", reaches={EVERY_ACTION: EVERYWHERE}, via="task")
