"""Registries that are away, broken, endless or wrongly described: the run ends, the house goes on, nobody is taken away."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from services.core import reactions
from services.core.kit import settings as configuration
from services.core.ledger.process import Door
from services.worker import pull
from services.worker.pull import fetching
from services.worker.tasks import HANDLERS
from tests.fixtures.house import House
from tests.fixtures.registry import MAPPING, Folder, Registry, city, known, later, result, state


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(404), "it answered 404"),
        (httpx.Response(200, text="<html>"), "is not JSON"),
        (httpx.Response(200, json={"data": {"a": 1}}), "has no list of rows at /data"),
        (httpx.Response(200, content=b'{"data": ["' + b"x" * fetching.MOST_BYTES + b'"]}'), "larger than 32 MiB"),
        (httpx.Response(302), "it answered 302"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), "another host: https://elsewhere.example"),
        (httpx.Response(302, headers={"Location": "http://registry.example/"}), "another host"),
        (httpx.Response(200, json={"data": [], "links": {"after": {"a": 1}}}), "not one value"),
    ],
)
async def test_a_page_that_cannot_be_read_ends_the_run_and_the_next_turn_comes(
    house: House, registry: Registry, read: Any, answer: httpx.Response, why: str
) -> None:
    registry.script = [answer]
    await read()
    assert why in (await state(house))["said"]
    assert await known(house) == set()
    assert len(registry.asked) == 1
    await later(house, hours=1.1)
    assert len(await known(house)) == 60


async def test_a_registry_that_is_away_is_asked_again_when_it_says(house: House, registry: Registry, read: Any) -> None:
    moved = httpx.Response(302, headers={"Location": "/v1/members"})
    registry.script = [httpx.Response(503, headers={"Retry-After": "120"}), httpx.ConnectError("down"), moved]
    await read()
    assert len(registry.asked) == 1
    await later(house, seconds=100)
    assert len(registry.asked) == 1
    await later(house, seconds=30)
    assert len(registry.asked) == 2
    await later(house, seconds=30)
    assert len(await known(house)) == 60


@pytest.mark.parametrize("text", [None, "title = ", MAPPING.replace("land", "land\nmayor")])
async def test_a_description_that_vanished_or_broke_stops_and_is_planned_anew_when_it_is_back(
    house: House, folder: Folder, registry: Registry, read: Any, text: str | None
) -> None:
    await read()
    if text is None:
        (folder.path / "reg.toml").unlink()
    else:
        folder.describe(text=text)
    await later(house, hours=1.1)
    assert len(registry.asked) == 2
    assert await pull.plan(house.worker) == []
    assert await house.rows("SELECT 1 FROM task WHERE handler = 'sync.pull' AND state IN ('pending', 'dead')") == []
    folder.describe()
    await read()
    assert len(registry.asked) == 4


async def test_the_secret_comes_from_the_environment_or_a_file_and_never_in_the_clear(
    house: House, folder: Folder, registry: Registry, read: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder.describe(more='[pull.auth]\nheader = "X-Token"\nscheme = ""\nenv = "REG_TOKEN"')
    await read()
    assert registry.asked == []
    assert "REG_TOKEN holds no secret" in (await state(house))["said"]
    monkeypatch.setenv("REG_TOKEN", "s3cret\n")
    await read()
    assert {request.headers["X-Token"] for request in registry.asked} == {"s3cret"}
    monkeypatch.setattr(configuration, "SECRETS_DIR", tmp_path)
    (tmp_path / "token").write_text("filed")
    folder.describe(more='[pull.auth]\nfile = "token"')
    await later(house, hours=1.1)
    assert registry.asked[-1].headers["Authorization"] == "Bearer filed"
    folder.describe(more='[pull.auth]\nfile = "token"', text=MAPPING.replace("https://", "http://"))
    await later(house, hours=1.1)
    assert len(registry.asked) == 4
    assert "https only" in (await state(house))["said"]


async def test_csv_pages_by_number_and_by_link(house: House, folder: Folder, registry: Registry, read: Any) -> None:
    text = (
        'title = "x"\nsource = "reg"\n[fields]\nexternal_id = "id"\nname = "name"\ncountry = "land"\n'
        '[pull]\nurl = "https://registry.example/list?format=csv"\n[pull.next]\nby = "page"\nparameter = "p"\nfirst = 1\n'
    )
    folder.describe(text=text)
    head = "id,name,land\n"
    registry.script = [httpx.Response(200, text=head + rows) for rows in ("1,Kyoto,JP\n", "2,Oita,JP\n3,x\n", "")]
    await read()
    assert [request.url.query.decode() for request in registry.asked] == [f"format=csv&p={number}" for number in (1, 2, 3)]
    assert await known(house) == {"1", "2"}
    assert (await result(house))["counts"]["error"] == 1
    folder.describe(text=text.replace('by = "page"', 'by = "link"'))
    registry.script = [
        httpx.Response(200, text=f"{head}4,Kobe,JP\n", headers={"Link": '</list?page=b>; rel="next"'}),
        httpx.Response(200, text=f"{head}5,Nara,JP\n"),
    ]
    await later(house, hours=24.1)
    assert registry.asked[-1].url == "https://registry.example/list?page=b"
    assert await known(house) == {"1", "2", "4", "5"}


@pytest.mark.parametrize(
    ("limit", "most", "why"),
    [
        ("services.core.sync.service.pulling.MOST_PAGES", 3, "more than 3 pages"),
        ("services.core.sync.rules.MAX_ITEMS", 50, "more than 50 rows"),
    ],
)
async def test_a_registry_that_never_ends_is_given_up(
    house: House, registry: Registry, read: Any, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, why: str
) -> None:
    monkeypatch.setattr(limit, most)
    registry.pages = [[city(number) for number in range(20)]] * 5
    await read()
    assert why in (await state(house))["said"]
    assert await known(house) == set()
    assert await house.rows("SELECT 1 FROM pull_page") == []


async def test_a_worker_starts_although_the_registries_cannot_be_planned(house: House) -> None:
    async def fails(_: object) -> None:
        raise OSError("the folder is gone")

    door = Door(
        "worker", house.settings.model_copy(update={"database_url": house.logins.worker}), reactions.DOORS, HANDLERS, at_start=fails
    )
    try:
        await door._start({})
        assert await house.rows("SELECT 1 FROM heartbeat WHERE service = 'worker'")
    finally:
        await door._stop({})


async def test_a_page_that_takes_too_long_is_tried_again(
    house: House, registry: Registry, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fetching.fetch

    async def slow(url: str, **more: Any) -> Any:
        if not registry.asked:
            registry.asked.append(httpx.Request("GET", url))
            raise TimeoutError
        return await real(url, **more)

    monkeypatch.setattr(fetching, "fetch", slow)
    await read()
    assert await known(house) == set()
    await later(house, seconds=30)
    assert len(await known(house)) == 60
