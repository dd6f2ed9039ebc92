"""What was said about a commitment is said anew when the world around it has changed, though nobody touched it."""

from dataclasses import replace
from typing import Any

import pytest

from services.core.commitments import rulebook
from services.worker.tasks.commitments import look_for_outdated
from tests.fixtures.cohort import Cohort
from tests.fixtures.house import House

TARGET = {
    "title": "50 % below 2013 by 2030", "target_type": "base_year_absolute", "base_year": 2013, "base_year_emissions_t": 1_000_000,
    "reduction_percent": 50, "target_year": 2030, "year_set": 2020, "boundary": "same",
}  # fmt: skip


@pytest.fixture
async def where(house: House) -> str:
    """A commitment with an inventory of 2024 that was assessed, in a city that is thought to lie in Taiwan."""
    made = await house.admin.post("/v1/jurisdictions", json={"name": "City", "level": "city", "country": "TW"})
    commitment = await house.admin.post(f"{made.headers['location']}/commitments", json=TARGET)
    where = commitment.headers["location"]
    assert (await house.admin.post(f"{where}/progress-reports", json={"year": 2024, "emissions_t": 600_000})).status_code == 201
    await house.work()
    assert await look_for_outdated(house.worker) == 0
    return where


async def found(house: House, where: str) -> set[tuple[str, str]]:
    await house.work()
    return {(finding["rule"], finding["severity"]) for finding in (await house.admin.get(where)).json()["findings"]}


async def test_the_city_lies_elsewhere(house: House, where: str) -> None:
    shown: Any = (await house.admin.get(where)).json()
    assert shown["sufficiency"]["verdict"] == "not_assessed"
    path = f"/v1/jurisdictions/{shown['jurisdiction_id']}"
    assert (await house.admin.patch(path, json={"country": "JP"}, headers={"If-Match": "*"})).status_code == 200
    assert await look_for_outdated(house.worker) == 1
    assert await look_for_outdated(house.worker) == 1, "two processes may ask: it is done once"
    await house.work()
    assert (await house.admin.get(where)).json()["sufficiency"]["tests"][0]["passed"] is True
    assert await look_for_outdated(house.worker) == 0
    tasks = await house.rows("SELECT count(*) AS n FROM task WHERE handler = 'commitments.assess'")
    assert tasks[0]["n"] == 3


async def test_years_pass(house: House, where: str) -> None:
    assert ("R7", "warning") not in await found(house, where)
    await house.rows("UPDATE domain_clock SET \"offset\" = interval '1500 days' RETURNING 1")
    assert await look_for_outdated(house.worker) == 1
    assert ("R7", "warning") in await found(house, where)


async def test_the_city_joins(house: House) -> None:
    membership = await (cohort := await Cohort.found(house)).member("City", until="signed")
    commitment = await house.admin.post(f"/v1/jurisdictions/{membership['jurisdiction_id']}/commitments", json=TARGET)
    assert ("R9", "info") in await found(house, commitment.headers["location"])
    assert await look_for_outdated(house.worker) == 0
    await cohort.step(membership, "activate")
    assert await look_for_outdated(house.worker) == 1
    assert "R9" not in {rule for rule, _ in await found(house, commitment.headers["location"])}


async def test_the_rules_are_new(house: House, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = replace(rulebook.current(), version="2027-1")
    monkeypatch.setattr(rulebook, "current", lambda: newer)
    assert await look_for_outdated(house.worker) == 1
