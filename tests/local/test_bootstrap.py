"""The first administrator: one API key and one sign-in link, on the terminal and nowhere else."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.core.kit.settings import Settings
from services.local import bootstrap
from tests.fixtures.house import House, Logins

KEY = re.compile(r"cop_test_[\w-]+")
LINK = re.compile(r"http://comphub\.test/sign-in/([\w-]{43})$", re.MULTILINE)


@pytest.fixture
def owner(settings: Settings, logins: Logins) -> Settings:
    """The settings with which an operator runs the command."""
    return settings.model_copy(update={"database_url": logins.owner})


@pytest.fixture
async def client(app: FastAPI) -> Any:
    """A caller of an installation in which nobody is known yet."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://comphub.test") as made:
        yield made


async def test_the_first_administrator_signs_in_with_the_link_that_was_printed(
    client: httpx.AsyncClient, owner: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bootstrap.run(owner, "first@iclei.example", force=False) == 0
    told = capsys.readouterr().out
    [key], [token] = KEY.findall(told), LINK.findall(told)
    assert (await client.get("/v1/people", headers={"X-API-Key": key})).status_code == 200
    opened = await client.post("/v1/sessions", json={"token": token})
    assert opened.status_code == 201
    bearer = {"Authorization": f"Bearer {opened.json()['access_token']}"}
    me = (await client.get("/v1/me", headers=bearer)).json()
    assert (me["email"], [grant["role"] for grant in me["roles"]]) == ("first@iclei.example", ["admin"])
    assert "accounts:grant" in me["actions"]
    again = await client.post("/v1/sessions", json={"token": token})
    assert again.status_code == 401
    connection = await asyncpg.connect(owner.database_url)
    try:
        stored = await connection.fetch("SELECT l::text AS whole FROM sign_in_link l UNION ALL SELECT e::text FROM event e")
        assert not [row for row in stored if token in row["whole"] or key in row["whole"]]
        assert await connection.fetch("SELECT 1 FROM task") == []  # nobody is invited: who bootstraps has the link already
    finally:
        await connection.close()


async def test_the_link_is_valid_for_an_hour(house: House, owner: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await bootstrap.run(owner, "late@iclei.example", force=True) == 0
    assert await bootstrap.run(owner, "soon@iclei.example", force=True) == 0
    late, soon = LINK.findall(capsys.readouterr().out)
    anonymous = house.client(None)
    await house.shift(seconds=3590)
    assert (await anonymous.post("/v1/sessions", json={"token": soon})).status_code == 201
    await house.shift(seconds=11)
    assert (await anonymous.post("/v1/sessions", json={"token": late})).status_code == 401


async def test_nobody_becomes_the_first_administrator_twice(
    client: httpx.AsyncClient, owner: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await bootstrap.run(owner, "first@iclei.example", force=False) == 0
    capsys.readouterr()
    assert await bootstrap.run(owner, "other@iclei.example", force=False) == 1
    refused = capsys.readouterr()
    assert (refused.out, "administrator already" in refused.err) == ("", True)
    assert await bootstrap.run(owner, "no address", force=True) == 1
    assert "cop_" not in capsys.readouterr().out
