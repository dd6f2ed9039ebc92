"""A file that tells a target which somebody made here before: it is known, and never made twice."""

from typing import Any

import httpx
import pytest

from tests.fixtures.batches import events, item
from tests.fixtures.batches import send as send_batch
from tests.fixtures.house import House
from tests.fixtures.target_files import INTENSITY, SCENARIO
from tests.fixtures.targets import account, file, older, row, told

Json = dict[str, Any]
TARGET = {
    "title": "Ours", "target_type": "base_year_absolute", "base_year": 2005, "base_year_emissions_t": 67372856, "reduction_percent": 20,
    "target_year": 2030, "sector": "all", "boundary": "same",
}  # fmt: skip
PER_PERSON = {
    "title": "Ours", "target_type": "base_year_intensity", "base_year": 2005, "base_year_emissions_t": 67372856, "reduction_percent": 20,
    "target_year": 2030, "boundary": "same", "intensity": {"unit": "per_capita", "base_value": 5.54, "projected_denominator": 1_200_000},
}  # fmt: skip
USUAL = {
    "title": "Ours", "target_type": "baseline_scenario", "base_year": 2005, "base_year_emissions_t": 67372856, "reduction_percent": 20,
    "target_year": 2030, "boundary": "same", "baseline_scenario": {"target_year_emissions_t": 90_000_000.5},
}  # fmt: skip
MEASURES = [{"title": "Net Zero City Development Autonomy Ordinance", "status": "in force"}]


@pytest.fixture
async def cdp(house: House) -> httpx.AsyncClient:
    """The client of whoever imports."""
    return await house.platform("commitments:write")


async def _city(house: House, number: int = 1) -> str:
    """Make the ``number``th city known by its account; its id."""
    sent = await send_batch(house.admin, [item(number) | {"external_id": account(number)}], source="cdp")
    assert sent.status_code == 200, sent.text
    found = await house.rows("SELECT jurisdiction_id FROM external_id WHERE source = 'cdp' AND value = $1", account(number))
    return str(found[0]["jurisdiction_id"])


async def _made(house: House, city: str, **told: Any) -> Json:
    answer = await house.admin.post(f"/v1/jurisdictions/{city}/commitments", json=TARGET | told)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def _changed(house: House, commitment: Json, **told: Any) -> None:
    answer = await house.admin.patch(f"/v1/commitments/{commitment['id']}", json=told, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def _came_to(result: Json) -> list[tuple[str, str | None, str | None]]:
    return [(each["commitment_id"], each["change"], each["reason"]) for each in result["rows"]]


async def test_what_was_made_here_is_known_and_a_later_edition_changes_only_what_a_file_can_say(
    house: House, cdp: httpx.AsyncClient
) -> None:
    ours = await _made(house, await _city(house), measures=MEASURES, gases=["CO2"], visibility="members")
    before = await events(house)
    dry = await told(house, cdp, older(row(1)), dry_run="true")
    first = await told(house, cdp, older(row(1)))
    again = await told(house, cdp, older(row(1)))
    assert _came_to(dry) == _came_to(first) == _came_to(again) == [(ours["id"], "unchanged", None)]
    assert first["rows"][0]["status"] in ("imported", "imported_with_findings")
    assert (first["counts"]["created"], first["counts"]["unchanged"], await events(house)) == (0, 1, before)
    later = await told(house, cdp, file(row(1, percent="30", achieved="56")))
    assert _came_to(later) == [(ours["id"], "revised", None)]
    now = (await house.admin.get(f"/v1/commitments/{ours['id']}")).json()
    assert (now["reduction_percent"], now["reported_percent_achieved"], now["version"]) == (30, 56, 2)
    assert (now["measures"][0]["title"], now["gases"], now["visibility"]) == (MEASURES[0]["title"], ["CO2"], "members")
    assert "2021" in now["attribution"]
    assert len(await house.rows("SELECT id FROM commitment")) == 1


async def test_what_was_revised_here_is_known_by_its_first_promise_and_is_kept(house: House, cdp: httpx.AsyncClient) -> None:
    ours = await _made(house, await _city(house))
    await _changed(house, ours, reduction_percent=30, reason="A new ordinance.")
    before = await events(house)
    assert _came_to(await told(house, cdp, older(row(1)))) == [(ours["id"], "unchanged", None)]
    assert _came_to(await told(house, cdp, file(row(1)))) == [(ours["id"], "unchanged", "edited_here")]
    later = await told(house, cdp, file(row(1, percent="25")))
    assert [(each["status"], each["reason"], each["change"]) for each in later["rows"]] == [("skipped", "edited_here", None)]
    assert await events(house) == before
    assert [tuple(each) for each in await house.rows("SELECT reduction_percent, version FROM commitment")] == [(30, 2)]


async def test_what_is_known_now_and_edited_afterwards_is_kept_too(house: House, cdp: httpx.AsyncClient) -> None:
    ours = await _made(house, await _city(house), reduction_percent=10)
    await _changed(house, ours, reduction_percent=20)
    assert _came_to(await told(house, cdp, older(row(1)))) == [(ours["id"], "unchanged", None)]
    await _changed(house, ours, title="Still ours")
    assert [each["reason"] for each in (await told(house, cdp, file(row(1, percent="30"))))["rows"]] == ["edited_here"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (PER_PERSON, {"kind": INTENSITY, "unit": "Metric tonnes of CO2e per capita", "intensity": "5.54", "people": "1,200,000"}),
        (USUAL, {"kind": SCENARIO, "scenario": "90000000.5"}),
    ],
)
async def test_other_types_are_known_by_their_own_figures(house: House, cdp: httpx.AsyncClient, ours: Json, theirs: dict[str, str]) -> None:
    city = await _city(house)
    answer = await house.admin.post(f"/v1/jurisdictions/{city}/commitments", json=ours)
    assert answer.status_code == 201, answer.text
    result = await told(house, cdp, file(row(1, **theirs)))
    assert _came_to(result) == [(answer.json()["id"], "unchanged", None)]


async def test_only_the_same_is_taken_only_once_and_only_of_the_same_city(house: House, cdp: httpx.AsyncClient) -> None:
    ours, _ = await _made(house, await _city(house)), await _city(house, 2)
    rows = (row(1), row(1), row(1, percent="30"), row(1, boundary="NA"), row(2))
    result = await told(house, cdp, file(*rows))
    assert [each["change"] for each in result["rows"]] == ["unchanged", "unchanged", *["created"] * 3]
    assert ([each["commitment_id"] for each in result["rows"][:2]], result["counts"]["created"]) == ([ours["id"]] * 2, 3)
    more = await told(house, cdp, file(*rows, row(1, percent="30")))
    assert [each["change"] for each in more["rows"]] == ["unchanged"] * 6
    assert [each["commitment_id"] for each in more["rows"]] == [
        *(each["commitment_id"] for each in result["rows"]), result["rows"][2]["commitment_id"],
    ]  # fmt: skip
    assert [[each["rule"] for each in told["findings"]].count("duplicate") for told in more["rows"]] == [0, 1, 0, 0, 0, 1]


async def test_what_is_private_here_is_known_too_and_stays_private(
    house: House, cdp: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    ours = await _made(house, await _city(house), visibility="private")
    assert _came_to(await told(house, cdp, older(row(1)))) == [(ours["id"], "unchanged", None)]
    assert _came_to(await told(house, cdp, file(row(1, percent="30")))) == [(ours["id"], "revised", None)]
    assert (await anonymous.get(f"/v1/commitments/{ours['id']}")).status_code == 404


async def test_every_city_of_a_file_finds_its_own(house: House, cdp: httpx.AsyncClient) -> None:
    ours = [await _made(house, await _city(house, number)) for number in range(1, 6)]
    result = await told(house, cdp, file(*(row(number) for number in range(1, 6))))
    assert _came_to(result) == [(each["id"], "unchanged", None) for each in ours]
