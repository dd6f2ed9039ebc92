"""A change feed reads events in the order of commits, by cursors that say when they cannot be followed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text, case, cast, func, select, true
from sqlalchemy.sql.selectable import Select

from services.core import reactions
from services.core.jurisdictions.events import JurisdictionChanged
from services.core.kit import settings as configuration
from services.core.kit.actor import SYSTEM, Actor
from services.core.kit.db import Database, Session
from services.core.kit.errors import Problem
from services.core.kit.ids import new_id
from services.core.kit.settings import Settings
from services.core.kit.statements import Statement, param
from services.core.ledger import feed, record
from services.core.ledger.feed import Changes, Feed
from services.core.ledger.models import EventRow
from tests.fixtures.house import Logins

READER = Actor(kind="platform", id="reader")
SEES = {"sees_all": True, "own": []}


def everything(_: Any) -> Any:
    return true()


def tell(events: Any) -> Select[Any]:
    return select(cast(func.to_json(cast(events.c.subject_id, Text)), Text).label("body")).select_from(events)


class NaiveFeed(Feed):
    """What a feed must not be: it follows the number of events."""

    def _next(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(self._is_mine, EventRow.seq > param("seq", EventRow.seq.type)).order_by(EventRow.seq)


FEED = Feed("test", "jurisdiction", resync=("/v1/jurisdictions",))
NAIVE = NaiveFeed("test", "jurisdiction", resync=())


@pytest.fixture
async def database(settings: Settings, logins: Logins, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database whose events nobody else writes, as its owner."""
    monkeypatch.setattr(configuration, "settings", lambda: settings)
    record.wire(reactions.REACTIONS)
    made = Database(settings.model_copy(update={"database_url": logins.owner}), application="feed-test")
    yield made
    await made.close()


class Reader:
    """Follows a feed; ``seen`` is what it was told, in order."""

    def __init__(self, database: Database, of: Feed = FEED, statement: Statement | None = None) -> None:
        self._database = database
        self._feed = of
        self._statement = statement or of.statement(everything, tell)
        self.cursor: str | None = None
        self.seen: list[str] = []

    async def read(self, *, limit: int = 50, actor: Actor = READER, sees: dict[str, Any] | None = None) -> Changes:
        async with self._database.read() as connection:
            page = await self._feed.page(connection, actor, self._statement, cursor=self.cursor, limit=limit, sees=sees or SEES)
        self.cursor = page.next_cursor
        self.seen += [str(UUID(part.strip('"'))) for part in page.items.decode().strip("[]").split(",") if part]
        return page


async def change(database: Database, subject: UUID | None = None) -> str:
    subject = subject or new_id()
    async with database.transaction() as session:
        record.record(session, SYSTEM, JurisdictionChanged(subject_id=subject, jurisdiction_id=subject))
    return str(subject)


async def change_and_fail(database: Database) -> None:
    async with database.transaction() as session:
        record.record(session, SYSTEM, JurisdictionChanged(subject_id=new_id()))
        await session.before_commit[0](session)  # the event is written
        message = "changed my mind"
        raise RuntimeError(message)


class Slow:
    """A transaction that has written its event and is held before its COMMIT."""

    def __init__(self, database: Database) -> None:
        self.subject = str(new_id())
        self._database = database
        self._has_written, self._may_commit = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with self._database.transaction() as session:
            record.record(session, SYSTEM, JurisdictionChanged(subject_id=UUID(self.subject)))
            session.before_commit.append(self._hold)

    async def _hold(self, _: Session) -> None:
        self._has_written.set()
        await self._may_commit.wait()

    async def written(self) -> "Slow":
        await self._has_written.wait()
        return self

    async def commit(self) -> None:
        self._may_commit.set()
        await self._task


async def test_of_two_that_commit_in_the_wrong_order_a_reader_sees_both(database: Database) -> None:
    first = await Slow(database).written()
    second = await change(database)
    reader, naive = Reader(database), Reader(database, NAIVE)
    assert (await reader.read()).is_empty, "what is later than a running transaction waits for it"
    await naive.read()
    await first.commit()
    await reader.read()
    await naive.read()
    assert reader.seen == [first.subject, second]
    assert naive.seen == [second], "a feed by number alone is blind to the first: this test can tell"


async def test_a_transaction_that_began_first_and_wrote_last_is_seen_too(database: Database) -> None:
    async with database.transaction() as early:
        await (await early.driver()).execute("SELECT pg_current_xact_id()")
        late = await change(database)
        reader = Reader(database)
        assert (await reader.read()).is_empty
        subject = new_id()
        record.record(early, SYSTEM, JurisdictionChanged(subject_id=subject))
    await reader.read()
    assert reader.seen == [str(subject), late]


async def test_what_was_rolled_back_is_never_told(database: Database) -> None:
    before = await change(database)
    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_and_fail(database)
    after = await change(database)
    reader = Reader(database)
    await reader.read()
    assert reader.seen == [before, after]


async def test_several_changes_of_one_subject_on_a_page_are_told_once_by_the_last(database: Database) -> None:
    twice = new_id()
    await change(database, twice)
    other = await change(database)
    await change(database, twice)
    reader = Reader(database)
    await reader.read()
    assert reader.seen == [other, str(twice)]
    apart = Reader(database)
    for _ in range(3):
        await apart.read(limit=1)
    assert apart.seen == [str(twice), other, str(twice)]
    assert (await apart.read(limit=1)).is_empty


async def test_a_page_that_did_not_change_keeps_its_bytes_until_the_next_day(database: Database) -> None:
    await change(database)
    reader = Reader(database)
    full = await reader.read()
    reader.cursor = None
    assert await reader.read() == full
    empty = await reader.read()
    assert (empty.is_empty, empty.next_cursor) == (True, full.next_cursor)
    await shift(database, 1)
    assert (await reader.read()).next_cursor != full.next_cursor


async def test_a_cursor_that_is_followed_never_grows_old(database: Database) -> None:
    await change(database)
    reader = Reader(database)
    await reader.read()
    for _ in range(4):
        await shift(database, feed.KEPT_DAYS)
        await reader.read()
    assert len(reader.seen) == 1


async def test_a_cursor_older_than_ninety_days_says_how_to_begin_anew(database: Database) -> None:
    reader = Reader(database)
    await change(database)
    await reader.read()
    missed = await change(database)
    await shift(database, feed.KEPT_DAYS + 1)
    gone = await refused(reader)
    assert (gone.code, gone.status, gone.extra["resync"]) == ("cursor-expired", 410, ["/v1/jurisdictions"])
    assert "`as_of`" in gone.detail
    reader.cursor = gone.extra["as_of"]
    assert (await reader.read()).is_empty, "what the lists show by now is not told again"
    later = await change(database)
    await reader.read()
    assert reader.seen[-1] == later
    assert missed not in reader.seen


async def test_as_of_loses_nothing_that_is_still_being_written(database: Database) -> None:
    reader = Reader(database)
    await change(database)
    await reader.read()
    await shift(database, feed.KEPT_DAYS + 1)
    running = await Slow(database).written()
    reader.cursor = (await refused(reader)).extra["as_of"]
    await running.commit()
    await reader.read()
    assert reader.seen[-1] == running.subject


async def test_a_cursor_belongs_to_its_caller_its_feed_and_its_callers_rights(database: Database) -> None:
    reader = Reader(database)
    await change(database)
    await reader.read()
    cursor = reader.cursor
    assert cursor is not None
    other = Feed("other", "jurisdiction", resync=())
    for stranger in (
        reader.read(actor=Actor(kind="platform", id="another")),
        reader_of(database, other, cursor).read(),
        *(reader_of(database, FEED, broken).read() for broken in (cursor[:-4], cursor[::-1], "", "x", "=", "é", cursor + "AAAA")),
    ):
        with pytest.raises(Problem) as refusal:
            await stranger
        assert (refusal.value.code, refusal.value.status) == ("invalid-cursor", 400)
    assert (await refused(reader, sees={"sees_all": False, "own": [new_id()]})).code == "cursor-expired"


async def test_a_cursor_tells_nobody_how_much_happens(database: Database) -> None:
    reader = Reader(database)
    for _ in range(3):
        await change(database)
        await reader.read()
    assert reader.cursor is not None
    plain = reader.cursor.encode()
    row = await one(database, "SELECT xid::text, seq::text FROM event ORDER BY seq DESC LIMIT 1")
    assert row[0].encode() not in plain
    assert feed._open(reader.cursor, b"test\nplatform:reader").seq == int(row[1])


async def test_after_a_restore_elsewhere_a_new_epoch_begins_and_the_feed_goes_on(database: Database) -> None:
    reader = Reader(database)
    subjects = [await change(database) for _ in range(3)]
    await reader.read()
    await run(database, "UPDATE event SET xid = (xid::text::bigint + 1000000000)::text::xid8")
    await run(database, "UPDATE feed_epoch SET home = 'another server'")
    fresh = Reader(database)
    assert (await fresh.read()).is_empty, "restored events lie in the future of this server"
    async with database.read() as connection:
        assert await feed.renew_epoch(connection) is True
        assert await feed.renew_epoch(connection) is False
    gone = await refused(reader)
    assert gone.code == "cursor-expired"
    new = await change(database)
    await fresh_read(fresh)
    assert fresh.seen == [*subjects, new]
    reader.cursor = gone.extra["as_of"]
    await reader.read()
    assert reader.seen[-1] == new


async def test_a_cursor_from_the_future_belongs_to_a_database_that_was_set_back(database: Database) -> None:
    reader = Reader(database)
    await change(database)
    await reader.read()
    assert reader.cursor is not None
    bound = b"test\nplatform:reader"
    known = feed._open(reader.cursor, bound)
    reader.cursor = feed._seal(feed.Cursor(known.epoch, known.xid + 1_000_000, known.seq, known.day, known.reach), bound)
    assert (await refused(reader)).code == "cursor-expired"


async def test_an_empty_page_moves_past_what_the_caller_may_not_see_when_that_is_much(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SCAN", 5)
    wanted = new_id()
    mine = FEED.statement(lambda event: case((event.subject_id == wanted, True), else_=False), tell)
    reader = Reader(database, FEED, mine)
    await change(database)
    start = (await reader.read()).next_cursor
    for _ in range(3):
        await change(database)
    assert (await reader.read()).next_cursor == start, "little that is hidden leaves no trace"
    for _ in range(8):
        await change(database)
    moved = await reader.read()
    assert moved.is_empty
    assert moved.next_cursor != start
    await change(database, wanted)
    await reader.read()
    assert reader.seen == [str(wanted)]


def reader_of(database: Database, of: Feed, cursor: str) -> Reader:
    reader = Reader(database, of)
    reader.cursor = cursor
    return reader


async def fresh_read(reader: Reader) -> None:
    reader.cursor = None
    await reader.read()


async def refused(reader: Reader, **how: Any) -> Problem:
    with pytest.raises(Problem) as refusal:
        await reader.read(**how)
    return refusal.value


async def run(database: Database, sql: str, *arguments: Any) -> None:
    async with database.read() as connection:
        await connection.execute(sql, *arguments)


async def one(database: Database, sql: str) -> Any:
    async with database.read() as connection:
        return await connection.fetchrow(sql)


async def shift(database: Database, days: int) -> None:
    await run(database, 'UPDATE domain_clock SET "offset" = "offset" + make_interval(days => $1)', days)
