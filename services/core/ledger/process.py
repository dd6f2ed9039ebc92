"""A process that answers rings: the arq worker of one door, its sweeper and its sign of life.

arq only carries rings here. Everything that it would lose (a killed job, a wiped Redis, a job that raised) is a row in the
task table, found by the sweeper.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from arq.cron import cron
from arq.worker import Worker, func
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.core.kit import log
from services.core.kit.db import Database
from services.core.kit.settings import Settings
from services.core.ledger import ring, sweep
from services.core.ledger.drain import Drain
from services.core.ledger.task import Handler

if TYPE_CHECKING:
    from arq.typing import StartupShutdown, WorkerCoroutine

_SWEEP_LOCK = 0x636F6D70


class Door:
    """One door's process: which queues it drains, with which handlers."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        doors: Mapping[str, str],
        handlers: Mapping[str, Handler],
        at_start: Callable[[Database], Awaitable[object]] | None = None,
        each_minute: Callable[[Database], Awaitable[object]] | None = None,
        each_hour: Callable[[Database], Awaitable[object]] | None = None,
    ) -> None:
        """``at_start`` is done once by each process, before it says that it is ready; when it fails, the process works all the same.

        ``each_minute`` asks whether time alone has made work; ``each_hour`` clears up. Several processes may do so at once.
        """
        self.name = name
        self._at_start = at_start
        self._each_minute = each_minute
        self._each_hour = each_hour
        self._settings = settings
        self.queues = tuple(queue for queue, door in doors.items() if door == name)
        self.database = Database(settings, application=f"comphub-{name}")
        self.bell = ring.Bell(settings, doors)
        self._drain = Drain(self.database, handlers, settings)
        self._process = f"{socket.gethostname()}:{os.getpid()}"

    async def drain(self, _: dict[Any, Any], queue: str) -> None:
        """The one arq function: claim and run one batch; a full batch rings again, so that others wake."""
        await self.bell.answered(queue)
        claimed = await self._drain(queue)
        while claimed:
            if claimed >= self._settings.task_batch:
                self.bell.want(queue)
            claimed = await self._drain(queue)

    async def sweep(self, _: dict[Any, Any]) -> None:
        """Ring for what is due; leave a sign of life. Safe to run in several processes at once."""
        await sweep.sweep(self.database, self.queues)
        await sweep.beat(self.database, service=self.name, process=self._process)

    async def minute(self, _: dict[Any, Any]) -> None:
        """Once a minute: ask whether time alone has made work."""
        if self._each_minute is not None:
            await self._each_minute(self.database)

    async def tidy(self, _: dict[Any, Any]) -> None:
        """Once an hour: forget what has served."""
        await sweep.tidy(self.database)
        if self._each_hour is not None:
            await self._each_hour(self.database)

    async def _start(self, _: dict[Any, Any]) -> None:
        ring.hang(self.bell)
        if self._at_start is not None:
            try:
                await self._at_start(self.database)
            except Exception as error:  # noqa: BLE001  what could not be planned must not keep everything else from being done
                log.logger.error("start_failed", door=self.name, exc_info=error)
        await self.sweep({})
        log.logger.info("ready", door=self.name, queues=list(self.queues))

    async def _stop(self, _: dict[Any, Any]) -> None:
        ring.hang(None)
        await self.bell.close()
        await self.database.close()

    def worker(self) -> Worker:
        """The arq worker, with every setting that its defaults get wrong for a doorbell."""
        redis = ring.redis_settings(self._settings.redis_url)
        redis.retry_on_error = [RedisConnectionError, RedisTimeoutError]
        redis.conn_retries = 10
        seconds = set(range(0, 60, self._settings.sweep_s))
        return Worker(
            functions=[func(cast("WorkerCoroutine", self.drain), name="drain", keep_result=0, max_tries=1)],
            cron_jobs=[
                cron(cast("WorkerCoroutine", self.sweep), name="sweep", second=seconds, keep_result=0),
                cron(cast("WorkerCoroutine", self.minute), name="minute", second=37, keep_result=0),
                cron(cast("WorkerCoroutine", self.tidy), name="tidy", minute=17, keep_result=0),
            ],
            queue_name=ring.arq_queue(self.name),
            redis_settings=redis,
            on_startup=cast("StartupShutdown", self._start),
            on_shutdown=cast("StartupShutdown", self._stop),
            job_timeout=max(60, int(self._settings.task_lease_s * 2)),
            keep_result=0,
            poll_delay=self._settings.poll_delay_s,
            health_check_interval=5,
            job_completion_wait=25,
            max_jobs=max(4, len(self.queues) * 2),
            job_serializer=ring.serialize,
            job_deserializer=ring.deserialize,
            log_results=False,
        )


def run(door: Door) -> None:
    """Run until told to stop. When Redis drops, arq ends the process; the supervisor starts it again."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    door.worker().run()
