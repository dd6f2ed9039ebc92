"""A registry hands over its members: ten thousand at once, with mistakes, again, killed in the middle, replaced and back."""

import asyncio
from typing import Any

import httpx
import pytest

from services.core.jurisdictions import service as jurisdictions
from services.core.ledger.drain import Drain
from services.core.sync.service import batches
from services.worker.tasks import HANDLERS
from tests.fixtures.batches import both, events, item, member, send, told
from tests.fixtures.cohort import Cohort
from tests.fixtures.house import House

Json = dict[str, Any]
_CUT_OFF = "SELECT pg_terminate_backend(pg_backend_pid())"
_TOO_SLOW = "SET LOCAL statement_timeout = 10; SELECT pg_sleep(5)"


@pytest.fixture
async def iclei(house: House) -> httpx.AsyncClient:
    """The registry's client."""
    return await house.platform("sync:write", "jurisdictions:read")


def _with_mistakes(number: int) -> tuple[list[Any], dict[int, tuple[str, str]]]:
    """``number`` items of which three in a hundred are bad; for each bad one its code and where it points."""
    items: list[Any] = [item(index) for index in range(number)]
    bad: dict[int, tuple[str, str]] = {}
    kinds: list[tuple[Any, str, str]] = [
        ({"jurisdiction": {"name": "X", "level": "city", "country": "XX"}}, "invalid-body", "/jurisdiction"),
        ({"jurisdiction": {"name": "X", "level": "planet", "country": "TW"}}, "invalid-body", "/jurisdiction/level"),
        ({"jurisdiction": {"level": "city", "country": "TW"}}, "invalid-body", "/jurisdiction/name"),
        ({"external_id": None}, "invalid-body", "/external_id"),
        ({"external_id": "C0"}, "duplicate-item", "/external_id"),
        ({"if_version": 9}, "version-mismatch", "/if_version"),
        ({"surprise": 1}, "invalid-body", "/surprise"),
        ({"membership": 5}, "invalid-body", "/membership"),
        ({"jurisdiction": "Kaohsiung"}, "invalid-body", "/jurisdiction"),
    ]
    for turn, index in enumerate(range(33, number, 34)):
        change, code, pointer = kinds[turn % len(kinds)]
        items[index] = items[index] | change
        bad[index] = (code, f"/items/{index}{pointer}")
    return items, bad


async def test_ten_thousand_with_mistakes_and_the_same_again(house: House, iclei: httpx.AsyncClient) -> None:
    items, bad = _with_mistakes(10_000)
    first = await told(house, iclei, items)
    good = len(items) - len(bad)
    assert len(bad) >= 290
    assert first["counts"] == {"created": good, "updated": 0, "unchanged": 0, "error": len(bad)}
    for each in first["results"]:
        if each["index"] in bad:
            code, pointer = bad[each["index"]]
            assert (each["status"], each["problem"]["code"]) == ("error", code)
            assert each["problem"]["errors"][0]["pointer"].startswith(pointer)
        else:
            assert (each["status"], each["external_id"], each["version"]) == ("created", f"C{each['index']}", 1)
    stored = await house.rows("SELECT value, jurisdiction_id::text AS id FROM external_id WHERE source = 'iclei'")
    assert {row["value"]: row["id"] for row in stored} == {each["external_id"]: each["id"] for each in first["results"] if each["id"]}
    assert (await events(house, "jurisdiction.changed"), await events(house, "sync.finished")) == (good, 1)
    before = await events(house)
    again = await told(house, iclei, items)
    assert again["counts"] == {"created": 0, "updated": 0, "unchanged": good, "error": len(bad)}
    assert await events(house) == before
    assert [each["id"] for each in again["results"]] == [each["id"] for each in first["results"]]


async def test_a_job_is_seen_by_who_started_it_and_by_operators(
    house: House, iclei: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    answer = await send(iclei, [item(number) for number in range(501)], key="large")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    job = answer.json()
    assert (job["status"], job["kind"], job["progress"], job["result_url"]) == (
        "queued",
        "membership-batch",
        {"done": 0, "total": 501},
        None,
    )
    where, result = answer.headers["location"], f"/v1/membership/batches/{job['id']}"
    assert where == f"/v1/jobs/{job['id']}"
    assert (await iclei.get(result)).status_code == 404
    repeated = await send(iclei, [item(number) for number in range(501)], key="large")
    assert (repeated.status_code, repeated.json(), repeated.headers["location"]) == (202, job, where)
    await house.work("sync")
    other = await house.platform("sync:write")
    for client, seen in ((iclei, 200), (house.admin, 200), (other, 404), (anonymous, 401)):
        assert [(await client.get(path)).status_code for path in (where, result)] == [seen, seen]
    done = (await iclei.get(where)).json()
    assert (done["status"], done["result_url"], done["progress"]["done"]) == ("succeeded", result, 501)
    assert None not in (done["started_at"], done["finished_at"])
    assert "problem" not in done
    assert len(await house.rows("SELECT id FROM job")) == 1
    assert await house.rows("SELECT 1 FROM job_part WHERE content IS NOT NULL") == []


async def test_killed_in_the_middle_it_goes_on_and_doubles_nothing(
    house: House, iclei: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [item(number) for number in range(2_000)]
    answer = await send(iclei, items)
    real = batches._told
    crashes: list[int] = []

    def told_until_it_dies(entries: Any, terms: Any) -> bytes:
        if entries[0].index == 1_000 and len(crashes) < 2:
            crashes.append(1)
            raise asyncio.CancelledError  # the process goes, after the part's writes and before its commit
        return real(entries, terms)

    monkeypatch.setattr(batches, "_told", told_until_it_dies)
    monkeypatch.setattr(batches, "_HERE_S", 0)  # each part is a task of its own
    drain = Drain(house.worker, HANDLERS, house.settings)
    for _ in range(2):
        with pytest.raises(asyncio.CancelledError):
            await drain.until_empty("sync")
        job = (await iclei.get(answer.headers["location"])).json()
        assert (job["status"], job["progress"]["done"]) == ("running", 1_000)
        assert len(await house.rows("SELECT id FROM jurisdiction")) == 1_000
        await house.rows("UPDATE task SET lease_until = now() - interval '1 second' WHERE state = 'pending' RETURNING id")
    await house.work("sync")
    done = (await iclei.get(answer.headers["location"])).json()
    assert (done["status"], done["progress"]["done"]) == ("succeeded", 2_000)
    result = (await iclei.get(done["result_url"])).json()
    assert (result["counts"]["created"], [each["index"] for each in result["results"]]) == (2_000, list(range(2_000)))
    assert len(await house.rows("SELECT id FROM jurisdiction")) == await events(house, "jurisdiction.changed") == 2_000


async def test_a_part_that_fails_again_and_again_fails_its_job_until_an_operator_requeues_it(
    house: House, iclei: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await send(iclei, [item(number) for number in range(1_001)])

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as patch:
        patch.setattr(batches, "take_in", broken)
        for _ in range(6):
            await house.work("sync")
            await house.shift(seconds=5)
    job = (await iclei.get(answer.headers["location"])).json()
    assert (job["status"], job["problem"]["code"], job["progress"]["done"]) == ("failed", "internal-error", 0)
    assert job["finished_at"] is not None
    assert (await iclei.get(job["result_url"])).json()["results"] == []
    other = await told(house, iclei, [item(number) for number in range(600)])  # a job that died holds up nobody
    assert other["counts"]["created"] == 600
    dead = (await house.admin.get("/v1/admin/tasks", params={"state": "dead"})).json()["items"]
    assert (await house.admin.post(f"/v1/admin/tasks/{dead[0]['id']}/requeue")).status_code == 200
    await house.work("sync")
    job = (await iclei.get(answer.headers["location"])).json()
    assert (job["status"], job["progress"]["done"], "problem" in job) == ("succeeded", 1_001, False)


async def test_who_lost_the_right_meanwhile_goes_no_further(house: House, iclei: httpx.AsyncClient) -> None:
    answer = await send(iclei, [item(number) for number in range(501)])
    await house.rows("UPDATE api_client SET deleted_at = now() WHERE name = 'test' AND scopes @> '{sync:write}' RETURNING id")
    await house.work("sync")
    job = (await house.admin.get(answer.headers["location"])).json()
    assert (job["status"], job["problem"]["code"]) == ("failed", "forbidden")
    assert await house.rows("SELECT id FROM jurisdiction") == []


async def test_two_batches_of_one_source_at_once_double_nothing(house: House, iclei: httpx.AsyncClient) -> None:
    items = [item(number) for number in range(60)]
    answers = await both(*(send(iclei, items) for _ in range(4)), send(iclei, list(reversed(items))))
    assert [answer.status_code for answer in answers] == [200] * 5
    counts = [answer.json()["counts"] for answer in answers]
    assert sorted(each["created"] for each in counts) == [0, 0, 0, 0, 60]
    assert [each["error"] for each in counts] == [0] * 5
    assert len(await house.rows("SELECT id FROM jurisdiction")) == await events(house, "jurisdiction.changed") == 60


async def test_jobs_of_one_source_are_taken_in_one_after_another(house: House, iclei: httpx.AsyncClient) -> None:
    first = await send(iclei, [item(number, population=1) for number in range(1_200)])
    second = await send(iclei, [item(number, population=2) for number in range(1_200)])
    meanwhile = await send(iclei, [item(1)], mode="replace", max_deactivations=1)
    assert (meanwhile.status_code, meanwhile.json()["code"], meanwhile.headers["retry-after"]) == (409, "conflict", "5")
    drains = [Drain(house.worker, HANDLERS, house.settings) for _ in range(3)]
    for _ in range(5):
        await both(*(drain.until_empty("sync") for drain in drains))
    jobs = [(await iclei.get(answer.headers["location"])).json() for answer in (first, second)]
    assert [job["status"] for job in jobs] == ["succeeded", "succeeded"]
    assert jobs[0]["finished_at"] <= jobs[1]["started_at"]
    assert {row["population"] for row in await house.rows("SELECT population FROM jurisdiction")} == {2}


async def test_a_replacement_marks_what_is_missing_and_a_later_one_brings_it_back(house: House, iclei: httpx.AsyncClient) -> None:
    everything = [item(number) for number in range(40)]
    await told(house, iclei, everything)
    wrong = [*everything[:38], everything[38] | {"jurisdiction": {"country": "XX"}}]
    result = await told(house, iclei, wrong, mode="replace")
    assert result["counts"] == {"created": 0, "updated": 0, "unchanged": 38, "error": 1, "missing": 1}
    missing = await house.rows(
        "SELECT e.value FROM jurisdiction j JOIN external_id e ON e.jurisdiction_id = j.id WHERE missing_since IS NOT NULL"
    )
    assert [row["value"] for row in missing] == ["C39"]
    before = await events(house)
    again = await told(house, iclei, wrong, mode="replace")
    assert (again["counts"]["missing"], await events(house)) == (0, before)
    back = await told(house, iclei, everything, mode="replace")
    assert (back["counts"]["updated"], back["counts"]["unchanged"], back["counts"]["missing"]) == (1, 39, 0)
    assert await house.rows("SELECT id FROM jurisdiction WHERE missing_since IS NOT NULL") == []


@pytest.mark.parametrize("number", [100, 700])
async def test_the_brake_stops_a_truncated_upload(house: House, iclei: httpx.AsyncClient, number: int) -> None:
    everything = [item(index) for index in range(number)]
    await told(house, iclei, everything)
    before = await events(house)
    kept = everything[: int(number * 0.94)]
    for dry_run in (True, False):
        stopped = await send(iclei, kept, mode="replace", dry_run=dry_run)
        assert (stopped.status_code, stopped.json()["code"]) == (409, "brake")
        told_why = {name: stopped.json()[name] for name in ("would_deactivate", "known", "share", "max_deactivations")}
        gone = number - len(kept)
        assert told_why == {"would_deactivate": gone, "known": number, "share": gone / number, "max_deactivations": 0.05}
    assert (await events(house), await house.rows("SELECT 1 FROM job WHERE status = 'queued'")) == (before, [])
    meant = await told(house, iclei, kept, mode="replace", max_deactivations=0.06)
    assert meant["counts"]["missing"] == number - len(kept)


async def test_the_brake_of_a_job_holds_again_at_its_end(house: House, iclei: httpx.AsyncClient) -> None:
    everything = [item(number) for number in range(600)]
    await told(house, iclei, everything)
    answer = await send(iclei, everything[:580], mode="replace")
    assert answer.status_code == 202
    late = [item(number) for number in range(1_000, 1_100)]
    await send(iclei, late)  # known to the source by the time the job ends
    await house.work("sync")
    job = (await iclei.get(answer.headers["location"])).json()
    assert (job["status"], job["problem"]["code"]) == ("failed", "brake")
    assert (job["problem"]["would_deactivate"], job["problem"]["known"]) == (120, 700)
    assert await house.rows("SELECT id FROM jurisdiction WHERE missing_since IS NOT NULL") == []
    assert (await iclei.get(job["result_url"])).json()["counts"]["unchanged"] == 580


async def test_a_set_that_the_database_refuses_is_halved_until_the_culprit_stands_alone(
    house: House, iclei: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    community = (await Cohort.found(house, capacity=500)).community["id"]
    real = jurisdictions.write_many
    sizes: list[int] = []

    async def write_many(session: Any, actor: Any, judged: Any) -> None:
        sizes.append(len(judged))
        await real(session, actor, judged)
        if any(each.candidate.external_id == "C77" for each in judged):
            await (await session.driver()).execute("INSERT INTO external_id SELECT * FROM external_id WHERE value = 'C77'")

    monkeypatch.setattr(jurisdictions, "write_many", write_many)
    result = await told(house, iclei, [member(number, community) for number in range(70, 90)])
    assert [each["index"] for each in result["results"] if each["status"] != "created"] == [7]
    assert result["results"][7]["problem"]["status"] == 409
    assert sizes[:3] == [20, 10, 5]
    assert len(await house.rows("SELECT id FROM jurisdiction")) == await events(house, "jurisdiction.changed") == 19
    assert await events(house, "membership.status_changed") == 19
    assert len(await house.rows("SELECT id FROM representative")) == await events(house, "representative.changed") == 38


@pytest.mark.parametrize(
    "trouble", ["SELECT pg_terminate_backend(pg_backend_pid())", "SET LOCAL statement_timeout = 10; SELECT pg_sleep(5)"]
)
async def test_a_database_that_goes_away_is_nobodys_fault(
    house: House, iclei: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    async def write_many(session: Any, *_: Any) -> None:
        await (await session.driver()).execute(trouble)

    with monkeypatch.context() as patch:
        patch.setattr(jurisdictions, "write_many", write_many)
        answer = await send(iclei, [item(1), item(2)], key="away")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    again = await send(iclei, [item(1), item(2)], key="away")
    assert (again.status_code, again.json()["counts"]["created"]) == (200, 2)


async def test_a_dry_run_of_a_job_keeps_its_results_alone(house: House, iclei: httpx.AsyncClient) -> None:
    items, bad = _with_mistakes(700)
    before = await events(house)
    dry = await told(house, iclei, items, dry_run=True)
    assert (dry["counts"]["created"], dry["counts"]["error"]) == (700 - len(bad), len(bad))
    assert await house.rows("SELECT id FROM jurisdiction") == await house.rows("SELECT 1 FROM sync_item") == []
    assert await events(house) == before
