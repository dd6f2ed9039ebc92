"""The gateway's manners: problems for everything, one request is one transaction, keys, limits, pages."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from services.api.errors import translate
from services.api.limits import RateLimiter
from services.core.kit.errors import Problem
from services.core.kit.settings import Settings
from tests.fixtures.house import House

BASE = {"name": "Kaohsiung", "level": "city", "country": "TW"}
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"}


async def test_every_refusal_is_a_problem(admin: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    refusals = [
        (await admin.get("/v1/nothing"), 404, "not-found"),
        (await admin.get("/v1/jurisdictions/00000000-0000-7000-8000-000000000000"), 404, "not-found"),
        (await admin.get("/v1/jurisdictions/not-an-id"), 404, "not-found"),
        (await admin.delete("/v1/jurisdictions"), 405, "method-not-allowed"),
        (await anonymous.post("/v1/jurisdictions", json=BASE), 401, "unauthenticated"),
        (await admin.get("/v1/jurisdictions", headers={"X-API-Key": "cop_test_wrong"}), 401, "unauthenticated"),
        (await admin.get("/v1/jurisdictions?limit=0"), 422, "invalid-parameter"),
        (await admin.get("/v1/jurisdictions?limit=201"), 422, "invalid-parameter"),
        (await admin.get("/v1/jurisdictions?unknown=1"), 422, "invalid-parameter"),
        (await admin.get("/v1/jurisdictions?cursor=forged"), 400, "invalid-cursor"),
        (await admin.post("/v1/jurisdictions", json=BASE | {"level": "village"}), 422, "invalid-body"),
    ]
    for answer, status, code in refusals:
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), code
        problem = answer.json()
        assert set(problem) >= MEMBERS
        assert (problem["status"], problem["code"]) == (status, code)
        assert problem["request_id"] == answer.headers["x-request-id"]
        page = await anonymous.get(httpx.URL(problem["type"]).path)
        assert page.status_code == 200
    assert "allow" in refusals[3][0].headers
    assert refusals[4][0].headers["www-authenticate"].startswith("Bearer")


async def test_a_problem_never_echoes_what_was_sent(admin: httpx.AsyncClient) -> None:
    answer = await admin.post("/v1/jurisdictions", json=BASE | {"population": "alice@example.org"})
    assert answer.status_code == 422
    assert "alice@example.org" not in answer.text
    assert answer.json()["errors"][0]["pointer"] == "/population"


async def test_a_failing_commit_answers_5xx_and_never_201(admin: httpx.AsyncClient, house: House) -> None:
    async with house.database.read() as connection:
        await connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no commit today'; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON jurisdiction DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    key = {"Idempotency-Key": "once"}
    failed = await admin.post("/v1/jurisdictions", json=BASE, headers=key)
    assert (failed.status_code, failed.json()["code"]) == (500, "internal-error")
    assert await house.rows("SELECT 1 FROM jurisdiction") == []
    assert await house.rows("SELECT 1 FROM idempotency") == []
    async with house.database.read() as connection:
        await connection.execute("DROP TRIGGER refuse ON jurisdiction")
    assert (await admin.post("/v1/jurisdictions", json=BASE, headers=key)).status_code == 201


async def test_the_same_key_at_the_same_time_has_one_effect(admin: httpx.AsyncClient, house: House) -> None:
    sent = [admin.post("/v1/jurisdictions", json=BASE, headers={"Idempotency-Key": "race"}) for _ in range(8)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json()["code"], answer.headers["retry-after"]) == ("idempotency-key-in-flight", "1")
    assert len(await house.rows("SELECT 1 FROM jurisdiction")) == 1
    again = await admin.post("/v1/jurisdictions", json=BASE, headers={"Idempotency-Key": "race"})
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_refusal_after_execution_began_is_replayed_and_one_before_is_not(admin: httpx.AsyncClient) -> None:
    taken = BASE | {"external_ids": [{"source": "cdp", "value": "31112"}]}
    await admin.post("/v1/jurisdictions", json=taken)
    first = await admin.post("/v1/jurisdictions", json=taken, headers={"Idempotency-Key": "k"})
    again = await admin.post("/v1/jurisdictions", json=taken, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.headers["idempotency-replayed"] == "true"
    wrong = await admin.post("/v1/jurisdictions", json=BASE | {"country": "tw"}, headers={"Idempotency-Key": "v"})
    right = await admin.post("/v1/jurisdictions", json=BASE, headers={"Idempotency-Key": "v"})
    assert (wrong.status_code, right.status_code) == (422, 201)


async def test_a_stored_answer_keeps_its_secrets(admin: httpx.AsyncClient, house: House) -> None:
    body = {"name": "Platform", "scopes": ["jurisdictions:read"], "jurisdiction_ids": ["*"]}
    first = await admin.post("/v1/api-clients", json=body, headers={"Idempotency-Key": "k"})
    again = await admin.post("/v1/api-clients", json=body, headers={"Idempotency-Key": "k"})
    assert again.json() == first.json()
    stored = await house.rows("SELECT body FROM idempotency")
    assert len(stored) == 1
    assert first.json()["key"].encode() not in stored[0]["body"]
    assert b"client_secret" not in stored[0]["body"]


async def test_two_callers_with_the_same_key_never_meet(house: House) -> None:
    one, other = await house.platform("jurisdictions:write"), await house.platform("jurisdictions:write")
    first = await one.post("/v1/jurisdictions", json=BASE, headers={"Idempotency-Key": "k"})
    second = await other.post("/v1/jurisdictions", json=BASE, headers={"Idempotency-Key": "k"})
    assert first.json()["id"] != second.json()["id"]


async def test_pages_walk_through_everything_once_and_cursors_belong_to_their_caller(admin: httpx.AsyncClient, house: House) -> None:
    for number in range(7):
        await admin.post("/v1/jurisdictions", json=BASE | {"name": f"City {number}"})
    seen: list[str] = []
    url = "/v1/jurisdictions?limit=3&include=total"
    while url:
        answer = await admin.get(url)
        page = answer.json()
        assert page["total"] == 7
        seen += [item["name"] for item in page["items"]]
        url = f"/v1/jurisdictions?limit=3&include=total&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        assert ("link" in answer.headers) == bool(url)
    assert seen == [f"City {number}" for number in range(7)]
    cursor = (await admin.get("/v1/jurisdictions?limit=3")).json()["next_cursor"]
    stranger = await house.platform("jurisdictions:read")
    for refused in (
        await stranger.get(f"/v1/jurisdictions?cursor={cursor}"),
        await admin.get(f"/v1/jurisdictions?country=JP&cursor={cursor}"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid-cursor")
    listed = await admin.get("/v1/jurisdictions")
    assert (await admin.get("/v1/jurisdictions", headers={"If-None-Match": listed.headers["etag"]})).status_code == 304


async def test_keys_are_shown_once_rotate_and_stop_within_a_second(
    admin: httpx.AsyncClient, house: House, app: FastAPI, settings: Settings
) -> None:
    made = await admin.post("/v1/api-clients", json={"name": "Platform", "scopes": ["jurisdictions:read"], "jurisdiction_ids": ["*"]})
    client = made.json()
    assert client["key"].startswith(f"cop_test_{client['key_id']}_")
    read = await admin.get(f"/v1/api-clients/{client['id']}")
    assert client["key"] not in read.text
    assert client["client_secret"] not in read.text
    platform = house.client(client["key"])
    assert (await platform.get("/v1/jurisdictions")).status_code == 200
    refused = await platform.post("/v1/jurisdictions", json=BASE)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    second = (await admin.post(f"/v1/api-clients/{client['id']}/keys")).json()
    assert (await admin.post(f"/v1/api-clients/{client['id']}/keys")).status_code == 409
    assert (await admin.delete(f"/v1/api-clients/{client['id']}/keys/{client['key_id']}")).status_code == 204
    await asyncio.sleep(settings.key_cache_s + 0.05)  # the promise itself: a revoked key works for a second at most
    assert (await platform.get("/v1/jurisdictions")).status_code == 401
    assert (await house.client(second["key"]).get("/v1/jurisdictions")).status_code == 200
    stored = await house.rows("SELECT secret_hash FROM api_key")
    assert all(len(row["secret_hash"]) == 32 for row in stored)


async def test_health_says_what_is_up(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/livez")).json() == {"status": "alive"}
    ready = await anonymous.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")


@pytest.fixture
async def limiter(engines: tuple[str, str]) -> AsyncIterator[tuple[RateLimiter, RateLimiter]]:
    """Two gateways' limiters over one Redis, settling quickly."""
    pair = RateLimiter("20/hour", engines[1], settle_s=0.02), RateLimiter("20/hour", engines[1], settle_s=0.02)
    for one in pair:
        one.start()
    yield pair
    for one in pair:
        await one.stop()


async def test_two_gateways_share_one_limit(limiter: tuple[RateLimiter, RateLimiter]) -> None:
    one, other = limiter
    for _ in range(15):
        one.hit("p")
    allowed, refusal = 0, None
    async with asyncio.timeout(5):
        while True:
            try:
                other.hit("p")
            except Problem as problem:
                refusal = problem
                break
            allowed += 1
            await asyncio.sleep(0.05)  # a settlement lies between two requests
    assert refusal is not None
    assert (refusal.code, int(refusal.headers["Retry-After"]) > 0) == ("rate-limited", True)
    assert allowed <= 8
    one.hit("someone else")


async def test_without_redis_a_gateway_limits_for_itself() -> None:
    alone = RateLimiter("2/hour", "redis://127.0.0.1:1", settle_s=0.01)
    alone.start()
    alone.hit("p")
    headers = dict(alone.hit("p"))
    assert b'"default";r=0' in headers[b"ratelimit"]
    with pytest.raises(Problem, match="rate-limited"):
        alone.hit("p")
    await alone.stop()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.CrashShutdownError("terminating"), "unavailable"),
        (asyncpg.CannotConnectNowError("starting"), "unavailable"),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), "unavailable"),
        (asyncpg.TooManyConnectionsError("sorry"), "unavailable"),
        (asyncpg.DiskFullError("no space"), "unavailable"),
        (asyncpg.ReadOnlySQLTransactionError("standby"), "unavailable"),
        (FileNotFoundError("no socket"), "unavailable"),
        (TimeoutError("no place in the pool"), "unavailable"),
        (asyncpg.NumericValueOutOfRangeError("too large"), "invalid-body"),
        (asyncpg.exceptions._base.DataError("cannot encode"), "invalid-body"),
        (asyncpg.UniqueViolationError("twice"), "conflict"),
        (ValueError("our own mistake"), "internal-error"),
        (asyncpg.UndefinedTableError("our own mistake"), "internal-error"),
    ],
)
def test_what_the_database_says_becomes_the_right_problem(error: Exception, code: str) -> None:
    assert translate(error).code == code


@pytest.mark.parametrize("bound", [[], ["01a20cd5-7edc-7474-9288-8624174e6eee"]])
async def test_an_admin_is_bound_to_no_jurisdiction(admin: httpx.AsyncClient, bound: list[str]) -> None:
    refused = await admin.post("/v1/api-clients", json={"name": "Half", "scopes": ["admin"], "jurisdiction_ids": bound})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body")


async def test_a_line_that_the_server_cut_is_replaced(admin: httpx.AsyncClient, house: House, template: str) -> None:
    assert (await admin.post("/v1/jurisdictions", json=BASE)).status_code == 201
    [name] = await house.rows("SELECT current_database()")
    superuser = await asyncpg.connect(template)
    await superuser.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name[0]}'")  # noqa: S608  our own
    await superuser.close()
    codes = {(await admin.post("/v1/jurisdictions", json=BASE)).status_code for _ in range(6)}
    assert codes <= {201, 503}
    assert (await admin.post("/v1/jurisdictions", json=BASE)).status_code == 201
