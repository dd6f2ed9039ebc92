"""The database: one place where transactions begin, commit and roll back, and one pool for reads.

Use cases run in `Database.transaction` on a SQLAlchemy session; reads, and the few writes with a performance goal, run
statements that are compiled once (`kit.statements`) on the driver's connection. One request is one transaction: what a
session's `before_commit` hooks write (events, tasks, the idempotency record) commits with the change itself, and the
`after_commit` hooks run only when that is durable.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from services.core.kit.settings import Settings

UNAVAILABLE = (
    PoolTimeoutError,
    OperationalError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.AdminShutdownError,
    asyncpg.exceptions.ConnectionDoesNotExistError,
    asyncpg.exceptions.TooManyConnectionsError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.InterfaceError,
    ConnectionError,
    TimeoutError,
)
"""What means “the database cannot answer now”: a 503, never a 500."""


class Session(AsyncSession):
    """A transaction in progress, with what must be written before its commit and told after it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before_commit: list[Callable[[Session], Awaitable[None]]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.request_id: str | None = None
        self._driver: asyncpg.Connection[asyncpg.Record] | None = None

    async def driver(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The asyncpg connection of this transaction, for statements that were compiled once.

        SQLAlchemy sends BEGIN with the first statement that it runs itself; ours may come before that, and would be
        transactions of their own.
        """
        if self._driver is None:
            raw = await (await self.connection()).get_raw_connection()
            adapted: Any = raw.dbapi_connection
            if adapted._transaction is None:  # noqa: SLF001  tests/core/kit holds it against SQLAlchemy's next version
                await adapted._start_transaction()  # noqa: SLF001
            self._driver = raw.driver_connection
        return cast("asyncpg.Connection[asyncpg.Record]", self._driver)


class Database:
    """The engine for transactions and the autocommit pool for reads, over one URL."""

    def __init__(self, settings: Settings, *, application: str) -> None:
        self._settings = settings
        self._application = application
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(settings.database_url),
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_timeout=settings.database_pool_timeout_s,
            connect_args={"server_settings": self._server_settings(), "timeout": 5},
        )
        self._sessions = async_sessionmaker(self.engine, class_=Session, expire_on_commit=False)
        self._reads: asyncpg.Pool[asyncpg.Record] | None = None

    def _server_settings(self) -> dict[str, str]:
        return {
            "application_name": self._application,
            "statement_timeout": f"{int(self._settings.statement_timeout_s * 1000)}",
            "lock_timeout": f"{int(self._settings.lock_timeout_s * 1000)}",
            "idle_in_transaction_session_timeout": "30000",
            "jit": "off",
        }

    async def open(self) -> None:
        """Open the pool for reads (its connections are made on demand)."""
        self._reads = await asyncpg.create_pool(
            dsn=driver_url(self._settings.database_url),
            min_size=0,
            max_size=self._settings.database_pool_size,
            max_inactive_connection_lifetime=300,
            server_settings=self._server_settings(),
            timeout=5,
            reset=_keep,
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._reads is not None:
            await self._reads.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection in autocommit mode: each statement is a transaction of its own."""
        if self._reads is None:
            await self.open()
        pool = cast("asyncpg.Pool[asyncpg.Record]", self._reads)
        async with pool.acquire(timeout=self._settings.database_pool_timeout_s) as connection:
            yield cast("asyncpg.Connection[asyncpg.Record]", connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A session that commits when the block ends well and rolls back otherwise."""
        async with self._sessions() as session:
            try:
                yield session
                await commit(session)
            except BaseException:
                await session.rollback()
                raise
        for told in session.after_commit:
            told()

    def begin(self) -> Session:
        """A session whose end the caller brings about with `commit` and `finish` (the gateway's route class)."""
        return self._sessions()


async def commit(session: Session) -> None:
    """Write what belongs to this transaction, then commit. Nothing is acknowledged before this returns."""
    await session.flush()
    for write in session.before_commit:
        await write(session)
    await session.commit()


async def finish(session: Session, *, committed: bool) -> None:
    """Close the session (rolling back what was not committed) and tell who waits for the commit."""
    await session.close()
    if committed:
        for told in session.after_commit:
            told()


def is_unavailable(error: BaseException) -> bool:
    """Whether ``error`` means that the database cannot answer now."""
    if isinstance(error, UNAVAILABLE):
        return True
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or isinstance(cause, UNAVAILABLE)
    return False


def driver_url(url: str) -> str:
    """``url`` in the form that asyncpg reads."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def sqlalchemy_url(url: str) -> str:
    """``url`` in the form that SQLAlchemy reads."""
    return driver_url(url).replace("postgresql://", "postgresql+asyncpg://", 1)


async def _keep(_: object) -> None:
    """Reads leave nothing behind on a connection: asyncpg's reset round trip is saved."""
