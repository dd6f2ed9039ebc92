"""A local stack to be hurt: started as its user would, killed by pid, asked by HTTP and by SQL."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

FAST = {"TASK_LEASE_S": "2", "SWEEP_S": "1", "RETRY_FIRST_S": "0.2", "RETRY_CEILING_S": "1", "LOG_LEVEL": "WARNING", "RELEASE_TICK_S": "1"}
_START_S, _STOP_S = 90, 90


@dataclass
class HurtStack:
    """One running stack on a data folder of its own."""

    folder: Path
    api: httpx.AsyncClient
    database: "asyncpg.Pool[asyncpg.Record]"
    kills: int = field(default=0)

    def card(self) -> dict[str, Any]:
        """stack.json as it is now."""
        found: dict[str, Any] = json.loads((self.folder / "stack.json").read_text())
        return found

    def pids(self, service: str) -> list[int]:
        """The pids of a service now."""
        found = self.card()["pids"][service]
        return found if isinstance(found, list) else [found] if found is not None else []

    def kill(self, service: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill every process of a service; the supervisor starts it again."""
        for pid in self.pids(service):
            try:
                os.kill(pid, how)
                self.kills += 1
            except ProcessLookupError:
                continue  # it is between two lives

    async def kill_running(self, service: str) -> None:
        """Kill a service once it runs (again), so that each kill hits something alive."""
        before = self.kills

        async def killed() -> bool:
            self.kill(service)
            return self.kills > before

        await self.until(killed, 60, f"a {service} runs")

    async def value(self, sql: str, *arguments: Any) -> Any:
        """One value from the database."""
        return await self.database.fetchval(sql, *arguments)

    async def until(self, condition: Callable[[], Awaitable[Any]], seconds: float, what: str) -> Any:
        """The first true answer; fails when there is none in time. A database that is away for a moment is asked again."""
        async with asyncio.timeout(seconds) as limit:
            pause = 0.02
            while True:
                try:
                    if answer := await condition():
                        return answer
                except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                    what = f"{what} ({type(error).__name__})"
                if limit.when() is not None and asyncio.get_running_loop().time() + pause > (limit.when() or 0):
                    message = f"not within {seconds} s: {what}"
                    raise AssertionError(message)
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 0.5)

    async def post(self, path: str, body: Any, *, key: str | None = None, tries: int = 60) -> httpx.Response:
        """POST as a careful client does: with an idempotency key, again after a 503, a 409 in flight or a broken connection."""
        headers = {"Idempotency-Key": key} if key else {}
        for _ in range(tries):
            try:
                answer = await self.api.post(path, json=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            in_flight = answer.status_code == 409 and answer.json()["code"] == "idempotency-key-in-flight"
            if answer.status_code < 500 and not in_flight:
                return answer
            await asyncio.sleep(float(answer.headers.get("retry-after", "0.1")) / 5)
        message = f"POST {path} never answered"
        raise AssertionError(message)


@asynccontextmanager
async def hurt_stack(**settings: str) -> AsyncIterator[HurtStack]:
    """An empty stack with short waits, stopped and cleared at the end."""
    with tempfile.TemporaryDirectory(prefix="comphub-fault-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "SMTP_URL")}
        await _comphub(["up", "--empty", "--detach", "--port", "0", "--data-dir", name], {**env, **FAST, **settings}, _START_S)
        try:
            card = json.loads((folder / "stack.json").read_text())
            pool = await asyncpg.create_pool(card["database_url"], min_size=1, max_size=4)
            headers = {"X-API-Key": card["admin_api_key"]}
            async with pool, httpx.AsyncClient(base_url=card["api_url"], headers=headers, timeout=30) as api:
                yield HurtStack(folder, api, pool)
        finally:
            await _comphub(["down", "--data-dir", name], env, _STOP_S)


async def _comphub(arguments: list[str], env: dict[str, str], seconds: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.local", *arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), seconds)
    assert process.returncode == 0, output.decode()
