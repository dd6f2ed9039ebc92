"""Waiting for what another process, or another task of this one, will do."""

import asyncio
from collections.abc import Awaitable, Callable

PAUSE_S = 0.02


async def until(look: Callable[[], Awaitable[bool]], *, at_most_s: float = 20) -> None:
    """Look again and again until ``look`` says yes; `TimeoutError` when it never does."""
    async with asyncio.timeout(at_most_s):
        seen = await look()
        while not seen:
            await asyncio.sleep(PAUSE_S)
            seen = await look()
