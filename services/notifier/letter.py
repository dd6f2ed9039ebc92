"""What a kind of letter is made of; `services.notifier.letters` has them all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.core.kit.db import Session
from services.notifier.reader import Context

Payload = Mapping[str, Any]
Told = Callable[[Session, Payload], Awaitable[Context | None]]
Asked = Callable[[Session, Payload], Awaitable[bool]]
Noted = Callable[[Session, Payload], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Letter:
    """``told`` makes the context out of the task's ids, once; None when there is nothing to tell.

    ``still_true`` is asked before every attempt and again before the dot: a letter that is no longer so is cancelled.
    ``on_relayed`` is told in the transaction that records that the relay took it, or may have taken it.
    """

    told: Told
    sample: Context
    still_true: Asked | None = None
    on_relayed: Noted | None = None


def uuid(payload: Payload, name: str) -> UUID:
    """The id that a task's payload holds under ``name``."""
    return UUID(payload[name])
