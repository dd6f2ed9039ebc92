"""A city climbs from band to band by supplying what is missing; the worker keeps the band in step, and at a bounded price."""

import asyncio
from itertools import pairwise
from typing import Any

import httpx
import pytest

from services.core.commitments import service
from services.core.ledger.drain import Drain
from services.worker.tasks import HANDLERS
from tests.fixtures.house import House

MINIMUM = ["CO2", "CH4", "N2O"]
TARGET: dict[str, Any] = {
    "title": "40 % below 2005 by 2030",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 40,
    "target_year": 2030,
}
FRAME: dict[str, Any] = {
    "boundary": "same", "gases": MINIMUM, "scopes": [1, 2], "year_set": 2020, "status_in_law": "in law", "uses_credits": False,
    "net_zero": False, "conditional_percent": 0,
}  # fmt: skip
INDICATOR = {"name": "roofs", "value": 9, "unit": "MW", "as_of": "2025-01-01", "source": "register"}
MEASURES = [
    {"title": f"Measure {theme}", "theme": theme, "instrument": "ordinance", "status": "running", "indicators": [INDICATOR]}
    for theme in ("energy_transition", "resilient_mobility", "circular_economy")
]
REPORT: dict[str, Any] = {
    "emissions_t": 15_000_000, "population": 4_000_000, "method": "GPC", "verified": True, "boundary": "same", "gases": MINIMUM,
    "scopes": [1, 2], "sectors": [{"code": code, "emissions_t": 5_000_000} for code in ("energy", "transport", "waste")],
}  # fmt: skip


async def a_city(house: House) -> str:
    made = await house.admin.post("/v1/jurisdictions", json={"name": "New Taipei", "level": "city", "country": "TW"})
    return str(made.headers["location"])


async def posted(client: httpx.AsyncClient, where: str, body: dict[str, Any]) -> str:
    made = await client.post(where, json=body)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


async def a_band(house: House, city: str) -> dict[str, Any]:
    return dict((await house.admin.get(f"{city}/band")).json())


async def changes(house: House) -> list[Any]:
    events = "SELECT before->>'band', after->>'band' FROM event WHERE type = 'jurisdiction.band_changed' ORDER BY seq"
    return [tuple(row) for row in await house.rows(events)]


async def test_a_city_climbs_to_leadership(house: House) -> None:
    city = await a_city(house)
    where = await posted(house.admin, f"{city}/commitments", TARGET)
    await house.work()
    first = await a_band(house, city)
    assert (first["band"], first["assessed_at"] is None) == ("disclosure", False)
    assert f"{where}/progress-reports#/year" in [each["where"] for each in first["missing_for_next"]]
    patched = await house.admin.patch(where, json=FRAME | {"measures": MEASURES}, headers={"If-Match": "*"})
    assert patched.status_code == 200, patched.text
    year = first["reporting_year"]
    for ago in (1, 2, 3):
        await posted(house.admin, f"{where}/progress-reports", REPORT | {"year": year - ago})
    await house.work()
    almost = await a_band(house, city)
    assert (almost["band"], almost["next_band"]) == ("management", "leadership")
    assert {each["asked_by"] for each in almost["missing_for_next"] if each["is_essential"]} == {"long_term"}
    assert {each["where"].partition("#")[0] for each in almost["missing_for_next"] if each["is_essential"]} == {
        f"{city}/commitments", "/v1/commitments/{id}/progress-reports"
    }  # fmt: skip
    net_zero = TARGET | FRAME | {"reduction_percent": 100, "target_year": 2050, "net_zero": True}
    await posted(house.admin, f"{city}/commitments", net_zero)
    await house.work()
    best = await a_band(house, city)
    assert (best["band"], best["next_band"], best["missing_for_next"]) == ("leadership", None, [])
    assert await changes(house) == [(None, "disclosure"), ("disclosure", "management"), ("management", "leadership")]


async def test_a_target_that_asks_nothing_does_not_climb_however_much_is_filled_in(house: House) -> None:
    """One tonne, one percent, all of it up to others, growing emissions, no sector with a value, and measures that are plans."""
    city = await a_city(house)
    where = await posted(house.admin, f"{city}/commitments", TARGET | {"base_year_emissions_t": 1, "reduction_percent": 1})
    await house.work()
    assert (await a_band(house, city))["band"] == "disclosure"
    plans = [measure | {"status": "planned", "indicators": [INDICATOR | {"value": 0}]} for measure in MEASURES]
    frame = FRAME | {"conditional_percent": 100, "status_in_law": "proposed", "net_zero": True, "measures": plans}
    patched = await house.admin.patch(where, json=frame, headers={"If-Match": "*"})
    assert patched.status_code == 200, patched.text
    sectors = [{"code": code, "notation_key": key} for code, key in (("ippu", "NO"), ("afolu", "NO"), ("other", "NE"))]
    for ago in (1, 2, 3):
        report = REPORT | {"year": (await a_band(house, city))["reporting_year"] - ago, "emissions_t": 5_000, "sectors": sectors}
        await posted(house.admin, f"{where}/progress-reports", report)
    await house.work()
    found = await a_band(house, city)
    assert found["band"] == "awareness"
    unmet = [each["code"] for each in found["essentials"] if not each["met"]]
    assert unmet == ["believable_target", "city_wide_inventory", "city_wide_target", "action_plan", "long_term"]
    tiny = [each for each in found["missing_for_next"] if "very little for a whole community" in each["what"]]
    assert [each["where"] for each in tiny] == [f"{where}#/base_year_emissions_t"]
    decoy = TARGET | FRAME | {"reduction_percent": 100, "target_year": 2050, "net_zero": True}
    await posted(house.admin, f"{city}/commitments", decoy)
    await house.work()
    found = await a_band(house, city)
    assert found["band"] == "management"
    assert [each["code"] for each in found["essentials"] if not each["met"]] == ["city_wide_inventory", "city_wide_target", "action_plan"]


async def test_an_assessment_that_changes_no_band_is_no_event_and_the_band_is_no_membership_change(house: House) -> None:
    city = await a_city(house)
    where = await posted(house.admin, f"{city}/commitments", TARGET)
    await house.work()
    await posted(house.admin, f"{where}/progress-reports", {"year": 2019, "emissions_t": 18_688_721})
    await house.work()
    assert await changes(house) == [(None, "disclosure")]
    feed = (await house.admin.get("/v1/membership/changes")).json()["items"]
    assert [(item["resource"], item["data"]["version"]) for item in feed] == [("jurisdiction", 1)]


async def test_many_commitments_of_one_city_cost_few_bands(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    city = await a_city(house)
    for _ in range(60):
        await posted(house.admin, f"{city}/commitments", TARGET)
    runs: list[Any] = []
    real = service.assess_band

    async def counted(*given: Any) -> None:
        runs.append(given)
        await real(*given)

    monkeypatch.setattr(service, "assess_band", counted)
    await house.work("commitments")
    tasks = await house.rows("SELECT count(*) FROM task WHERE handler = 'commitments.band'")
    assert 1 <= len(runs) <= tasks[0][0] <= 2, "one for each batch of assessments"
    assert (await a_band(house, city))["band"] == "disclosure"


async def test_two_workers_never_store_an_older_band_over_a_newer_one(house: House) -> None:
    """Each band is computed under its jurisdiction's lock, from what had been committed when the lock was held."""
    city = await a_city(house)
    where = await posted(house.admin, f"{city}/commitments", TARGET | FRAME)
    year = (await a_band(house, city))["reporting_year"]
    workers = [Drain(house.worker, HANDLERS, house.settings.model_copy(update={"task_batch": 1})) for _ in range(2)]
    for ago in (1, 2, 3):
        await posted(house.admin, f"{where}/progress-reports", REPORT | {"year": year - ago})
        await asyncio.gather(*(worker.until_empty("commitments") for worker in workers))
    await house.work()
    stored = await a_band(house, city)
    assert stored["assessed_at"] is not None
    await house.rows("DELETE FROM jurisdiction_band RETURNING jurisdiction_id")
    fresh = await a_band(house, city)
    assert stored | {"assessed_at": None} == fresh
    known = await changes(house)
    assert all(before != after for before, after in known)
    assert all(earlier[1] == later[0] for earlier, later in pairwise(known))


async def test_a_band_waits_for_the_one_that_is_being_computed(house: House) -> None:
    """The second reads only when the first has committed: what came between is in it."""
    city = await a_city(house)
    identity = city.rpartition("/")[2]
    await posted(house.admin, f"{city}/commitments", TARGET)
    async with house.database.transaction() as first:
        await (await first.driver()).execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 43))", identity)
        second = asyncio.create_task(house.work("commitments"))
        while not second.done() and not await house.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            await asyncio.wait({second}, timeout=0.02)
        await posted(house.admin, f"{city}/commitments", TARGET | FRAME)
    await second
    content = next(each for each in (await a_band(house, city))["categories"] if each["code"] == "target")
    assert (content["levels"][0]["points"], content["levels"][1]["points"]) == (4, 1)
