"""The band of a jurisdiction through HTTP: who sees it, what counts, and what is answered before the worker has looked."""

import uuid
from typing import Any

import httpx

from tests.fixtures.house import House

TARGET: dict[str, Any] = {
    "title": "30 % below 2005 by 2030",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 30,
    "target_year": 2030,
    "boundary": "same",
}
FACTS: dict[str, Any] = {"name": "New Taipei", "level": "city", "country": "TW"}


async def a_city(house: House, **facts: Any) -> str:
    made = await house.admin.post("/v1/jurisdictions", json=FACTS | facts)
    return str(made.headers["location"])


async def a_band(client: httpx.AsyncClient, city: str) -> dict[str, Any]:
    answer = await client.get(f"{city}/band")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_jurisdiction_that_discloses_nothing_has_no_band_and_reads_what_to_do(house: House, anonymous: httpx.AsyncClient) -> None:
    city = await a_city(house, population=4_000_000, population_year=2023)
    found = await a_band(anonymous, city)
    assert (found["band"], found["next_band"], found["scheme"], found["assessed_at"]) == (None, "disclosure", "2026-1", None)
    assert found["jurisdiction_id"] == city.rpartition("/")[2]
    assert [(each["what"], each["where"], each["is_essential"]) for each in found["missing_for_next"]] == [
        ("a public commitment", f"{city}/commitments#/title", True)
    ]
    assert found["levels"][0]["percent"] == 3.33
    assert len(found["categories"]) == 6
    assert sum(category["weight"] for category in found["categories"]) == 100
    assert any("adaptation plan" in note for note in found["notes"])


async def test_an_unknown_jurisdiction_has_none(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get(f"/v1/jurisdictions/{uuid.uuid4()}/band")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_only_what_is_public_counts_whoever_asks(house: House, anonymous: httpx.AsyncClient) -> None:
    city = await a_city(house)
    places = []
    for visibility in ("members", "private"):
        made = await house.admin.post(f"{city}/commitments", json=TARGET | {"visibility": visibility})
        places.append(made.headers["location"])
        await house.admin.post(f"{places[-1]}/progress-reports", json={"year": 2024, "emissions_t": 5})
    await house.work()
    for client in (anonymous, house.admin):
        found = await a_band(client, city)
        assert (found["band"], found["levels"][0]["percent"]) == (None, 0)
    await house.admin.patch(places[1], json={"visibility": "public"}, headers={"If-Match": "*"})
    await house.work()
    found = await a_band(anonymous, city)
    assert (found["band"], found["next_band"]) == ("disclosure", "awareness")
    content = next(category for category in found["categories"] if category["code"] == "inventory")["questions"][0]
    assert content["answered_by"].startswith(f"{places[1]}/progress-reports/")


async def test_the_reader_who_has_it_is_told_so_until_something_moves(house: House, anonymous: httpx.AsyncClient) -> None:
    city = await a_city(house)
    await house.admin.post(f"{city}/commitments", json=TARGET)
    computed = await anonymous.get(f"{city}/band")
    await house.work()
    first = await anonymous.get(f"{city}/band", headers={"If-None-Match": computed.headers["etag"]})
    assert (first.status_code, computed.json()["assessed_at"]) == (200, None)
    again = await anonymous.get(f"{city}/band", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.json()["assessed_at"] is not None
    jurisdiction = await house.admin.get(city)
    await house.admin.patch(city, json={"population": 4_000_000}, headers={"If-Match": jurisdiction.headers["etag"]})
    moved = await anonymous.get(f"{city}/band", headers={"If-None-Match": first.headers["etag"]})
    assert moved.status_code == 200
    assert moved.json()["assessed_at"] is None
    assert (first.json()["jurisdiction_version"], moved.json()["jurisdiction_version"]) == (1, 2)
    assert moved.json()["levels"][0]["percent"] > first.json()["levels"][0]["percent"]


async def test_a_new_year_makes_an_inventory_older_without_any_change(house: House) -> None:
    city = await a_city(house)
    await house.admin.post(f"{city}/commitments", json=TARGET)
    await house.work()
    stored = await a_band(house.admin, city)
    await house.shift(days=366)
    later = await a_band(house.admin, city)
    assert stored["assessed_at"] is not None
    assert later["assessed_at"] is None
    assert later["reporting_year"] > stored["reporting_year"]
