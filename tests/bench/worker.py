"""The processes of the queue benchmarks: ``python -m tests.bench.worker pickup | drain | arq-default | arq-tuned``.

``pickup`` is a real door with a handler that notes when it began; ``drain`` drains what is due and tells how long it took;
the others are arq workers with a job that does nothing but note when it began.
"""

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any, cast

import orjson
import uvloop
from arq.connections import RedisSettings
from arq.worker import Worker, func

from services.core.kit import log
from services.core.kit.db import Database, Session
from services.core.kit.settings import Settings, require
from services.core.ledger.drain import Drain
from services.core.ledger.process import Door, run
from services.core.ledger.task import Handler, Lease

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
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    if what == "pickup":
        run(Door("bench", settings, DOORS, HANDLERS))
    elif what == "arq-tuned":
        _arq(settings, max_jobs=50, poll_delay=0.01)
    else:
        _arq(settings)


if __name__ == "__main__":
    main(sys.argv[1])
