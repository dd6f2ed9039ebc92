"""The change feed of the membership through HTTP: what it tells, to whom, and how it is followed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from services.api.main import Server
from services.api.watch import Watch
from services.core.communities.queries import MEMBERSHIP_FEED
from services.core.communities.queries import changes as feed_queries
from tests.fixtures.cohort import Cohort, representative, take
from tests.fixtures.house import House
from tests.fixtures.panel import Panel
from tests.fixtures.statements import Counter
from tests.fixtures.world import World
from tests.notifier.waiting import until

Json = dict[str, Any]
CHANGES = "/v1/membership/changes"


async def changes(client: httpx.AsyncClient, cursor: str | None = None, **query: Any) -> Json:
    answer = await client.get(CHANGES, params={**query, **({"cursor": cursor} if cursor else {})})
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


async def end(client: httpx.AsyncClient) -> str:
    """The cursor after everything that happened."""
    page = await changes(client, limit=200)
    while page["items"]:
        page = await changes(client, page["next_cursor"], limit=200)
    return str(page["next_cursor"])


def told(page: Json) -> list[tuple[str, str, str]]:
    return [(item["op"], item["resource"], item["id"]) for item in page["items"]]


async def test_a_change_is_what_get_answers(house: House) -> None:
    cohort = await Cohort.found(house)
    identifiers = [{"source": "iclei", "value": "4711"}]
    city = await cohort.jurisdiction("Kaohsiung", external_ids=identifiers)
    member = await house.admin.post(cohort.path, json={"jurisdiction_id": city, "kind": "member"})
    where = f"/v1/memberships/{member.json()['id']}/representatives"
    await house.admin.post(where, json=representative("technical"))
    page = await changes(house.admin)
    assert [item["resource"] for item in page["items"]] == ["jurisdiction", "membership", "representative"]
    for item in page["items"]:
        assert (item["op"], item["external_ids"]) == ("upsert", identifiers)
        assert (await house.admin.get(f"/v1/{item['resource']}s/{item['id']}")).json() == item["data"]
        assert (item["id"], item["version"]) == (item["data"]["id"], item["data"]["version"])
    [only] = (await changes(house.admin, limit=1))["items"]
    assert only["data"]["name"] == "Kaohsiung"


async def test_the_feed_is_for_those_who_read_or_sync_memberships(house: House, anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(CHANGES)).status_code == 401
    assert (await (await house.platform("practices:read")).get(CHANGES)).status_code == 403
    for scope in ("memberships:read", "memberships:write", "sync:write"):
        assert (await (await house.platform(scope)).get(CHANGES)).status_code == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=-1", "limit=1e9", "wait=31", "wait=-1", "wait=x", "include=total"])
async def test_a_query_that_does_not_fit_is_refused(house: House, query: str) -> None:
    answer = await house.admin.get(f"{CHANGES}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-parameter")


async def test_a_page_is_one_statement(house: House, counter: Counter) -> None:
    await (await Cohort.found(house)).member("Kaohsiung")
    reader = await house.platform("memberships:read", jurisdictions=[])
    await reader.get(CHANGES)
    for client in (house.admin, reader):
        cursor = await end(client)
        for query in ({}, {"cursor": cursor}):
            with counter.count() as statements:
                await client.get(CHANGES, params=query)
            assert len(statements.asked) == 1


async def test_others_drafts_never_appear_and_what_ends_is_deleted(house: House) -> None:
    cohort = await Cohort.found(house)
    reader = await house.platform("memberships:read", jurisdictions=[await cohort.jurisdiction("Somewhere")])
    cursor = await end(reader)
    draft = await cohort.member("Kaohsiung", until="signed")
    page = await changes(reader, cursor)
    assert [item["resource"] for item in page["items"]] == ["jurisdiction"]
    await cohort.step(await cohort.draft("Yokohama"), "withdraw")
    cursor = await end(reader)
    await cohort.step(draft, "activate")
    page = await changes(reader, cursor)
    assert told(page) == [("upsert", "membership", draft["id"])]
    assert page["items"][0]["data"] == (await reader.get(f"/v1/memberships/{draft['id']}")).json()
    assert "expression" not in page["items"][0]["data"]
    for step, reason in (("suspend", "dues"), ("reinstate", None), ("withdraw", None)):
        cursor = page["next_cursor"]
        await cohort.step(draft, step, **({"reason": reason} if reason else {}))
        page = await changes(reader, cursor)
        assert told(page) == [("upsert" if step == "reinstate" else "delete", "membership", draft["id"])]
    assert "data" not in page["items"][0]
    assert (await reader.get(f"/v1/memberships/{draft['id']}")).status_code == 404


async def test_a_jurisdiction_follows_its_own_in_every_state(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    own = await house.platform("memberships:write", jurisdictions=[draft["jurisdiction_id"]])
    page = await changes(own)
    assert [item["resource"] for item in page["items"]] == ["jurisdiction", "membership"]
    assert "expression" in page["items"][1]["data"]
    named = (await own.post(f"/v1/memberships/{draft['id']}/representatives", json=representative("technical"))).json()
    page = await changes(own, page["next_cursor"])
    assert [item["data"] for item in page["items"]] == [named]
    await own.delete(f"/v1/representatives/{named['id']}", headers={"If-Match": "*"})
    page = await changes(own, page["next_cursor"])
    assert told(page) == [("delete", "representative", named["id"])]
    assert page["items"][0]["version"] == named["version"] + 1
    await take(own, draft, "withdraw")
    page = await changes(own, page["next_cursor"])
    assert [item["data"]["status"] for item in page["items"]] == ["withdrawn"]
    other = await house.platform("memberships:read", jurisdictions=[await cohort.jurisdiction("Elsewhere")])
    assert {item["resource"] for item in (await changes(other))["items"]} == {"jurisdiction"}


async def test_who_serves_a_community_follows_all_its_memberships(house: House) -> None:
    cohort, other = await Cohort.found(house), await Cohort.found(house)
    people = World(house, Panel(house, cohort, {}))
    secretary = await people.person("secretary", {"role": "secretariat", "community_id": cohort.community["id"]})
    member = await cohort.member("Kaohsiung", until="under_review")
    await other.member("Yokohama", until="under_review")
    page = await changes(secretary)
    assert [item["resource"] for item in page["items"]] == [
        "jurisdiction",
        "representative",
        "representative",
        "membership",
        "jurisdiction",
    ]
    assert page["items"][3]["data"] == (await secretary.get(f"/v1/memberships/{member['id']}")).json()


async def test_a_quiet_feed_looks_at_its_own_index_only(house: House) -> None:
    async with house.database.read() as connection:
        await connection.execute("SET enable_seqscan = off")
        for statement in (feed_queries._CHANGES, MEMBERSHIP_FEED._head):
            given = {"xid": "0", "seq": 0, "limit": 50, "sees_all": False, "own": [], "own_communities": []}
            rows = await connection.fetch(f"EXPLAIN {statement.sql}", *statement._arguments(given))
            plan = "\n".join(row[0] for row in rows)
            assert "ix_event_membership_feed" in plan
            assert " on event" not in plan.replace("using ix_event_membership_feed on event", ""), plan
        await connection.execute("RESET enable_seqscan")


async def test_nothing_of_reviews_or_practices_is_in_the_feed(house: House) -> None:
    cohort = await Cohort.found(house)
    await cohort.member("Kaohsiung")
    resources = {item["resource"] for item in (await changes(house.admin, limit=200))["items"]}
    assert resources == {"jurisdiction", "membership", "representative"}
    assert len(await house.rows("SELECT DISTINCT subject FROM event")) > len(resources)


async def test_an_unchanged_page_is_not_sent_again(house: House) -> None:
    await (await Cohort.found(house)).jurisdiction("Kaohsiung")
    first = await house.admin.get(CHANGES)
    again = await house.admin.get(CHANGES, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "link" not in first.headers
    cursor = first.json()["next_cursor"]
    empty = await house.admin.get(CHANGES, params={"cursor": cursor})
    assert empty.json() == {"items": [], "next_cursor": cursor}
    waited = await house.admin.get(CHANGES, params={"cursor": cursor, "wait": 1}, headers={"If-None-Match": empty.headers["etag"]})
    assert waited.status_code == 304


async def test_a_cursor_that_cannot_be_followed_says_what_to_do(house: House) -> None:
    cohort = await Cohort.found(house)
    await cohort.jurisdiction("Kaohsiung")
    cursor = await end(house.admin)
    for bad in (cursor[:-2], "nonsense", "💥", ""):
        answer = await house.admin.get(CHANGES, params={"cursor": bad})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")
    foreign = await (await house.platform("admin")).get(CHANGES, params={"cursor": cursor})
    assert (foreign.status_code, foreign.json()["code"]) == (400, "invalid-cursor")
    await house.shift(days=91)
    gone = await house.admin.get(CHANGES, params={"cursor": cursor})
    assert (gone.status_code, gone.json()["code"]) == (410, "cursor-expired")
    assert gone.json()["resync"][0] == "/v1/jurisdictions"
    yokohama = await cohort.jurisdiction("Yokohama")
    assert told(await changes(house.admin, gone.json()["as_of"])) == [("upsert", "jurisdiction", yokohama)]


# Waiting.


def watch_of(house: House) -> Watch:
    watch: Watch = house.app.state.watch
    return watch


async def waiting(house: House, count: int) -> None:
    async def is_so() -> bool:
        return watch_of(house).waiting == count

    await until(is_so)


async def test_who_waits_is_answered_when_something_happens(house: House) -> None:
    cohort = await Cohort.found(house)
    cursor = await end(house.admin)
    loop = asyncio.get_running_loop()
    started = loop.time()
    polls = [asyncio.create_task(changes(house.admin, cursor, wait=30)) for _ in range(15)]
    await waiting(house, 15)
    city = await cohort.jurisdiction("Kaohsiung")
    for page in await asyncio.gather(*polls):
        assert told(page) == [("upsert", "jurisdiction", city)]
    assert loop.time() - started < 15
    assert watch_of(house).waiting == 0


async def test_many_wait_without_holding_a_connection(house: House, counter: Counter) -> None:
    cohort = await Cohort.found(house)
    cursor = await end(house.admin)
    polls = [asyncio.create_task(changes(house.admin, cursor, wait=2)) for _ in range(house.settings.database_pool_size + 5)]
    await waiting(house, len(polls))
    await asyncio.sleep(0.5)  # let all of them have asked
    with counter.count() as statements:
        assert (await house.admin.get(cohort.path)).status_code == 200
        assert [page["items"] for page in await asyncio.gather(*polls)] == [[]] * len(polls)
    assert len(statements.asked) < 20, "one look for all who wait"


async def test_what_one_may_not_see_wakes_nobody(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    reader = await house.platform("memberships:read", jurisdictions=[await cohort.jurisdiction("Somewhere")])
    cursor = await end(reader)
    poll = asyncio.create_task(changes(reader, cursor, wait=2))
    await waiting(house, 1)
    await cohort.step(draft, "submit")
    page = await poll
    assert page == {"items": [], "next_cursor": cursor}


async def test_a_key_that_is_revoked_while_it_waits_learns_nothing(house: House) -> None:
    cohort = await Cohort.found(house)
    reader = await house.platform("memberships:read")
    cursor = await end(reader)
    poll = asyncio.create_task(reader.get(CHANGES, params={"cursor": cursor, "wait": 30}))
    await waiting(house, 1)
    await house.rows("UPDATE api_key SET revoked_at = now() WHERE key_id = $1 RETURNING 1", reader.headers["x-api-key"].split("_")[2])
    await asyncio.sleep(house.settings.key_cache_s)  # so long a key is remembered
    await cohort.jurisdiction("Kaohsiung")
    assert (await poll).status_code == 401


async def test_who_hangs_up_leaves_nothing_behind(house: House) -> None:
    cursor = await end(house.admin)
    before = asyncio.all_tasks()
    hung_up = asyncio.Event()
    call = asyncio.create_task(raw_get(house, f"cursor={cursor}&wait=30", hung_up))
    await waiting(house, 1)
    hung_up.set()
    async with asyncio.timeout(5):
        await call

    async def is_quiet() -> bool:
        return not asyncio.all_tasks() - before

    await until(is_quiet, at_most_s=5)
    assert watch_of(house).waiting == 0


async def raw_get(house: House, query: str, hung_up: asyncio.Event) -> None:
    """A GET of the feed whose caller hangs up when told."""
    parts: list[Json] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Json:
        if parts:
            return parts.pop()
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        """Nobody listens any more."""

    headers = [(b"x-api-key", house.admin.headers["x-api-key"].encode())]
    scope = {
        "type": "http", "method": "GET", "path": CHANGES, "raw_path": CHANGES.encode(), "query_string": query.encode(),
        "headers": headers, "client": ("127.0.0.1", 1), "scheme": "http", "server": ("comphub.test", 80), "http_version": "1.1",
    }  # fmt: skip
    await house.app(scope, receive, send)


@asynccontextmanager
async def served(house: House) -> AsyncIterator[tuple[httpx.AsyncClient, Callable[[], None], "asyncio.Task[None]"]]:
    """The gateway behind a real socket: a client, what tells it to stop, and the task that ends when it has stopped."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(house.app, lifespan="off", log_config=None, timeout_graceful_shutdown=10)
        server = Server(config, watch_of(house))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address, headers={"X-API-Key": house.admin.headers["x-api-key"]}, timeout=40) as client:

            def stop() -> None:
                server.should_exit = True

            yield client, stop, task


async def test_a_gateway_that_stops_answers_those_who_wait(house: House) -> None:
    cursor = await end(house.admin)
    async with served(house) as (client, stop, stopped):
        polls = [asyncio.create_task(client.get(CHANGES, params={"cursor": cursor, "wait": 30})) for _ in range(3)]
        await waiting(house, 3)
        stop()
        async with asyncio.timeout(8):
            answers = await asyncio.gather(*polls)
            await stopped
    assert [(answer.status_code, answer.json()["items"]) for answer in answers] == [(200, [])] * 3
    assert {answer.headers["connection"] for answer in answers} == {"close"}


async def test_a_connection_that_breaks_ends_its_wait(house: House) -> None:
    cursor = await end(house.admin)
    async with served(house) as (client, stop, stopped):
        poll = asyncio.create_task(client.get(CHANGES, params={"cursor": cursor, "wait": 30}))
        await waiting(house, 1)
        poll.cancel()
        await waiting(house, 0)
        stop()
        async with asyncio.timeout(8):
            await stopped
