"""Waits for something that the services do in their own time, with a deadline and a readable failure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 0.8
GROWTH = 1.5
PATIENCE_S = 60.0


class TooLate(Exception):
    """Something that had to happen didn't within its time; the message says what, and what was last seen."""


async def until(
    look: Callable[[], Awaitable[Found | None]],
    what: str,
    *,
    patience: float | None = None,
    seen: Callable[[], str] | None = None,
) -> Found:
    """Ask `look` until it answers with something; `TooLate` names `what` after `patience` seconds.

    The pause between two looks grows, so that a quick answer is seen at once and a slow one costs few requests.
    """
    allowed = PATIENCE_S if patience is None else patience
    ends = time.monotonic() + allowed
    pause = FIRST_PAUSE_S
    while True:
        found = await look()
        if found is not None:
            return found
        left = ends - time.monotonic()
        if left <= 0:
            tail = f" Last seen: {seen()}" if seen else ""
            raise TooLate(f"{what} didn't happen within {allowed:.0f} s.{tail}")
        await asyncio.sleep(min(pause, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE_S)
