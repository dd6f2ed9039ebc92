"""What happens in syncs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.core.ledger.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFinished(Event):
    """A batch of a registry was taken in and changed something; `counts` says how much. One that changed nothing says nothing."""

    type: ClassVar[str] = "sync.finished"
    subject: ClassVar[str] = "sync"

    source: str
    mode: str
    counts: Mapping[str, int]
