"""The processes of the queue benchmarks: ``python -m tests.bench.worker pickup | drain | assess | assess-alone | arq-default | arq-tuned``.

``pickup`` is a real door with a handler that notes when it began; ``drain`` drains what is due and tells how long it took;
``assess`` is the worker with its own handlers on the queue of practices alone, ``assess-alone`` calls the pure function on what
was handed in and tells the CPU that it used; the others are arq workers with a job that does nothing but note when it began.
"""

import asyncio
import gc
import sys
import time
from typing import TYPE_CHECKING, Any, cast

import orjson
import uvloop
from arq.connections import RedisSettings
from arq.worker import Worker, func

from services.core import reactions
from services.core.kit import log
from services.core.kit.db import Database, Session
from services.core.kit.settings import Settings, require
from services.core.ledger import record
from services.core.ledger.drain import Drain
from services.core.ledger.process import Door, run
from services.core.ledger.task import Handler, Lease
from services.core.practices import assessment, rubric
from services.core.practices.assessment import Circumstances
from services.core.practices.content import submission_of
from services.worker.tasks import HANDLERS as WORKER

if TYPE_CHECKING:
    from arq.typing import WorkerCoroutine

QUEUE = "bench"
DOORS = {QUEUE: "bench"}
SCHEMA = """
CREATE TABLE bench_effect (task_id uuid PRIMARY KEY, started double precision NOT NULL);
"""
_EFFECT = "INSERT INTO bench_effect (task_id, started) VALUES ($1, $2)"
STARTS = "comphub:bench:starts"


async def _note(session: Session, lease: Lease) -> None:
    """A small effect: one row, inside the transaction that ends the task."""
    started = time.time()
    await (await session.driver()).execute(_EFFECT, lease.id, started)


HANDLERS = {"bench.note": Handler("bench.note", work=_note, group=50)}


async def _drain(settings: Settings) -> None:
    database = Database(settings, application="bench-drain")
    drain = Drain(database, HANDLERS, settings)
    began = time.perf_counter()
    done = await drain.until_empty(QUEUE)
    seconds = time.perf_counter() - began
    await database.close()
    sys.stdout.write(orjson.dumps({"done": done, "seconds": seconds}).decode() + "\n")


async def _alone(settings: Settings) -> None:
    database = Database(settings, application="bench-alone")
    query = "SELECT v.content::text AS content, c.themes, c.rubric_version FROM practice_version v JOIN practice p ON p.id = v.practice_id"
    async with database.read() as connection:
        rows = await connection.fetch(f"{query} JOIN call c ON c.id = p.call_id")
    await database.close()
    given = [
        (submission_of(orjson.loads(row["content"])), Circumstances(2026, tuple(row["themes"])), rubric.load(row["rubric_version"]))
        for row in rows
    ]
    _few_collections()
    began = time.process_time()
    for submission, circumstances, asked in given:
        assessment.assess(submission, circumstances, asked)
    used = time.process_time() - began
    sys.stdout.write(orjson.dumps({"done": len(given), "cpu_s": used}).decode() + "\n")


def _few_collections() -> None:
    """As `services.worker.main` does it."""
    gc.freeze()
    gc.set_threshold(50_000, 25, 25)


async def _noop(context: dict[Any, Any]) -> None:
    await context["redis"].rpush(STARTS, time.time())


def _arq(settings: Settings, **tuned: Any) -> None:
    functions = [func(cast("WorkerCoroutine", _noop), name="noop")]
    Worker(functions=functions, redis_settings=RedisSettings.from_dsn(settings.redis_url), handle_signals=True, **tuned).run()


def main(what: str) -> None:
    """Run one of them."""
    settings = require("worker")
    log.configure("bench", form="json", level="WARNING")
    if what == "drain":
        uvloop.run(_drain(settings))
        return
    if what == "assess-alone":
        uvloop.run(_alone(settings))
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    if what == "pickup":
        run(Door("bench", settings, DOORS, HANDLERS))
    elif what == "assess":
        record.wire(reactions.REACTIONS)
        made = Door("bench", settings, reactions.DOORS | {"practices": "bench"}, WORKER)
        _few_collections()
        run(made)
    elif what == "arq-tuned":
        _arq(settings, max_jobs=50, poll_delay=0.01)
    else:
        _arq(settings)


if __name__ == "__main__":
    main(sys.argv[1])
