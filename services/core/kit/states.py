"""State machines as tables, with one gate each."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.core.kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Machine:
    """``moves[action][status]`` is the status after the action. ``internal`` actions are ours alone, never offered."""

    name: str
    statuses: tuple[str, ...]
    moves: Mapping[str, Mapping[str, str]]
    internal: frozenset[str] = frozenset()

    def allowed(self, status: str) -> list[str]:
        """The actions that a caller may try in ``status``, in the table's order."""
        return [action for action, steps in self.moves.items() if status in steps and action not in self.internal]

    def next(self, status: str, action: str) -> str:
        """The one gate: the status after ``action``, or a 409 that says what is allowed instead."""
        after = self.moves.get(action, {}).get(status)
        if after is None:
            actions = self.allowed(status)
            offered = ", ".join(actions) if actions else "nothing"
            detail = f"A {self.name} that is {status} does not allow “{action}”; it allows {offered}."
            raise Problem("invalid-transition", detail, extra={"current_status": status, "allowed_actions": actions}) from None
        return after

    def offered(self, action: str) -> bool:
        """Whether ``action`` is one that callers may name at all."""
        return action in self.moves and action not in self.internal

    def check_sql(self, column: str = "status") -> str:
        """The CHECK constraint that keeps the column inside the machine."""
        return f"{column} IN ({', '.join(repr(status) for status in self.statuses)})"
