"""Run as a program by the tests: a small but whole local stack, as `comphub up` runs one."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.local import stack
from services.local.engines.identity import Identity
from services.local.engines.mailbox import mailbox_command, mailbox_is_ready, read_address
from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis
from services.local.supervisor import Printer, Service, Supervisor

WORKER = "import time; print('at work', flush=True); time.sleep(600)"


async def run(data_dir: Path) -> None:
    postgres = Postgres(stack.postgres_dir(data_dir), fsync=False)
    redis = Redis(stack.redis_dir(data_dir))
    mailbox = stack.mailbox_dir(data_dir)

    def noted(running: Mapping[str, Sequence[Identity]]) -> None:
        stack.note_processes(data_dir, running)

    async with Supervisor(Printer(sys.stdout), on_change=noted) as supervisor:
        await supervisor.start(postgres)
        await supervisor.start(redis)
        await supervisor.start(Service("mailbox", mailbox_command(mailbox), ready=lambda pid: mailbox_is_ready(mailbox, pid)))
        await supervisor.start(Service("worker", [sys.executable, "-c", WORKER], count=2))
        address = read_address(mailbox)
        assert address is not None
        stack.write(
            data_dir,
            stack.Stack(
                api_url="http://127.0.0.1:1",
                mailbox_url=address["mailbox_url"],
                smtp_url=address["smtp_url"],
                database_url=postgres.url(),
                redis_url=redis.url(),
                admin_api_key="key",
                pids=stack.Pids.of(supervisor.identities),
            ),
        )
        await supervisor.wait()
        stack.remove(data_dir)


def main() -> None:
    data_dir = Path(sys.argv[1])
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = stack.lock(data_dir)
    lock.acquire()
    stack.end_leftovers(data_dir)
    asyncio.run(run(data_dir))


if __name__ == "__main__":
    main()
