"""A file of city targets from its upload to the last commitment: again, later and older, edited here, killed in the middle."""

import asyncio
import time
from typing import Any

import asyncpg
import httpx
import pytest

from services.core.imports.service import entries, taking
from services.core.ledger.drain import Drain
from services.worker.tasks import HANDLERS
from tests.fixtures.batches import both, events
from tests.fixtures.house import House
from tests.fixtures.targets import account, file, older, row, send, told

Json = dict[str, Any]


@pytest.fixture
async def cdp(house: House) -> httpx.AsyncClient:
    """The client of whoever imports."""
    return await house.platform("commitments:write")


async def _commitment(client: httpx.AsyncClient, result: Json, place: int = 0) -> Json:
    answer = await client.get(f"/v1/commitments/{result['rows'][place]['commitment_id']}")
    found: Json = answer.json()
    return found


async def test_a_later_edition_revises_and_a_weaker_target_is_seen_as_weakened(house: House, cdp: httpx.AsyncClient) -> None:
    first = await told(house, cdp, older(row(1, percent="40"), row(2, percent="40")))
    assert first["counts"]["created"] == 2
    later = await told(house, cdp, file(row(1, percent="30"), row(2, percent="50")))
    assert [each["change"] for each in later["rows"]] == ["revised", "revised"]
    assert [each["commitment_id"] for each in later["rows"]] == [each["commitment_id"] for each in first["rows"]]
    assert (later["counts"]["revised"], later["counts"]["created"], later["counts"]["jurisdictions_created"]) == (2, 0, 0)
    weaker, stronger = await _commitment(cdp, later), await _commitment(cdp, later, 1)
    assert (weaker["reduction_percent"], weaker["version"], weaker["history"]["ever_weakened"]) == (30, 2, True)
    assert (stronger["reduction_percent"], stronger["version"], stronger["history"]["ever_weakened"]) == (50, 2, False)
    assert "2021" in weaker["attribution"]
    said = await house.rows(
        "SELECT type, reason FROM event WHERE subject_id = $1 AND type <> 'commitment.assessed' ORDER BY seq", weaker["id"]
    )
    assert [each["type"] for each in said] == ["commitment.made", "commitment.weakened"]
    assert "2021" in said[1]["reason"]


async def test_an_older_edition_changes_nothing_of_what_a_newer_one_said(house: House, cdp: httpx.AsyncClient) -> None:
    await told(house, cdp, file(row(1, percent="30"), row(2, percent="30")))
    before = await events(house)
    result = await told(house, cdp, older(row(1, percent="40"), row(2, percent="30")))
    assert [(each["change"], each["reason"]) for each in result["rows"]] == [("unchanged", "newer_edition"), ("unchanged", None)]
    assert await events(house) == before
    assert (await _commitment(cdp, result))["reduction_percent"] == 30


async def test_what_a_later_edition_confirms_is_not_undone_by_the_older_one(house: House, cdp: httpx.AsyncClient) -> None:
    await told(house, cdp, older(row(1)))
    confirmed = await told(house, cdp, file(row(1)))
    assert confirmed["counts"]["unchanged"] == 1
    corrected = await told(house, cdp, older(row(1, percent="15")))
    assert (corrected["rows"][0]["reason"], corrected["counts"]["revised"]) == ("newer_edition", 0)
    assert (await _commitment(cdp, corrected))["reduction_percent"] == 20


async def test_what_was_edited_here_is_kept(house: House, cdp: httpx.AsyncClient) -> None:
    first = await told(house, cdp, file(row(1), row(2)))
    place = f"/v1/commitments/{first['rows'][0]['commitment_id']}"
    edited = await cdp.patch(place, json={"title": "Ours", "reason": "A better name."}, headers={"If-Match": "*"})
    assert edited.status_code == 200, edited.text
    again = await told(house, cdp, file(row(1), row(2)))
    assert [(each["change"], each["reason"]) for each in again["rows"]] == [("unchanged", "edited_here"), ("unchanged", None)]
    assert [each["status"] for each in again["rows"]] == [each["status"] for each in first["rows"]]
    before = await events(house)
    other = await told(house, cdp, file(row(1, percent="30"), row(2)))
    assert (other["rows"][0]["status"], other["rows"][0]["reason"], other["rows"][0]["change"]) == ("skipped", "edited_here", None)
    assert (await events(house), (await _commitment(cdp, other))["title"]) == (before, "Ours")


async def test_an_edit_in_the_middle_of_the_import_is_kept_too(
    house: House, cdp: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await told(house, cdp, older(row(1), row(2)))
    place = f"/v1/commitments/{first['rows'][0]['commitment_id']}"
    real = taking._revise
    edits: list[int] = []

    async def meanwhile(work: Any, entry: Any) -> None:
        if not edits:
            edits.append((await cdp.patch(place, json={"title": "Ours"}, headers={"If-Match": "*"})).status_code)
        await real(work, entry)

    monkeypatch.setattr(taking, "_revise", meanwhile)
    result = await told(house, cdp, file(row(1, percent="30"), row(2, percent="30")))
    assert edits == [200]
    assert [(each["status"] == "skipped", each["reason"], each["change"]) for each in result["rows"]] == [
        (True, "edited_here", None), (False, None, "revised"),
    ]  # fmt: skip


async def test_a_dry_run_tells_what_would_come_of_a_later_edition_and_writes_nothing(house: House, cdp: httpx.AsyncClient) -> None:
    await told(house, cdp, older(row(1, percent="40")))
    before = await events(house)
    dry = await told(house, cdp, file(row(1, percent="30"), row(2)), dry_run="true")
    assert [each["change"] for each in dry["rows"]] == ["revised", "created"]
    assert (dry["counts"]["revised"], dry["counts"]["created"], dry["counts"]["jurisdictions_created"]) == (1, 1, 1)
    assert await events(house) == before
    kept = await _commitment(cdp, dry)
    assert (kept["reduction_percent"], kept["version"], kept["history"]["ever_weakened"]) == (40, 1, False)
    real = await told(house, cdp, file(row(1, percent="30"), row(2)))
    assert real["counts"] == dry["counts"]


async def test_killed_in_the_middle_it_goes_on_and_doubles_nothing(
    house: House, cdp: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(number % 350, base_year=str(2000 + number // 350)) for number in range(700)]
    answer = await send(cdp, file(*rows))
    real = entries.Taken.told
    calls: list[int] = []

    def told_until_it_dies(self: entries.Taken) -> list[Json]:
        calls.append(1)
        if len(calls) in (2, 3):
            raise asyncio.CancelledError  # the process goes, after the part's writes and before its commit
        return real(self)

    monkeypatch.setattr(entries.Taken, "told", told_until_it_dies)
    drain = Drain(house.worker, HANDLERS, house.settings)
    for _ in range(2):
        with pytest.raises(asyncio.CancelledError):
            await drain.until_empty("imports")
        job = (await cdp.get(answer.headers["location"])).json()
        assert (job["status"], job["progress"]["done"]) == ("running", 200)
        assert len(await house.rows("SELECT id FROM commitment")) == 200
        await house.rows("UPDATE task SET lease_until = now() - interval '1 second' WHERE state = 'pending' RETURNING id")
    await house.work("imports")
    done = (await cdp.get(answer.headers["location"])).json()
    assert (done["status"], done["progress"]["done"]) == ("succeeded", 700)
    result = (await cdp.get(done["result_url"])).json()
    assert [each["account"] for each in result["rows"]] == [account(number % 350) for number in range(700)]
    assert (result["counts"]["created"], result["counts"]["jurisdictions_created"]) == (700, 350)
    assert len(await house.rows("SELECT id FROM commitment")) == await events(house, "commitment.made") == 700
    assert len(await house.rows("SELECT id FROM jurisdiction")) == await events(house, "jurisdiction.changed") == 350


async def test_what_the_database_refuses_rejects_one_row_and_no_other(
    house: House, cdp: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = taking._make

    async def refused(work: Any, unit: Any, entry: Any) -> None:
        if entry.row["account"] == account(3) and entry.row["target"]["base_year"] == 2002:
            raise asyncpg.NumericValueOutOfRangeError("a number that no column holds")
        await real(work, unit, entry)

    monkeypatch.setattr(taking, "_make", refused)
    rows = [row(number, base_year=str(base)) for number in range(6) for base in (2001, 2002, 2003)]
    result = await told(house, cdp, file(*rows))
    assert [each["status"] == "rejected" for each in result["rows"]] == [number == 10 for number in range(18)]
    assert result["rows"][10]["rules"] == ["form"]
    assert (result["counts"]["created"], result["counts"]["jurisdictions_created"]) == (17, 6)
    assert len(await house.rows("SELECT id FROM commitment")) == await events(house, "commitment.made") == 17
    assert len(await house.rows("SELECT id FROM jurisdiction")) == await events(house, "jurisdiction.changed") == 6


async def test_who_lost_the_right_meanwhile_goes_no_further(house: House, cdp: httpx.AsyncClient) -> None:
    answer = await send(cdp, file(row(1)))
    await house.rows("UPDATE api_client SET deleted_at = now() WHERE scopes @> '{commitments:write}' RETURNING id")
    await house.work("imports")
    job = (await house.admin.get(answer.headers["location"])).json()
    assert (job["status"], job["problem"]["code"]) == ("failed", "forbidden")
    assert await house.rows("SELECT id FROM commitment") == []
    result = (await house.admin.get(job["result_url"])).json()
    assert (result["rows"], set(result["counts"].values())) == ([], {0})


async def test_the_same_file_four_times_at_once_doubles_nothing(house: House, cdp: httpx.AsyncClient) -> None:
    content = file(*(row(number) for number in range(40)))
    answers = await both(*(send(cdp, content) for _ in range(4)))
    drains = [Drain(house.worker, HANDLERS, house.settings) for _ in range(3)]
    for _ in range(6):
        await both(*(drain.until_empty("imports") for drain in drains))
        await house.shift(seconds=16)
    jobs = [(await cdp.get(answer.headers["location"])).json() for answer in answers]
    assert [job["status"] for job in jobs] == ["succeeded"] * 4
    counts = [(await cdp.get(job["result_url"])).json()["counts"] for job in jobs]
    assert sorted((each["created"], each["unchanged"]) for each in counts) == [(0, 40)] * 3 + [(40, 0)]
    assert len(await house.rows("SELECT id FROM commitment")) == 40


async def test_five_thousand_rows_are_in_within_a_minute(house: House, cdp: httpx.AsyncClient) -> None:
    content = file(*(row(number % 2_500, base_year=str(2000 + number // 2_500)) for number in range(5_000)))
    began = time.monotonic()
    result = await told(house, cdp, content)
    assert (result["counts"]["created"], time.monotonic() - began < 60) == (5_000, True)
    began = time.monotonic()
    assert (await told(house, cdp, content))["counts"]["unchanged"] == 5_000
    assert time.monotonic() - began < 60


async def test_targets_that_look_alike_are_never_taken_for_each_other(house: House, cdp: httpx.AsyncClient) -> None:
    first = await told(house, cdp, older(row(1, percent="20"), row(1, percent="40")))
    ids = {each["target_year_emissions_t"]: each["commitment_id"] for each in first["rows"]}
    one_more = await told(house, cdp, file(row(1, percent="10"), row(1, percent="20"), row(1, percent="40")))
    assert [each["change"] for each in one_more["rows"]] == ["created", "unchanged", "unchanged"]
    assert [each["commitment_id"] for each in one_more["rows"][1:]] == list(ids.values())
    fewer = await told(house, cdp, file(row(1, percent="35")))
    assert [(each["status"], each["reason"]) for each in fewer["rows"]] == [("skipped", "ambiguous")]
    as_many = await told(house, cdp, file(row(1, percent="10"), row(1, percent="20"), row(1, percent="45")))
    assert [each["change"] for each in as_many["rows"]] == ["unchanged", "unchanged", "revised"]
    assert await house.rows("SELECT 1 FROM event WHERE type = 'commitment.weakened'") == []


async def test_what_a_city_answered_not_for_the_public_is_private(
    house: House, cdp: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    result = await told(house, cdp, file(row(1, access="Non public")))
    where = f"/v1/commitments/{result['rows'][0]['commitment_id']}"
    assert (await house.admin.get(where)).json()["visibility"] == "private"
    assert (await anonymous.get(where)).status_code == 404


async def test_an_account_with_more_rows_than_a_part_is_made_once_and_revises_nothing(house: House, cdp: httpx.AsyncClient) -> None:
    rows = [row(1, percent=f"{number / 10}") for number in range(1, 251)]
    for changes in ({"created": 250, "unchanged": 0}, {"created": 0, "unchanged": 250}):
        counts = (await told(house, cdp, file(*rows)))["counts"]
        assert {name: counts[name] for name in ("created", "unchanged", "revised")} == changes | {"revised": 0}
