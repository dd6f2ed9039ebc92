"""Signing in through HTTP: links that are used once, sessions that end at once, and nothing for the curious to learn."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.api.limits import RateLimiter
from services.core.accounts import service
from services.core.kit.tokens import digest, new_session_token, new_token
from tests.fixtures.cohort import Cohort
from tests.fixtures.house import House
from tests.fixtures.statements import Counter

Json = dict[str, Any]
ANA = {"email": "Ana@Kaohsiung.example", "name": "Ana Lin", "locale": "en", "time_zone": "Asia/Taipei"}
ANY = {"If-Match": "*"}
SECOND = 1.0
"""How long a gateway may still believe what it knew: `key_cache_s`."""


async def _person(house: House, **fields: Any) -> Json:
    made = await house.admin.post("/v1/people", json=ANA | fields)
    assert made.status_code == 201, made.text
    person: Json = made.json()
    return person


async def _link(house: House, person: Json, *, purpose: str = "sign_in", seconds: float = 900) -> str:
    """The secret of a link, as a letter would bring it."""
    async with house.database.transaction() as session:
        return await service.mint_sign_in_link(session, UUID(person["id"]), purpose, seconds=seconds)


async def _signed_in(house: House, token: str) -> httpx.AsyncClient:
    opened = await house.client(None).post("/v1/sessions", json={"token": token})
    assert opened.status_code == 201, opened.text
    client = house.client(None)
    client.headers["Authorization"] = f"Bearer {opened.json()['access_token']}"
    return client


async def _until_refused(ask: Callable[[], Awaitable[httpx.Response]], status: int = 401) -> float:
    """Ask until the answer is ``status``; how many seconds that took."""
    begun = time.monotonic()
    while (await ask()).status_code != status:
        assert time.monotonic() - begun < 5
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def _ask(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await client.post("/v1/sign-in-links", json={"email": email})


async def test_a_link_becomes_a_session_once(house: House, anonymous: httpx.AsyncClient) -> None:
    person = await _person(house, roles=[{"role": "secretariat"}])
    token = await _link(house, person)
    opened = await anonymous.post("/v1/sessions", json={"token": token})
    assert opened.status_code == 201
    assert opened.headers["cache-control"] == "no-store"
    body = opened.json()
    assert (body["token_type"], body["person"]) == ("Bearer", person)
    assert body["access_token"].startswith("cos_")
    again = await anonymous.post("/v1/sessions", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (401, "unauthenticated")
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    assert (await anonymous.get("/v1/people", headers=bearer)).status_code == 200
    as_key = await anonymous.get("/v1/people", headers={"X-API-Key": body["access_token"]})
    assert (as_key.status_code, "Bearer" in as_key.json()["detail"]) == (401, True)
    [link], [session] = await house.rows("SELECT * FROM sign_in_link"), await house.rows('SELECT * FROM "session"')
    assert (link["token_hash"], session["token_hash"]) == (digest(token), digest(body["access_token"]))
    events = await house.rows("SELECT type, event::text AS whole FROM event WHERE type LIKE 'person.signed%'")
    assert [event["type"] for event in events] == ["person.signed_in"]
    assert token not in events[0]["whole"]
    assert body["access_token"] not in events[0]["whole"]


async def test_of_twenty_who_use_a_link_at_once_one_does(house: House, anonymous: httpx.AsyncClient) -> None:
    token = await _link(house, await _person(house))
    answers = await asyncio.gather(*(anonymous.post("/v1/sessions", json={"token": token}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 19
    assert len(await house.rows('SELECT 1 FROM "session"')) == 1


async def test_unknown_used_expired_and_orphaned_links_answer_alike(house: House, anonymous: httpx.AsyncClient) -> None:
    person, gone = await _person(house), await _person(house, email="ben@kaohsiung.example")
    used, expired, orphaned = await _link(house, person), await _link(house, person, seconds=1), await _link(house, gone)
    await anonymous.post("/v1/sessions", json={"token": used})
    await house.rows("UPDATE person SET deleted_at = now() WHERE id = $1", UUID(gone["id"]))
    await house.shift(seconds=2)
    answers = [await anonymous.post("/v1/sessions", json={"token": token}) for token in (new_token(), used, expired, orphaned, "x")]
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert told[0]["status"] == 401
    assert all(each == told[0] for each in told)
    assert {tuple(sorted(set(answer.headers) - {"x-request-id"})) for answer in answers} == {
        tuple(sorted(set(answers[0].headers) - {"x-request-id"}))
    }


async def test_a_link_and_a_session_end_with_domain_time(house: House, anonymous: httpx.AsyncClient) -> None:
    person = await _person(house)
    client, later = await _signed_in(house, await _link(house, person)), await _link(house, person, seconds=900)
    assert (await client.get("/v1/me")).status_code == 200
    await house.shift(seconds=901)
    assert (await anonymous.post("/v1/sessions", json={"token": later})).status_code == 401
    assert (await client.get("/v1/me")).status_code == 200
    await house.shift(hours=12)
    assert await _until_refused(lambda: client.get("/v1/people")) < SECOND + 1


async def test_an_unknown_address_is_answered_alike_and_leaves_nothing(
    house: House, anonymous: httpx.AsyncClient, counter: Counter
) -> None:
    await _person(house)
    await house.work("letters")
    await _ask(anonymous, "warm@up.example")
    seen, answers = [], []
    for email in ("ana+tag@kaohsiung.example", "stranger@nowhere.example"):
        with counter.count() as statements:
            answers.append(await _ask(anonymous, email))
        seen.append(statements.seen)
    assert seen[0] == seen[1]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    tasks = await house.rows("SELECT task::text AS whole FROM task WHERE handler = 'letters.sign_in_link'")
    assert len(tasks) == 3
    assert not [task for task in tasks if "nowhere" in task["whole"] or "kaohsiung" in task["whole"]]
    await house.work("letters")
    letters = await house.rows("SELECT kind, to_addr FROM letter ORDER BY created_at, id")
    assert [tuple(letter) for letter in letters] == [("person_invited", "Ana@kaohsiung.example"), ("sign_in_link", "Ana@kaohsiung.example")]
    assert len(await house.rows("SELECT 1 FROM sign_in_link WHERE purpose = 'sign_in'")) == 1
    assert len(await house.rows("SELECT 1 FROM person")) == 1
    assert (await _ask(anonymous, "not an address")).status_code == 422


async def test_a_person_gets_one_link_in_a_minute(house: House, anonymous: httpx.AsyncClient) -> None:
    await _person(house)
    into = (await house.rows("SELECT extract(second FROM domain_now())::float AS s"))[0]["s"]
    await house.shift(seconds=60.5 - into)  # a minute has just begun
    for email in ("ana@kaohsiung.example", "ANA+x@Kaohsiung.example", "ana@kaohsiung.example"):
        assert (await _ask(anonymous, email)).status_code == 202
        await house.work("letters")
    assert len(await house.rows("SELECT 1 FROM task WHERE handler = 'letters.sign_in_link'")) == 1
    many = "SELECT count(*) AS n FROM sign_in_link WHERE purpose = 'sign_in'"
    assert (await house.rows(many))[0]["n"] == 1
    await house.shift(seconds=60)
    await _ask(anonymous, "ana@kaohsiung.example")
    await house.work("letters")
    assert (await house.rows(many))[0]["n"] == 2


async def test_one_address_may_only_try_so_often(house: House, anonymous: httpx.AsyncClient) -> None:
    house.app.state.sign_in_limiter = RateLimiter("5/hour", house.settings.redis_url, name="sign-in")
    answers = [await anonymous.post("/v1/sessions", json={"token": new_token()}) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    for late in (
        await anonymous.post("/v1/sessions", json={"token": new_token()}),
        await _ask(anonymous, "ana@kaohsiung.example"),
        await house.admin.post("/v1/sessions", json={"token": new_token()}),
        await anonymous.post(f"/sign-in/{new_token()}", data={"me": "yes"}),
    ):
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) > 0
    assert (await anonymous.get("/v1/communities")).status_code == 200


async def test_an_idempotent_sign_in_gives_the_same_session_again(house: House, anonymous: httpx.AsyncClient) -> None:
    token, key = await _link(house, await _person(house)), {"Idempotency-Key": "k"}
    first = await anonymous.post("/v1/sessions", json={"token": token}, headers=key)
    again = await anonymous.post("/v1/sessions", json={"token": token}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await anonymous.post("/v1/sessions", json={"token": token}, headers={"Idempotency-Key": "l"})).status_code == 401
    stored = await house.rows("SELECT body FROM idempotency WHERE body IS NOT NULL")
    assert not [row for row in stored if first.json()["access_token"].encode() in row["body"]]


async def test_signing_out_ends_this_session_and_no_other(house: House) -> None:
    person = await _person(house)
    one, other = await _signed_in(house, await _link(house, person)), await _signed_in(house, await _link(house, person))
    assert (await one.delete("/v1/sessions/current")).status_code == 204
    assert (await one.get("/v1/me")).status_code == 401  # asks the database, whatever this gateway remembers
    assert await _until_refused(lambda: one.delete("/v1/sessions/current")) < SECOND + 1
    assert (await other.get("/v1/me")).status_code == 200
    assert (await house.admin.delete("/v1/sessions/current")).status_code == 404
    assert (await house.client(None).delete("/v1/sessions/current")).status_code == 401
    assert [row["type"] for row in await house.rows("SELECT type FROM event WHERE type = 'person.signed_out'")] == ["person.signed_out"]


async def test_what_is_taken_away_is_gone_within_a_second(house: House) -> None:
    person = await _person(house, roles=[{"role": "secretariat"}])
    where = f"/v1/people/{person['id']}"
    client, unused = await _signed_in(house, await _link(house, person)), await _link(house, person)
    assert (await client.get("/v1/people")).status_code == 200
    await house.admin.patch(where, json={"roles": [{"role": "reviewer"}]}, headers=ANY)
    assert await _until_refused(lambda: client.get("/v1/people"), 403) < SECOND + 1
    await house.admin.patch(where, json={"roles": [{"role": "secretariat"}]}, headers=ANY)
    await _until_refused(lambda: client.get("/v1/people"), 200)
    await house.admin.delete(where, headers=ANY)
    assert await _until_refused(lambda: client.get("/v1/people")) < SECOND + 1
    assert (await house.client(None).post("/v1/sessions", json={"token": unused})).status_code == 401
    assert await house.rows('SELECT 1 FROM "session" WHERE revoked_at IS NULL') == []

    made = (await house.admin.post("/v1/api-clients", json={"name": "P", "scopes": ["admin"], "jurisdiction_ids": ["*"]})).json()
    platform = house.client(made["key"])
    assert (await platform.get("/v1/people")).status_code == 200
    await house.admin.delete(f"/v1/api-clients/{made['id']}/keys/{made['key_id']}")
    assert await _until_refused(lambda: platform.get("/v1/people")) < SECOND + 1


async def test_a_new_address_ends_links_and_sessions(house: House, anonymous: httpx.AsyncClient) -> None:
    person = await _person(house)
    client, old = await _signed_in(house, await _link(house, person)), await _link(house, person)
    moved = await house.admin.patch(f"/v1/people/{person['id']}", json={"email": "ana@yokohama.example"}, headers=ANY)
    assert moved.status_code == 200
    assert (await anonymous.post("/v1/sessions", json={"token": old})).status_code == 401
    assert await _until_refused(lambda: client.get("/v1/me")) < SECOND + 1
    kept = await _link(house, person)
    await house.admin.patch(f"/v1/people/{person['id']}", json={"name": "Ana Wu"}, headers=ANY)
    assert (await anonymous.post("/v1/sessions", json={"token": kept})).status_code == 201


async def test_a_letter_that_is_written_while_the_address_changes_goes_to_the_new_one(house: House) -> None:
    person = await _person(house, email="old@kaohsiung.example")
    await house.work("letters")
    await _ask(house.client(None), "old@kaohsiung.example")
    async with house.database.transaction() as session:
        await session.connection()
        driver = await session.driver()
        await driver.execute("SELECT 1 FROM person WHERE id = $1 FOR UPDATE", UUID(person["id"]))
        writing = asyncio.create_task(house.work("letters"))
        while not await house.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert not writing.done()
            await asyncio.sleep(0.01)
        await driver.execute("UPDATE person SET email = 'new@kaohsiung.example' WHERE id = $1", UUID(person["id"]))
    await writing
    letters = await house.rows("SELECT to_addr FROM letter WHERE kind = 'sign_in_link'")
    assert [letter["to_addr"] for letter in letters] == ["new@kaohsiung.example"]


async def test_me_tells_each_caller_who_they_are(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    city, community = await cohort.jurisdiction("Kaohsiung"), cohort.community["id"]
    assert (await anonymous.get("/v1/me")).status_code == 401

    admin = (await house.admin.get("/v1/me")).json()
    assert (admin["kind"], admin["name"], admin["scopes"], admin["email"], admin["roles"]) == ("platform", "test", ["admin"], None, [])
    assert {"accounts:grant", "people:write", "memberships:read"} <= set(admin["actions"])
    assert (admin["jurisdiction_ids"], admin["community_ids"]) == (["*"], ["*"])
    assert admin["expires_at"] is not None

    bound = (await (await house.platform("commitments:write", jurisdictions=[city])).get("/v1/me")).json()
    assert (bound["scopes"], bound["actions"]) == (["commitments:write"], ["commitments:read", "commitments:write"])
    assert (bound["jurisdiction_ids"], bound["community_ids"]) == ([city], [])

    roles = [{"role": "chair", "community_id": community}, {"role": "jurisdiction_member", "jurisdiction_id": city}]
    person = await _person(house, roles=roles)
    told = (await (await house.signed_in(person["id"])).get("/v1/me")).json()
    same = ("id", "name", "email", "locale", "time_zone", "roles")
    assert {name: told[name] for name in same} == {name: person[name] for name in same}
    assert (told["kind"], told["scopes"], told["jurisdiction_ids"], told["community_ids"]) == ("person", [], [city], [community])
    assert {"practices:decide", "commitments:write"} <= set(told["actions"])
    assert "people:write" not in told["actions"]

    nobody = (await (await house.signed_in((await _person(house, email="ben@kaohsiung.example"))["id"])).get("/v1/me")).json()
    assert (nobody["actions"], nobody["jurisdiction_ids"], nobody["community_ids"]) == ([], [], [])


@pytest.mark.parametrize("made", [new_session_token, new_token, lambda: "cos_", lambda: "cos__", lambda: "cos_" + "x" * 10_000])
async def test_a_token_that_nobody_has_is_refused(house: House, made: Callable[[], str]) -> None:
    answer = await house.client(None).get("/v1/me", headers={"Authorization": f"Bearer {made()}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
