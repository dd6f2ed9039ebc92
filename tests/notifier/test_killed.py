"""The notifier as a process of its own, killed at the worst moments, and what its log says."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.core.kit.crypto import unseal
from tests.fixtures.house import House
from tests.fixtures.smtp import Relay
from tests.notifier.waiting import until

pytestmark = pytest.mark.faults
Post = Callable[..., Awaitable[str]]
Look = Callable[[str], Awaitable[Any]]
ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 2


@asynccontextmanager
async def notifier(house: House) -> AsyncIterator[asyncio.subprocess.Process]:
    """A notifier of this test's database, relay and Redis, ended by SIGKILL."""
    settings = house.settings
    environment = {
        **os.environ,
        "DATABASE_URL": house.logins.notifier,
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "PUBLIC_URL": settings.public_url,
        "ENVIRONMENT": "test",
        "SWEEP_S": "1",
        "TASK_LEASE_S": str(LEASE_S),
        "LETTER_RETRY_S": "0.2",
        "LETTER_REPLY_S": str(LEASE_S),
        "LETTER_DOUBT_S": "900",
        "RETRY_FIRST_S": "0.2",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.notifier.probing_notifier",
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def orphaned(house: House, key: str) -> bool:
    """Whether the lease of the letter's task has run out."""
    [task] = await house.rows("SELECT lease_until IS NULL OR lease_until < now() AS free FROM task WHERE dedupe_key = $1", key)
    return bool(task["free"])


async def test_killed_between_writing_and_sending_the_next_one_sends_the_same_bytes(
    house: House, relay: Relay, post: Post, letter: Look
) -> None:
    relay.fail("banner silence")
    key = await post(words="Frozen once")

    async def stuck() -> bool:
        return relay.connections == 1 and await letter(key) is not None

    async with notifier(house):
        await until(stuck)
    row = await letter(key)
    assert row["state"] == "ready"
    frozen = unseal(house.settings.secret_key.get_secret_value(), "letter", row["raw"], about=row["id"].bytes)
    await until(lambda: orphaned(house, key))
    await house.work("letters")
    assert [accepted.raw for accepted in relay.accepted] == [frozen]
    assert (await letter(key))["state"] == "sent"


async def test_killed_after_the_dot_the_letter_is_in_doubt_and_sent_once_more(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("silence after acceptance")
    key = await post()

    async def accepted() -> bool:
        return len(relay.accepted) == 1

    async with notifier(house):
        await until(accepted)
    assert (await letter(key))["state"] == "transmitting"
    await until(lambda: orphaned(house, key))
    await house.work("letters")
    row = await letter(key)
    assert (row["state"], row["in_doubt_count"]) == ("in_doubt", 1)
    await house.shift(seconds=901)
    await house.work("letters")
    row = await letter(key)
    assert (row["state"], row["in_doubt_count"]) == ("sent", 1)
    assert len(relay.accepted) == 2
    assert len({copy.raw for copy in relay.accepted}) == 1


async def test_killed_again_and_again_every_letter_arrives_once_or_its_doubt_is_recorded(
    house: House, relay: Relay, post: Post, letter: Look
) -> None:
    relay.slow_s = 0.05
    keys = [await post(words=f"number {n}") for n in range(40)]
    for run in range(4):
        relay.faults.extend(["slow acceptance"] * 10)
        goal = 8 * (run + 1)

        async def some(goal: int = goal) -> bool:
            return len(relay.accepted) >= goal

        async with notifier(house):
            await until(some)
    relay.faults.clear()
    for key in keys:
        await until(lambda key=key: orphaned(house, key))  # type: ignore[misc]
    await house.work("letters")
    await house.shift(seconds=901)
    await house.work("letters")
    rows = {row["message_id"]: row for row in [await letter(key) for key in keys]}
    copies: dict[str, int] = dict.fromkeys(rows, 0)
    for accepted in relay.accepted:
        copies[accepted.message["Message-ID"]] += 1
    assert {row["state"] for row in rows.values()} == {"sent"}
    assert all(1 <= copies[each] <= 1 + rows[each]["in_doubt_count"] <= 2 for each in rows)


async def test_no_address_and_no_token_is_in_the_log(house: House, relay: Relay, post: Post, letter: Look) -> None:
    relay.fail("rcpt 451", "rcpt 550", "cut after acceptance", "banner 421", "dot 554")
    keys = [await post() for _ in range(6)] + [await post(unwritable=True), await post(email="邮箱@city.example")]

    async def over() -> bool:
        tasks = await house.rows(
            "SELECT 1 FROM task WHERE dedupe_key = ANY($1) AND state = 'pending' AND due_at < domain_now() + '1 minute'", keys
        )
        failed = await house.rows("SELECT 1 FROM task WHERE dedupe_key = ANY($1) AND state = 'pending' AND attempts > 3", keys)
        return len(tasks) == len(failed)

    async with notifier(house) as process:
        await until(over)
        process.kill()
        said = (await process.communicate())[0].decode()
    for event in ("letter_sent", "letter_in_doubt", "letter_postponed", "letter_dead", "letter_unwritable", "task_failed"):
        assert event in said
    assert "@city.example" not in said
    assert "Vb1x0aVCq3m8" not in said
    assert "Wang" not in said
