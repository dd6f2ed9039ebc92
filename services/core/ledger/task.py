"""The values of the ledger of work: reactions, tasks to write, leases to fulfil, handlers that fulfil them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.core.kit.db import Database, Session
from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from an event: one task on ``queue`` for ``handler``.

    ``key`` makes the task's dedupe key from the event where the effect, not the event, must happen only once.
    """

    queue: str
    handler: str
    key: Callable[[Event], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task to write. ``dedupe_key`` is for ever: a second task of the same key is not written."""

    queue: str
    handler: str
    dedupe_key: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    jurisdiction_id: UUID | None = None
    max_attempts: int = 8


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed task: ours until ``lease_s`` have passed, and only while the row still carries ``token``."""

    id: UUID
    token: UUID
    queue: str
    handler: str
    payload: Mapping[str, Any]
    attempts: int
    max_attempts: int

    def uuid(self, name: str) -> UUID:
        """The id that the payload holds under ``name``."""
        return UUID(self.payload[name])


Work = Callable[[Session, Lease], Awaitable[None]]
WorkAll = Callable[[Session, Sequence[Lease]], Awaitable[None]]
Conversation = Callable[[Database, Lease], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """How tasks of one name are fulfilled: exactly one of ``work``, ``work_all`` and ``conversation``.

    ``work`` runs inside the transaction that also marks its task done, up to ``group`` tasks in one transaction (when a
    group fails, each runs alone). ``work_all`` is given all tasks of the transaction at once, for what is cheaper done as a
    set. ``conversation`` talks to the world outside (SMTP, HTTP): it opens its own transactions,
    holds none while it waits, and ends the task itself with `drain.finish`.

    With ``coalesce``, of the tasks of one transaction that name the same thing (``id`` in the payload) only one is worked, and
    all are done with it. It is for work that reads what is committed and nothing else of its payload: whatever wrote those tasks
    had committed before they were claimed, so that one look sees it all.
    """

    name: str
    work: Work | None = None
    work_all: WorkAll | None = None
    conversation: Conversation | None = None
    group: int = 1
    coalesce: bool = False


def handlers(*groups: Sequence[Handler]) -> dict[str, Handler]:
    """One registry out of several modules' handlers."""
    return {handler.name: handler for group in groups for handler in group}
