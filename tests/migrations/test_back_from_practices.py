"""Back from practices in full with work and rows of theirs: the code before finds nothing that it cannot do with."""

import asyncio
from uuid import UUID

import asyncpg
import orjson
import pytest
from alembic import command

from services.local.migrate import config, upgrade
from tests.api.test_evidence import file
from tests.fixtures.calls import PRACTICE, Season, window
from tests.fixtures.house import House
from tests.fixtures.rubrics import OLD, publish_another

TASKS = "SELECT count(*) FROM task WHERE queue = 'rescoring' OR handler IN ('practices.forget_file', 'reviews.follow_extension')"


async def rescored(house: House, season: Season, version: str, key: str) -> None:
    """Ask for a rescoring."""
    headers = {"Idempotency-Key": key}
    answer = await house.admin.post(f"{season.path}/rescorings", json={"rubric_version": version}, headers=headers)
    assert answer.status_code == 202, answer.text


async def test_what_the_code_before_does_not_know_goes_with_it(house: House, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = publish_another(monkeypatch)
    season = await Season.begin(house, rubric_version=OLD)
    machine = {"ja": {"title": "産業ゼロカーボン同盟", "machine_translated": True}, **PRACTICE["translations"]}
    practice = await season.submitted(translations=machine)
    await house.work("practices")
    await rescored(house, season, other, "one that has ended")
    await house.work("rescoring")
    await rescored(house, season, other, "one that waits")
    draft = await season.draft(title="With a file")
    sent = (await file(season.author, draft)).json()
    assert (await season.author.delete(f"/v1/evidence/{sent['id']}", headers={"If-Match": "*"})).status_code == 204
    assert (await season.amend_call(closes_at=window(closes_at=12)["closes_at"])).status_code == 200
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval(TASKS) > 2
        await asyncio.to_thread(command.downgrade, config(database_url), "0010")
        assert await connection.fetchval(TASKS) == 0
        assert await connection.fetchval("SELECT count(*) FROM job") == await connection.fetchval("SELECT count(*) FROM job_part") == 0
        assert [tuple(row) for row in await connection.fetch("SELECT practice_id, rubric_version FROM assessment")] == [
            (UUID(practice["id"]), OLD)
        ], "what counts stays"
        kept = await connection.fetchval("SELECT translations FROM practice WHERE id = $1", UUID(practice["id"]))
        frozen = orjson.loads(await connection.fetchval("SELECT content FROM practice_version"))["translations"]
        assert orjson.loads(kept) == frozen == {locale: texts(translation) for locale, translation in machine.items()}
        await asyncio.to_thread(upgrade, database_url)
        assert (await season.read(practice))["translations"]["ja"]["machine_translated"] is False
    finally:
        await connection.close()


def texts(translation: dict[str, object]) -> dict[str, object]:
    """A translation as the code before keeps it."""
    every = ("title", "summary", "problem", "actions", "lessons", "transfer_conditions")
    return {name: translation.get(name, "") for name in every}
