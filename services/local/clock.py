"""The domain clock of a running local stack."""

import asyncio
import re
import sys
from datetime import datetime
from pathlib import Path

from services.core import reactions
from services.core.kit import clock
from services.core.kit.db import Database
from services.core.kit.settings import Settings
from services.core.ledger import ring
from services.local import stack

_SHIFT = re.compile(r"^([+-])(\d+)([dhms])$")
_MOST_S = 3650 * 86_400
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def run(data_dir: Path, shift: str) -> int:
    """Show or move the clock; the exit status."""
    seconds = _seconds(shift)
    if seconds is None or abs(seconds) > _MOST_S:
        print(f"“{shift}” is not a span like +7d, +36h, +90m, +10s or -1d, of ten years at most.", file=sys.stderr)
        return 2
    running = stack.read(data_dir)
    if running is None:
        print(f"No stack runs on {data_dir}: start one with `comphub up`.", file=sys.stderr)
        return 1
    now = asyncio.run(_move(running, seconds))
    print(f"Domain time is {now:%Y-%m-%d %H:%M:%S} UTC.")
    return 0


def _seconds(shift: str) -> int | None:
    if not shift:
        return 0
    match = _SHIFT.match(shift)
    return None if match is None else int(f"{match[1]}1") * int(match[2]) * _SECONDS[match[3]]


async def _move(running: stack.Stack, seconds: int) -> datetime:
    settings = Settings(database_url=running.database_url, redis_url=running.redis_url)
    database = Database(settings, application="comphub-clock")
    bell = ring.Bell(settings, reactions.DOORS)
    try:
        async with database.transaction() as session:
            now = await clock.shift(session, seconds)
        for queue in reactions.DOORS if seconds else ():
            bell.want(queue)
        await bell.settle()
    finally:
        await bell.close()
        await database.close()
    return now
