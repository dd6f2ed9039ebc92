"""Domain time: PostgreSQL's ``now()`` plus an offset that only the local stack can move.

Deadlines, reminders and releases follow domain time, so that a two-year story can be played in a minute.
Leases never do: they use ``now()`` itself. In production the offset row stays at zero.
"""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, DateTime, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

DOMAIN_NOW: ColumnElement[datetime] = func.domain_now(type_=DateTime(timezone=True))
"""The SQL expression of domain time; also the default of every ``…_at`` column."""


async def now(session: AsyncSession) -> datetime:
    """Domain time, as the transaction of ``session`` sees it (constant within one transaction)."""
    return (await session.execute(select(DOMAIN_NOW))).scalar_one()


async def shift(session: AsyncSession, seconds: float) -> datetime:
    """Move domain time by ``seconds`` (local stack only) and return the new time."""
    await session.execute(text('UPDATE domain_clock SET "offset" = "offset" + make_interval(secs => :s)'), {"s": seconds})
    return await now(session)


def wall() -> datetime:
    """The machine's own clock in UTC: for logs and for what never meets the database."""
    return datetime.now(UTC)
