"""What happens to the ledger of work by a person's hand."""

from dataclasses import dataclass
from typing import ClassVar

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequeued(Event):
    """A dead task was made due again by an operator."""

    type: ClassVar[str] = "task.requeued"
    subject: ClassVar[str] = "task"
    internal: ClassVar[bool] = True
