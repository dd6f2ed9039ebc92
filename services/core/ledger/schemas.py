"""Public shapes of the ledger of work."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from services.core.kit.schema import Output, open_enum

STATES = ("pending", "done", "dead", "cancelled")


class WorkTask(Output):
    """One piece of work: who fulfils it, how often it was tried, and why it failed last. The payload holds ids only."""

    id: UUID
    queue: str
    handler: str
    payload: dict[str, Any]
    state: Annotated[str, open_enum(*STATES)]
    attempts: int
    max_attempts: int
    due_at: datetime
    last_error: str | None
    created_at: datetime
    done_at: datetime | None
    dead_at: datetime | None


class WorkTaskPage(Output):
    """A page of tasks."""

    items: list[WorkTask]
    next_cursor: str | None
