"""Registries that we read ourselves: page after page, never twice, never more away than the brake allows."""

import json
from typing import Any

import httpx
import pytest

from services.worker import pull
from services.worker.pull import fetching
from tests.fixtures.house import House
from tests.fixtures.registry import Folder, Registry, city, job, known, later, result, state


async def test_all_pages_become_one_job_that_operators_see(house: House, registry: Registry, read: Any) -> None:
    await read()
    assert registry.places == ["0", "1"]
    told = await job(house)
    assert (told["kind"], told["status"], told["progress"]) == ("pull", "succeeded", {"done": 60, "total": 60})
    assert (await result(house))["counts"] == {"created": 60, "updated": 0, "unchanged": 0, "error": 0}
    assert len(await known(house)) == 60
    events = await house.rows("SELECT data FROM event WHERE type = 'sync.finished'")
    assert [json.loads(event["data"])["source"] for event in events] == ["reg"]
    assert await house.rows("SELECT 1 FROM pull_page") == []


async def test_the_next_reading_comes_by_itself_and_writes_only_what_is_new(house: House, registry: Registry, read: Any) -> None:
    await read()
    registry.pages[1][0] = city(41, people="12,345")
    await later(house, seconds=3_500)
    assert len(registry.asked) == 2
    await later(house, seconds=200)
    assert registry.places == ["0", "1", "0", "1"]
    assert (await result(house))["counts"] == {"created": 0, "updated": 1, "unchanged": 59, "error": 0}
    await later(house, hours=1.1)
    assert (await result(house))["counts"]["unchanged"] == 60


async def test_two_workers_that_start_plan_one_turn(house: House, folder: Folder, registry: Registry) -> None:
    assert await pull.plan(house.worker) == ["reg"]
    assert await pull.plan(house.worker) == []
    assert len(await house.rows("SELECT 1 FROM task WHERE handler = 'sync.pull'")) == 1
    await house.work("sync")
    assert await pull.plan(house.worker) == [], "the next turn is planned already"
    assert len(await house.rows("SELECT 1 FROM task WHERE handler = 'sync.pull' AND state = 'pending'")) == 1


async def test_a_reading_that_dies_between_two_pages_goes_on_at_the_page_where_it_was(
    house: House, registry: Registry, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fetching.fetch
    registry.pages.append([city(99)])

    async def dies(url: str, **more: Any) -> Any:
        if "after=1" in url and len(registry.asked) == 1:
            registry.asked.append(httpx.Request("GET", url))
            raise RuntimeError("killed")
        return await real(url, **more)

    monkeypatch.setattr(fetching, "fetch", dies)
    await read()
    assert registry.places == ["0", "1"]
    assert await known(house) == set(), "nothing is taken in before everything was read"
    await later(house, seconds=60)
    assert registry.places == ["0", "1", "1", "2"]
    assert len(await known(house)) == 61


async def test_a_page_that_was_kept_is_not_kept_twice_by_a_worker_that_lost_its_lease(
    house: House, folder: Folder, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fetching.fetch

    async def slow(url: str, **more: Any) -> Any:
        page = await real(url, **more)
        if len(registry.asked) == 1:  # another worker took the task over meanwhile
            async with house.database.read() as connection:
                await connection.execute("UPDATE task SET lease_until = now() - interval '1 second' WHERE handler = 'sync.pull'")
                await connection.execute(
                    "UPDATE task SET lease_token = gen_random_uuid() WHERE handler = 'sync.pull' AND state = 'pending'"
                )
        return page

    monkeypatch.setattr(fetching, "fetch", slow)
    await pull.plan(house.worker)
    await house.work("sync")
    assert registry.places == ["0", "0", "1"]
    assert len(await known(house)) == 60
    assert len(await house.rows("SELECT 1 FROM job WHERE kind = 'pull'")) == 1


async def test_an_unchanged_registry_is_asked_once_and_left_alone(house: House, registry: Registry, folder: Folder, read: Any) -> None:
    registry.etag = '"v1"'
    await read()
    first = (await state(house))["job_id"]
    await later(house, hours=1.1)
    assert [request.headers.get("If-None-Match") for request in registry.asked] == [None, None, '"v1"']
    assert (await state(house))["job_id"] == first
    folder.describe(pull='mode = "replace"')
    await later(house, hours=1.1)
    assert registry.asked[3].headers.get("If-None-Match") is None, "another description reads anew"


async def test_rows_that_cannot_be_read_are_errors_of_the_job_and_keep_their_place(
    house: House, folder: Folder, registry: Registry, read: Any
) -> None:
    folder.describe(pull='mode = "replace"\nmax_deactivations = 0.0')
    await read()
    registry.pages[0][3] = city(4, land="Atlantis")
    registry.pages[1][2] = city(1, people="7")
    registry.pages[1].append(city(43))
    await later(house, hours=1.1)
    told = await result(house)
    assert told["counts"] == {"created": 0, "updated": 1, "unchanged": 58, "error": 1, "missing": 0}
    (wrong,) = [each for each in told["results"] if each["status"] == "error"]
    assert wrong["external_id"] == "4"
    assert "Row 4: “land”: “Atlantis” is no country" in wrong["problem"]["detail"]
    assert len(await known(house)) == 60, "who is named but unreadable is not missing"


async def test_replace_marks_who_is_gone_and_merge_does_not(house: House, folder: Folder, registry: Registry, read: Any) -> None:
    await read()
    del registry.pages[1][0]
    await later(house, hours=1.1)
    assert len(await known(house)) == 60
    folder.describe(pull='mode = "replace"')
    await later(house, hours=1.1)
    assert "41" not in await known(house)
    assert (await result(house))["counts"]["missing"] == 1


async def test_the_brake_holds_for_a_truncated_registry(house: House, folder: Folder, registry: Registry, read: Any) -> None:
    folder.describe(pull='mode = "replace"')
    await read()
    del registry.pages[1]
    await later(house, hours=1.1)
    told = await job(house)
    assert told["status"] == "failed"
    assert told["problem"]["code"] == "brake"
    assert len(await known(house)) == 60


@pytest.mark.parametrize("share", ["0.05", "1.0"])
async def test_a_registry_without_rows_takes_nobody_away(house: House, folder: Folder, registry: Registry, read: Any, share: str) -> None:
    folder.describe(pull=f'mode = "replace"\nmax_deactivations = {share}')
    await read()
    first = (await state(house))["job_id"]
    registry.pages = [[], []]
    await later(house, hours=1.1)
    assert len(await known(house)) == 60
    assert (await state(house))["job_id"] == first
    assert "no rows" in (await state(house))["said"]
    registry.pages = [[{"name": "nameless"}], [city(1)]]
    await later(house, hours=1.1)
    assert len(await known(house)) == 60, "who cannot be named cannot be told from who is missing"
    assert (await result(house))["counts"]["error"] == 1
