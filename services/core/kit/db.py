"""The database: one place where transactions begin, commit and roll back, and one pool for reads.

Use cases run in `Database.transaction` on a SQLAlchemy session; reads, and the few writes with a performance goal, run
statements that are compiled once (`kit.statements`) on the driver's connection. One request is one transaction: what a
session's `before_commit` hooks write (events, tasks, the idempotency record) commits with the change itself, and the
`after_commit` hooks run only when that is durable; `after_rollback` hooks, only when it is certain that nothing is.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Protocol, cast

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from services.core.kit.connections import KEPT_STATEMENTS, Connections, Use, connect, driver_url, sqlalchemy_url
from services.core.kit.settings import Settings

UNAVAILABLE = (
    PoolTimeoutError,
    OperationalError,
    asyncpg.PostgresConnectionError,  # class 08: the line broke
    asyncpg.OperatorInterventionError,  # class 57: shut down, crashed, starting, cancelled
    asyncpg.InsufficientResourcesError,  # class 53: too many connections, disk or memory full
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    FileNotFoundError,  # the server's socket, while it starts again
    ConnectionError,
    TimeoutError,
)
"""What means “the database cannot answer now”: a 503, never a 500."""


class Unit(Protocol):
    """A transaction in progress, as far as driver statements and the ledger need it: a `Session` or a `DriverSession`."""

    before_commit: list[Callable[[Any], Awaitable[None]]]
    after_commit: list[Callable[[], None]]
    after_rollback: list[Callable[[], Awaitable[None]]]
    request_id: str | None

    @property
    def info(self) -> dict[Any, Any]:
        """What belongs to this transaction."""

    async def driver(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Its connection."""


class Session(AsyncSession):
    """A transaction in progress, with what must be written before its commit and told after it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before_commit: list[Callable[[Any], Awaitable[None]]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.after_rollback: list[Callable[[], Awaitable[None]]] = []
        self.is_committing = False
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


class DriverSession:
    """A transaction of driver statements alone, for the writes with a performance goal: no ORM, half the price."""

    def __init__(self, connections: Connections) -> None:
        self.before_commit: list[Callable[[Any], Awaitable[None]]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.after_rollback: list[Callable[[], Awaitable[None]]] = []
        self.is_committing = False
        self.request_id: str | None = None
        self.info: dict[Any, Any] = {}
        self._connections = connections
        self._driver: asyncpg.Connection[asyncpg.Record] | None = None

    async def driver(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The connection; the transaction begins when it is first asked for."""
        if self._driver is None:
            connection = await self._connections.take()
            try:
                await connection.execute("BEGIN")
            except BaseException as error:
                self._connections.give_back(connection, error)
                raise
            self._driver = connection
        return self._driver

    async def flush(self) -> None:
        """Nothing waits: every statement has been sent."""

    async def commit(self) -> None:
        """Make it durable; PostgreSQL answers a COMMIT after a swallowed failure with ROLLBACK, which is no success."""
        if self._driver is not None and (answer := await self._driver.execute("COMMIT")) != "COMMIT":
            raise RuntimeError(f"COMMIT was answered with {answer}: a statement of this transaction had failed")

    async def close(self) -> None:
        """Give the connection back, rolling back what was not committed."""
        if self._driver is None:
            return
        connection, self._driver = self._driver, None
        if connection.is_closed():
            self._connections.give_back(connection, None)
            return
        failure: BaseException | None = None
        try:
            if connection.is_in_transaction():
                await connection.execute("ROLLBACK")
        except BaseException as error:
            failure = error
            raise
        finally:
            self._connections.give_back(connection, failure)


class Database:
    """The engine for transactions and the autocommit pool for reads, over one URL.

    The gateway has a second pool for reads, `read_as_author`: its login role has no right on who reviews what. A pool that is
    never used opens nothing.
    """

    def __init__(self, settings: Settings, *, application: str) -> None:
        self._settings = settings
        self._application = application
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(settings.database_url),
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_timeout=settings.database_pool_timeout_s,
            connect_args={"server_settings": self._server_settings(), "timeout": 5, **KEPT_STATEMENTS},
        )
        # Statements that run on the driver's connection tell SQLAlchemy's pool nothing of a line that broke.
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        self._sessions = async_sessionmaker(self.engine, class_=Session, expire_on_commit=False)
        self._connections = self._pool(settings.database_url)
        author_url = settings.author_database_url or settings.database_url
        self._authors = self._connections if author_url == settings.database_url else self._pool(author_url)

    def _pool(self, url: str) -> Connections:
        size, timeout_s = self._settings.database_pool_size, self._settings.database_pool_timeout_s
        return Connections(partial(connect, driver_url(url), self._server_settings()), size, timeout_s)

    def _server_settings(self) -> dict[str, str]:
        return {
            "application_name": self._application,
            "statement_timeout": f"{int(self._settings.statement_timeout_s * 1000)}",
            "lock_timeout": f"{int(self._settings.lock_timeout_s * 1000)}",
            "idle_in_transaction_session_timeout": "30000",
            "jit": "off",
        }

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()
        await self._authors.close()
        await self.engine.dispose()

    def read(self) -> AbstractAsyncContextManager["asyncpg.Connection[asyncpg.Record]"]:
        """A connection in autocommit mode: each statement is a transaction of its own."""
        return Use(self._connections)

    def read_as_author(self) -> AbstractAsyncContextManager["asyncpg.Connection[asyncpg.Record]"]:
        """The same as the author's login, where ``AUTHOR_DATABASE_URL`` names one."""
        return Use(self._authors)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A session that commits when the block ends well and rolls back otherwise."""
        async with self._sessions() as session:
            try:
                yield session
                await commit(session)
            except BaseException:
                await session.rollback()
                await _undo(session)
                raise
        for told in session.after_commit:
            told()

    def begin(self) -> Session:
        """A session whose end the caller brings about with `commit` and `finish` (the gateway's route class)."""
        return self._sessions()

    def begin_driver(self) -> DriverSession:
        """The same for driver statements alone."""
        return DriverSession(self._connections)


async def commit(session: Session | DriverSession) -> None:
    """Write what belongs to this transaction, then commit. Nothing is acknowledged before this returns."""
    await session.flush()
    for write in session.before_commit:
        await write(session)
    session.is_committing = True
    await session.commit()


async def finish(session: Session | DriverSession, *, committed: bool) -> None:
    """Close the session (rolling back what was not committed) and tell who waits for the commit."""
    await session.close()
    if committed:
        for told in session.after_commit:
            told()
    else:
        await _undo(session)


async def _undo(session: Session | DriverSession) -> None:
    while session.after_rollback and not session.is_committing:
        await session.after_rollback.pop()()


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server has closed this connection; the pool makes a new one")


def driver_error(error: BaseException) -> BaseException:
    """The driver's own exception behind what SQLAlchemy raised, whether that was wrapped (`DBAPIError`) or not."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    if type(error).__module__.startswith("sqlalchemy.") and error.__cause__ is not None:
        return error.__cause__
    return error


def is_unavailable(error: BaseException) -> bool:
    """Whether ``error`` means that the database cannot answer now."""
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_cut or isinstance(error, UNAVAILABLE) or isinstance(driver_error(error), UNAVAILABLE)
