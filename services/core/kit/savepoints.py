"""Parts of a transaction that may fail, or are only tried."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
from sqlalchemy.orm.exc import StaleDataError

from services.core.kit.db import Session, driver_error


class _UndoneError(Exception):
    """Ends a savepoint whose work was only tried."""


@asynccontextmanager
async def savepoint(session: Session, *, undo: bool = False) -> AsyncIterator[None]:
    """A savepoint that is set at once: SQLAlchemy's waits for a statement of its own, and ours go past it.

    ``undo``: what is done in it was only tried, and is rolled back in any case.
    """
    with suppress(_UndoneError):
        async with session.begin_nested():
            await session.connection()
            yield
            if undo:
                raise _UndoneError


def is_refusal(error: BaseException) -> bool:
    """Whether the database was there and said no to a value: a lost connection, a timeout or a deadlock is nobody's fault here."""
    if isinstance(error, StaleDataError):
        return True
    cause = driver_error(error)
    unstorable = isinstance(cause, asyncpg.InterfaceError) and isinstance(cause, ValueError)
    return unstorable or isinstance(cause, asyncpg.IntegrityConstraintViolationError | asyncpg.DataError)
