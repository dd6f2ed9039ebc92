"""Two logins of one gateway: whoever stands where authors stand reads by a login that has no right on who reviews what."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.api.calls import is_author_side
from services.core.accounts.policy import reaches_of, reaches_of_client
from services.core.kit.actor import ANONYMOUS, SYSTEM, Actor
from services.core.kit.ids import new_id
from tests.fixtures.calls import Season
from tests.fixtures.house import House

HERE = UUID("01a20cd5-7edc-7474-9288-8624174e6eee")


class Held:
    """A role, and where it is held."""

    def __init__(self, role: str, *, community: bool = False, jurisdiction: bool = False) -> None:
        self.role = role
        self.community_id = HERE if community else None
        self.jurisdiction_id = HERE if jurisdiction else None


def person(*held: Held) -> Actor:
    return Actor(kind="person", id="p", reaches=reaches_of(held))


def platform(*scopes: str, bound: bool = False) -> Actor:
    return Actor(kind="platform", id="c", reaches=reaches_of_client(scopes, [HERE] if bound else None))


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (ANONYMOUS, True),
        (SYSTEM, False),
        (Actor(kind="reviewer", id="r"), False),
        (person(), True),
        (person(Held("jurisdiction_member", jurisdiction=True)), True),
        (person(Held("jurisdiction_admin", jurisdiction=True)), True),
        (person(Held("reviewer")), True),
        (person(Held("chair", community=True)), False),
        (person(Held("jurisdiction_member", jurisdiction=True), Held("chair", community=True)), False),
        (person(Held("secretariat", community=True)), False),
        (person(Held("secretariat")), False),
        (person(Held("admin")), False),
        (platform("admin"), False),
        (platform("reviews:read"), False),
        (platform("reviews:write", bound=True), False),
        (platform("practices:write", "commitments:write", "memberships:read"), True),
        (platform("practices:write", bound=True), True),
        (platform("sync:write"), True),
    ],
)
def test_who_reads_as_an_author_reads(actor: Actor, *, expected: bool) -> None:
    assert is_author_side(actor) is expected


@pytest.fixture
async def owner(house: House) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(house.logins.owner)
    yield connection
    await connection.close()


async def test_what_the_authors_login_may_not_read_nobody_on_that_side_gets(
    house: House, anonymous: httpx.AsyncClient, owner: "asyncpg.Connection[asyncpg.Record]", capsys: pytest.CaptureFixture[str]
) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    where = f"/v1/practices/{practice['id']}"
    assert (await season.author.get(where)).status_code == 200
    await owner.execute("REVOKE SELECT ON practice FROM cop_author")
    capsys.readouterr()
    refused = await season.author.get(where)
    assert (refused.status_code, refused.json()["code"]) == (500, "internal-error")
    assert "permission" not in refused.text
    assert "permission denied for table practice" in capsys.readouterr().out, "and the log says why"
    assert (await anonymous.get("/v1/practices")).status_code == 500
    assert (await house.admin.get(where)).status_code == 200, "the secretariat reads by the gateway's own login"
    reviews = await house.platform("practices:read", "reviews:read")
    assert (await reviews.get(where)).status_code == 200
    # What an author writes is the gateway's work.
    written = await season.author.patch(where, json={"title": "Shade for schools"}, headers={"If-Match": "*"})
    assert written.status_code != 500


async def test_an_author_reads_what_was_released_without_a_right_on_reviews(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    for path in ("", "/reviews", "/assessment"):
        answer = await season.author.get(f"/v1/practices/{practice['id']}{path}")
        assert answer.status_code in (200, 404), (path, answer.text)
    assert (await season.author.get(f"/v1/practices/{new_id()}/reviews")).status_code == 404


async def test_who_is_signed_in_nowhere_opens_no_second_pool(app: FastAPI, house: House) -> None:
    assert (await house.admin.get("/v1/communities")).status_code == 200
    assert app.state.database._authors._idle == []
    assert (await house.client(None).get("/v1/communities")).status_code == 200
    assert len(app.state.database._authors._idle) == 1
