"""The ledger: what is recorded becomes work, and each piece of work has its effect exactly once."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text

from services.core import reactions
from services.core.jurisdictions.events import JurisdictionChanged
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Database, Session
from services.core.kit.ids import new_id
from services.core.kit.settings import Settings
from services.core.ledger import record
from services.core.ledger.drain import Drain, backoff, finish
from services.core.ledger.task import Handler, Lease, Reaction, Task
from tests.fixtures.house import Logins

QUEUE = "practices"


@pytest.fixture
async def ledger(settings: Settings, logins: Logins) -> AsyncIterator[Database]:
    """A database with a table in which effects leave a trace."""
    record.wire(reactions.REACTIONS)
    database = Database(settings.model_copy(update={"database_url": logins.owner}), application="ledger-test")
    async with database.read() as connection:
        await connection.execute("CREATE TABLE effect (task uuid, worker text)")
    yield database
    await database.close()


async def write(database: Database, *keys: str, handler: str = "leave", attempts: int = 8) -> None:
    async with database.transaction() as session:
        for key in keys:
            record.schedule(session, Task(queue=QUEUE, handler=handler, dedupe_key=key, max_attempts=attempts))


async def leave(session: Session, lease: Lease) -> None:
    await session.execute(text("INSERT INTO effect VALUES (:task, 'x')"), {"task": lease.id})


async def fail(_: Session, lease: Lease) -> None:
    message = f"{lease.handler} always fails"
    raise ValueError(message)


def drain(database: Database, settings: Settings, *handlers: Handler) -> Drain:
    return Drain(database, {handler.name: handler for handler in handlers}, settings)


async def count(database: Database, sql: str = "SELECT count(*) FROM effect") -> int:
    async with database.read() as connection:
        return int(await connection.fetchval(sql))


async def test_event_and_tasks_commit_with_the_change_or_not_at_all(ledger: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reactions.REACTIONS, JurisdictionChanged, (Reaction(QUEUE, "leave"),))

    async def change_my_mind() -> None:
        async with ledger.transaction() as session:
            record.record(session, SYSTEM, JurisdictionChanged(subject_id=new_id()))
            message = "changed my mind"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_my_mind()
    assert await count(ledger, "SELECT count(*) FROM event") == 0
    async with ledger.transaction() as session:
        record.record(session, SYSTEM, JurisdictionChanged(subject_id=new_id(), reason="因為"))
    assert await count(ledger, "SELECT count(*) FROM event WHERE reason = '因為'") == 1
    assert await count(ledger, "SELECT count(*) FROM task WHERE handler = 'leave' AND state = 'pending'") == 1


async def test_two_drainers_and_one_task_make_one_effect(ledger: Database, settings: Settings) -> None:
    await write(ledger, *(f"t{n}" for n in range(120)))
    handler = Handler("leave", work=leave, group=10)
    drains = [drain(ledger, settings, handler) for _ in range(4)]
    await asyncio.gather(*(one.until_empty(QUEUE) for one in drains))
    assert await count(ledger) == 120
    assert await count(ledger, "SELECT count(DISTINCT task) FROM effect") == 120
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'done'") == 120


async def test_the_same_dedupe_key_is_written_once_for_ever(ledger: Database, settings: Settings) -> None:
    await write(ledger, "same")
    await drain(ledger, settings, Handler("leave", work=leave)).until_empty(QUEUE)
    await write(ledger, "same")
    assert await drain(ledger, settings, Handler("leave", work=leave)).until_empty(QUEUE) == 0
    assert await count(ledger) == 1


async def test_a_zombie_whose_lease_ran_out_changes_nothing(ledger: Database, settings: Settings) -> None:
    await write(ledger, "slow")
    entered, resume = asyncio.Event(), asyncio.Event()

    async def stolen(database: Database, lease: Lease) -> None:
        """A conversation that pauses past its lease before it ends its task."""
        entered.set()
        await resume.wait()
        async with database.transaction() as session:
            await leave(session, lease)
            await finish(session, lease)

    zombie = asyncio.create_task(drain(ledger, settings, Handler("leave", conversation=stolen))(QUEUE))
    await entered.wait()
    async with ledger.read() as connection:
        await connection.execute("UPDATE task SET lease_until = now() - interval '1 second'")
    assert await drain(ledger, settings, Handler("leave", work=leave))(QUEUE) == 1
    resume.set()
    await zombie
    assert await count(ledger) == 1


async def test_a_failing_task_waits_longer_each_time_and_dies_after_its_attempts(ledger: Database, settings: Settings) -> None:
    await write(ledger, "poison", handler="fail", attempts=3)
    await write(ledger, "healthy")
    given = settings.model_copy(update={"retry_first_s": 0.001, "retry_ceiling_s": 0.002})
    work = drain(ledger, given, Handler("fail", work=fail), Handler("leave", work=leave))
    for _ in range(200):
        if await count(ledger, "SELECT count(*) FROM task WHERE state = 'dead'"):
            break
        await work(QUEUE)
    async with ledger.read() as connection:
        row = await connection.fetchrow("SELECT state, attempts, last_error FROM task WHERE dedupe_key = 'poison'")
    assert row is not None
    assert tuple(row) == ("dead", 3, "ValueError: fail always fails")
    assert await count(ledger) == 1


async def test_one_bad_task_in_a_group_spoils_no_other(ledger: Database, settings: Settings) -> None:
    await write(ledger, *(f"t{n}" for n in range(20)))

    async def picky(session: Session, lease: Lease) -> None:
        if (await session.scalar(text("SELECT dedupe_key FROM task WHERE id = :id"), {"id": lease.id})) == "t7":
            message = "not this one"
            raise ValueError(message)
        await leave(session, lease)

    await drain(ledger, settings, Handler("leave", work=picky, group=50))(QUEUE)
    assert await count(ledger) == 19
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'pending' AND last_error LIKE '%not this one'") == 1


async def test_a_group_worked_as_a_set_is_given_whole_and_one_by_one_when_it_fails(ledger: Database, settings: Settings) -> None:
    await write(ledger, *(f"t{n}" for n in range(20)))
    sets: list[int] = []

    async def all_at_once(session: Session, leases: Sequence[Lease]) -> None:
        sets.append(len(leases))
        keys = await session.scalars(text("SELECT dedupe_key FROM task WHERE id = ANY(:ids)"), {"ids": [lease.id for lease in leases]})
        if "t7" in keys.all():
            message = "not this one"
            raise ValueError(message)
        await session.execute(text("INSERT INTO effect SELECT unnest(CAST(:ids AS uuid[])), 'x'"), {"ids": [lease.id for lease in leases]})

    work = drain(ledger, settings, Handler("leave", work_all=all_at_once, group=50))
    await work(QUEUE)
    assert sets == [20] + [1] * 20
    assert await count(ledger) == 19
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'pending' AND last_error LIKE '%not this one'") == 1


async def test_what_dead_workers_left_is_claimed_one_by_one_and_buried_in_the_end(ledger: Database, settings: Settings) -> None:
    await write(ledger, "a", "b", "c", attempts=2)
    orphan = "UPDATE task SET lease_token = gen_random_uuid(), lease_until = now() - interval '1 second', attempts = attempts + 1"
    async with ledger.read() as connection:
        await connection.execute(orphan)
    work = drain(ledger, settings, Handler("leave", work=leave))
    assert await work(QUEUE) == 1
    async with ledger.read() as connection:
        await connection.execute(orphan + " WHERE state = 'pending'")
    await work.until_empty(QUEUE)
    assert await count(ledger) == 1
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'dead' AND last_error = 'its workers died'") == 2


async def test_work_without_a_handler_is_a_failure_that_says_so(ledger: Database, settings: Settings) -> None:
    await write(ledger, "lost", handler="nobody")
    await drain(ledger, settings)(QUEUE)
    assert await count(ledger, "SELECT count(*) FROM task WHERE last_error LIKE '%no handler is called nobody'") == 1


async def test_due_times_follow_the_domain_clock(ledger: Database, settings: Settings) -> None:
    async with ledger.transaction() as session:
        now = await session.scalar(text("SELECT domain_now() + interval '7 days'"))
        record.schedule(session, Task(queue=QUEUE, handler="leave", dedupe_key="later", due_at=now))
    work = drain(ledger, settings, Handler("leave", work=leave))
    assert await work(QUEUE) == 0
    async with ledger.read() as connection:
        await connection.execute("UPDATE domain_clock SET \"offset\" = interval '8 days'")
    assert await work(QUEUE) == 1


THING = "01928f6e-0000-7000-8000-000000000001"


async def about(database: Database, *keys: str, thing: str | None = THING) -> None:
    async with database.transaction() as session:
        for key in keys:
            payload = {} if thing is None else {"id": thing}
            record.schedule(session, Task(queue=QUEUE, handler="leave", dedupe_key=key, payload=payload))


async def test_tasks_about_one_thing_are_one_piece_of_work_when_they_coalesce(ledger: Database, settings: Settings) -> None:
    await about(ledger, "a", "b", "c")
    await about(ledger, "d", thing=str(new_id()))
    await about(ledger, "e", "f", thing=None)
    assert await drain(ledger, settings, Handler("leave", work=leave, group=50, coalesce=True)).until_empty(QUEUE) == 6
    assert await count(ledger) == 4, "one for the three, one for the other, and one for each that is about nothing"
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'done'") == 6
    await about(ledger, "g", "h")
    await drain(ledger, settings, Handler("leave", work=leave, group=50)).until_empty(QUEUE)
    assert await count(ledger) == 6, "without coalescing each is worked"


async def test_what_fails_together_is_tried_alone_and_nothing_is_lost(ledger: Database, settings: Settings) -> None:
    await about(ledger, "a", "b", "c")
    tries: list[str] = []

    async def stumbling(session: Session, lease: Lease) -> None:
        tries.append(str(lease.id))
        await leave(session, lease)
        if len(tries) == 1:
            message = "the first time"
            raise ValueError(message)

    await drain(ledger, settings, Handler("leave", work=stumbling, group=50, coalesce=True)).until_empty(QUEUE)
    assert (len(tries), await count(ledger)) == (4, 3)
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'done'") == 3


async def test_a_worker_that_dies_amid_coalesced_work_leaves_all_of_it(ledger: Database, settings: Settings) -> None:
    await about(ledger, "a", "b", "c")
    entered = asyncio.Event()

    async def dying(session: Session, lease: Lease) -> None:
        await leave(session, lease)
        entered.set()
        await asyncio.Event().wait()

    worker = asyncio.create_task(drain(ledger, settings, Handler("leave", work=dying, group=50, coalesce=True))(QUEUE))
    await entered.wait()
    await about(ledger, "later")
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await count(ledger) == 0
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'pending'") == 4
    async with ledger.read() as connection:
        await connection.execute("UPDATE task SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")
    await drain(ledger, settings, Handler("leave", work=leave, group=50, coalesce=True)).until_empty(QUEUE)
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'done'") == 4
    assert await count(ledger) >= 1


async def test_what_was_written_after_the_claim_is_work_of_its_own(ledger: Database, settings: Settings) -> None:
    """What the worked task could not see yet is never done with it."""
    await about(ledger, "a", "b")

    async def meanwhile(session: Session, lease: Lease) -> None:
        await leave(session, lease)
        if await count(ledger, "SELECT count(*) FROM task") == 2:
            await about(ledger, "c")

    work = drain(ledger, settings, Handler("leave", work=meanwhile, group=50, coalesce=True))
    assert await work(QUEUE) == 2
    assert await count(ledger, "SELECT count(*) FROM task WHERE state = 'pending'") == 1
    assert await work(QUEUE) == 1
    assert await count(ledger) == 2


def test_backoff_grows_threefold_up_to_its_ceiling() -> None:
    waits = [backoff(attempt, 5, 14_400) for attempt in range(1, 9)]
    for attempt, wait in enumerate(waits):
        middle = min(5 * 3.0**attempt, 14_400)
        assert 0.8 * middle <= wait <= 1.2 * middle
