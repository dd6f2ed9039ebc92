"""Starting the stack's processes in order: engines, schema, keys, services, founding cohort."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx

from services.core.kit.connections import driver_url
from services.core.kit.settings import Settings
from services.local import demonstration, installation, stack
from services.local.engines.mailbox import mailbox_command, read_address
from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis
from services.local.grants import ROLES
from services.local.supervisor import Printer, Service, Supervisor

_PASSWORDS = frozenset(f"{role.upper()}_PASSWORD" for role in ROLES)
_BEAT = "SELECT 1 FROM heartbeat WHERE process = $1 AND seen_at > now() - interval '20 seconds'"


class StartFailed(Exception):
    """The stack could not be started; the message says why and what to do."""


class Running:
    """A stack in the making, on one data folder, under one supervisor."""

    def __init__(self, data_dir: Path, supervisor: Supervisor, printer: Printer) -> None:
        self._data_dir = data_dir
        self._supervisor = supervisor
        self._printer = printer
        self._mailbox_url = ""
        self._listener: socket.socket | None = None

    async def start(self, port: int, counts: Mapping[str, int], *, seeded: bool) -> stack.Stack:
        """Start everything in order and answer what is ready; `StartFailed` or an engine's error says what is not."""
        # Kept for as long as the stack runs: a gateway that is started again inherits the same socket.
        self._listener = listener = _listen(port)
        api_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        logins = await self._postgres()
        settings = Settings(
            database_url=logins.owner,
            redis_url=await self._redis(),
            smtp_url=await self._smtp(),
            public_url=os.environ.get("PUBLIC_URL", api_url),
            secret_key=os.environ.get("SECRET_KEY") or installation.secret_of(self._data_dir),  # type: ignore[arg-type]
            environment="local",
            evidence_url=os.environ.get("EVIDENCE_URL") or stack.evidence_dir(self._data_dir).as_uri(),
        )
        await self._migrate(settings.database_url)
        key = await installation.admin_key(self._data_dir, settings)
        await self._services(settings, logins, listener, api_url, counts)
        if seeded:
            self._printer.progress("seeding the founding cohort")
            async with demonstration.Api(api_url, key) as api:
                await demonstration.seed(api)
        return stack.Stack(
            api_url=api_url,
            mailbox_url=self._mailbox_url,
            smtp_url=settings.smtp_url,
            database_url=settings.database_url,
            redis_url=settings.redis_url,
            admin_api_key=key,
            pids=stack.Pids.of(self._supervisor.identities),
        )

    async def _postgres(self) -> installation.Logins:
        if given := os.environ.get("DATABASE_URL"):
            self._printer.progress("PostgreSQL: the one at DATABASE_URL, with this login for every service")
            return installation.Logins.alike(given, author=os.environ.get("AUTHOR_DATABASE_URL", ""))
        engine = Postgres(stack.postgres_dir(self._data_dir))
        await self._supervisor.start(engine)
        return await installation.make_database(engine)

    async def _redis(self) -> str:
        if given := os.environ.get("REDIS_URL"):
            self._printer.progress("Redis: the one at REDIS_URL")
            return given
        engine = Redis(stack.redis_dir(self._data_dir))
        await self._supervisor.start(engine)
        return engine.url()

    async def _smtp(self) -> str:
        if given := os.environ.get("SMTP_URL"):
            self._printer.progress("mail: the relay at SMTP_URL")
            return given
        folder = stack.mailbox_dir(self._data_dir)

        def listens(pid: int) -> bool:
            address = read_address(folder)
            return address is not None and address["pid"] == pid

        await self._supervisor.start(Service("mailbox", mailbox_command(folder), ready=listens))
        address = read_address(folder)
        if address is None:
            message = "The mailbox did not say where it listens."
            raise StartFailed(message)
        self._mailbox_url = address["mailbox_url"]
        return address["smtp_url"]

    async def _migrate(self, url: str) -> None:
        self._printer.progress("migrating the database")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.local", "migrate",
            env={**os.environ, "DATABASE_URL": url}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        if process.returncode:
            message = f"The database could not be migrated:\n{output.decode(errors='replace')[-2000:]}"
            raise StartFailed(message)

    async def _services(
        self, settings: Settings, logins: installation.Logins, listener: socket.socket, api_url: str, counts: Mapping[str, int]
    ) -> None:
        env = _environment(settings)
        fd = listener.fileno()

        async def answers(_: int) -> bool:
            async with httpx.AsyncClient(timeout=2) as client:
                try:
                    return (await client.get(f"{api_url}/readyz")).is_success
                except httpx.HTTPError:
                    return False

        async def beats(pid: int) -> bool:
            connection = await asyncpg.connect(driver_url(settings.database_url))
            try:
                return bool(await connection.fetchval(_BEAT, f"{socket.gethostname()}:{pid}"))
            finally:
                await connection.close()

        gateway = [sys.executable, "-m", "services.api.main", "--fd", str(fd)]
        worker = [sys.executable, "-m", "services.worker.main"]
        notifier = [sys.executable, "-m", "services.notifier.main"]
        as_api, as_worker, as_notifier = (_logged_in(env, url) for url in (logins.api, logins.worker, logins.notifier))
        as_api["AUTHOR_DATABASE_URL"] = logins.author
        await asyncio.gather(
            self._supervisor.start(Service("gateway", gateway, env=as_api, ready=answers, count=counts["gateway"], pass_fds=(fd,))),
            self._supervisor.start(Service("worker", worker, env=as_worker, ready=beats, count=counts["worker"])),
            self._supervisor.start(Service("notifier", notifier, env=as_notifier, ready=beats, count=counts["notifier"])),
        )


def _listen(port: int) -> socket.socket:
    """The gateway's socket, kept by the supervisor: a restarted gateway finds waiting callers, and several share it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        message = f"Port {port} is taken: choose another with --port, or --port 0 for a free one."
        raise StartFailed(message) from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener


def _environment(settings: Settings) -> dict[str, str]:
    """What the services of a local stack are told: short waits, and no limit that a person would meet."""
    mine = {
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "PUBLIC_URL": settings.public_url,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "ENVIRONMENT": "local",
        "EVIDENCE_URL": settings.evidence_url,
    }
    unless_set = {"RATE_LIMIT": "100000/minute", "RELEASE_TICK_S": "1", "SWEEP_S": "1", "LOG_FORMAT": "console"}
    return {**unless_set, **os.environ, **mine}


def _logged_in(env: Mapping[str, str], url: str) -> dict[str, str]:
    """``env`` for one service: its own login, and nobody else's password."""
    kept = {name: value for name, value in env.items() if name != "AUTHOR_DATABASE_URL" and name not in _PASSWORDS}
    return {**kept, "DATABASE_URL": url}
