"""The notifier with a relay that listens, and a letter of its own to try the way of every letter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from services.core.kit.ids import new_id
from services.core.kit.settings import Settings
from services.core.ledger import record
from services.core.ledger.task import Task
from services.notifier import posting, render
from services.notifier.letters import LETTERS
from services.notifier.tasks.letters import MANY
from tests.fixtures.house import House
from tests.fixtures.smtp import Relay, open_relay
from tests.notifier.probe import PROBE, TEMPLATES

Post = Callable[..., Awaitable[str]]
_LETTER = """
SELECT l.*, t.state AS task, t.last_error, t.attempts AS claims FROM letter l JOIN task t USING (dedupe_key) WHERE dedupe_key = $1
"""


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    """A relay on loopback: `relay.fail(…)` plans faults, `relay.accepted` is what it took."""
    async with open_relay() as opened:
        yield opened


@pytest.fixture
async def settings(settings: Settings, relay: Relay) -> AsyncIterator[Settings]:
    """Short waits, and the relay of this test."""
    given = settings.model_copy(
        update={"smtp_url": relay.url, "letter_retry_s": 0.05, "letter_reply_s": 0.5, "letter_doubt_s": 900, "task_lease_s": 4}
    )
    yield given
    await posting.lines(given).close()


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter “probe” with templates of its own: what the other rooms say about it is its task's payload."""
    monkeypatch.setitem(LETTERS, "probe", PROBE)
    monkeypatch.setattr(render, "TEMPLATES", (*render.TEMPLATES, TEMPLATES))
    render._environment.cache_clear()


@pytest.fixture
def post(probe: None, house: House) -> Post:
    """Write the task of a probe letter; answers its key."""

    async def write(**fields: Any) -> str:
        key = f"letter:probe:{new_id()}"
        given = {"name": "Wang Mei-hua", "email": "reader@city.example", **fields}
        async with house.database.transaction() as session:
            record.schedule(
                session,
                Task(
                    queue="letters",
                    handler="letters.send",
                    dedupe_key=key,
                    payload={"letter": "probe", "key": key, **given},
                    max_attempts=MANY,
                ),
            )
        return key

    return write


@pytest.fixture
def letter(house: House) -> Callable[[str], Awaitable[Any]]:
    """The row of a letter, with the state of its task."""

    async def look(key: str) -> Any:
        rows = await house.rows(_LETTER, key)
        return rows[0] if rows else None

    return look
