"""Real PostgreSQL (fsync on) and Redis for the run, a database of its own, and the processes that are measured."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from services.local.engines.postgres import Postgres
from services.local.engines.redis import Redis
from services.local.migrate import upgrade

SECRET = "a secret of the benchmarks only, long enough"


@dataclass
class Place:
    """Where the benchmarks run."""

    database_url: str
    redis_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a service of ours is started with: production settings, but a limit that the load does not meet."""
        return os.environ | {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET,
            "ENVIRONMENT": "production",
            "RATE_LIMIT": "1000000000/minute",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "",
        }


@contextlib.asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """Engines (ours unless DATABASE_URL or REDIS_URL names others) and a fresh, migrated database that is dropped at the end."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    with tempfile.TemporaryDirectory(prefix="comphub-bench-", ignore_cleanup_errors=True) as folder:
        postgres, redis = Postgres(Path(folder) / "postgres"), Redis(Path(folder) / "redis")
        try:
            if not given[0]:
                postgres.start()
            if not given[1]:
                redis.start()
            server = given[0] or postgres.url("postgres")
            async with _database(server) as url:
                yield Place(url, given[1] or redis.url())
        finally:
            redis.stop()
            postgres.stop()


@contextlib.asynccontextmanager
async def _database(server: str) -> AsyncIterator[str]:
    name = f"bench_{uuid.uuid4().hex[:12]}"
    head, _, query = server.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        await asyncio.to_thread(upgrade, url)  # it runs a loop of its own
        yield url
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@dataclass
class Server:
    """One server process of one worker on loopback."""

    process: "subprocess.Popen[bytes]"
    port: int
    application: str

    @property
    def pid(self) -> int:
        return self.process.pid


@contextlib.contextmanager
def server(module: str, where: Place, probe: str, application: str) -> Iterator[Server]:
    """``python -m module --fd N`` on a listening socket of ours, once it answers ``probe``; PostgreSQL knows it as ``application``."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        port = listener.getsockname()[1]
        with started([module, "--fd", str(listener.fileno())], where, keep=listener.fileno()) as process:
            _until_it_answers(process, f"http://127.0.0.1:{port}{probe}")
            yield Server(process, port, application)


@contextlib.contextmanager
def started(
    command: list[str], where: Place, *, keep: int | None = None, output: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python process of ours, stopped at the end."""
    fds = () if keep is None else (keep,)
    process = subprocess.Popen([sys.executable, "-m", *command], env=where.environment, stdout=output, pass_fds=fds)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _until_it_answers(process: "subprocess.Popen[bytes]", url: str) -> None:
    transport = httpx.HTTPTransport(retries=5)
    with httpx.Client(transport=transport, timeout=30) as client:
        for _ in range(20):
            if process.poll() is not None:
                message = f"{process.args!r} ended with {process.returncode} before it answered"
                raise RuntimeError(message)
            if client.get(url).status_code == 200:  # the socket listens already: this waits for the process
                return
    message = f"{url} never answered 200"
    raise RuntimeError(message)
