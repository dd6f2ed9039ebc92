"""A city weakens its target, and nobody can overlook it: numbers of Kaohsiung (20 % in the CDP file of 2021, 30 % since 2024)."""

import json
from typing import Any

import httpx
import pytest

from services.core.commitments.chain import verify
from tests.fixtures.house import House
from tests.fixtures.world import COMMITMENT

Json = dict[str, Any]


async def test_kaohsiung_raises_its_aim_and_gives_some_of_it_up(house: House, anonymous: httpx.AsyncClient) -> None:
    city = await house.admin.post("/v1/jurisdictions", json={"name": "Kaohsiung", "level": "city", "country": "TW"})
    given = COMMITMENT | {"reduction_percent": 20, "boundary": "same", "net_zero": False}
    where = (await house.admin.post(f"{city.headers['location']}/commitments", json=given)).headers["location"]

    async def revise(**members: Any) -> Json:
        answer = await house.admin.patch(where, json=members, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        await house.work()
        shown: Json = (await anonymous.get(where)).json()
        return shown

    raised = await revise(reduction_percent=30, reason="The net-zero ordinance of 2024.")
    assert raised["history"] == {"revisions": 2, "ever_weakened": False, "weakened_times": 0, "weakened_at": None}
    weakened = await revise(reduction_percent=25, target_year=raised["target_year"] + 5, boundary="smaller", reason="Steel pays later.")
    assert (weakened["history"]["ever_weakened"], weakened["history"]["weakened_times"]) == (True, 1)
    assert weakened["history"]["weakened_at"] <= weakened["updated_at"]
    assert weakened["assessed_at"] is not None, "a weakened target is assessed like any other"
    back = await revise(reduction_percent=40, target_year=raised["target_year"], boundary="same")
    assert back["history"] == weakened["history"] | {"revisions": 4}, "what was weakened once stays told"
    items = (await anonymous.get(f"{where}/revisions")).json()["items"]
    assert [item["kind"] for item in items] == ["made", "revised", "weakened", "revised"]
    assert [each["aspect"] for each in items[2]["weakened"]] == ["emissions", "reduction_percent", "target_year", "boundary"]
    assert items[2]["weakened"][3]["message"] == "The boundary is narrower: smaller instead of same."
    assert items[2]["reason"] == "Steel pays later."
    assert verify(items).faults == ()
    types = [event["type"] for event in await house.rows("SELECT type FROM event WHERE NOT type LIKE '%.assessed' ORDER BY seq")]
    assert [kind for kind in types if kind.startswith("commitment.")] == [f"commitment.{item['kind']}" for item in items]


async def test_a_final_target_is_assessed_again_when_its_step_is_given_up(house: House) -> None:
    city = await house.admin.post("/v1/jurisdictions", json={"name": "Kaohsiung", "level": "city", "country": "TW"})
    path = f"{city.headers['location']}/commitments"
    final = await house.admin.post(path, json=COMMITMENT | {"target_year": 2050})
    step = await house.admin.post(path, json=COMMITMENT | {"target_year": 2030, "interim_of": final.json()["id"]})
    await house.work()
    seen = (await house.admin.get(final.headers["location"])).json()["assessed_at"]
    await house.admin.patch(step.headers["location"], json={"interim_of": None}, headers={"If-Match": "*"})
    await house.work()
    assert (await house.admin.get(final.headers["location"])).json()["assessed_at"] > seen
    (event,) = await house.rows("SELECT data::text AS data FROM event WHERE type = 'commitment.weakened'")
    content = json.loads(json.loads(event["data"])["revision"]["content"])
    assert [each["aspect"] for each in content["weakened"]] == ["interim_of"]
    assert content["moved"] == [{"field": "interim_of", "before": final.json()["id"], "after": None}]


BAU: Json = {
    "title": "Against business as usual", "target_type": "baseline_scenario", "base_year": 2013, "base_year_emissions_t": 10_000,
    "reduction_percent": 30, "target_year": 2030, "boundary": "same",
    "baseline_scenario": {"target_year_emissions_t": 20_000, "series": [{"year": 2020, "emissions_t": 13_000}]},
}  # fmt: skip
PER_HEAD: Json = {
    "title": "Per head", "target_type": "base_year_intensity", "base_year": 2005, "reduction_percent": 40, "target_year": 2030,
    "intensity": {"unit": "per_capita", "base_value": 5.54, "projected_denominator": 1_200_000},
}  # fmt: skip
RAISED: Json = {"target_year_emissions_t": 20_000, "series": [{"year": 2020, "emissions_t": 26_000}]}
LEVEL: Json = {"target_type": "fixed_level", "target_emissions_t": 47_160_999.2, "reduction_percent": None}
TWICE: Json = {"base_year_emissions_t": 2 * COMMITMENT["base_year_emissions_t"]}


@pytest.mark.parametrize(
    ("given", "change", "aspect"),
    [
        (BAU, {"baseline_scenario": RAISED}, "path"),
        (BAU, {"base_year_emissions_t": 19_000}, "path"),
        (COMMITMENT, TWICE | {"reduction_percent": 65}, "path"),
        (COMMITMENT, TWICE | LEVEL, "path"),
        (COMMITMENT | LEVEL, TWICE, "path"),
        (COMMITMENT, {"base_year": 2023}, "path"),
        (PER_HEAD, {"intensity": {"unit": "other"}}, "intensity"),
        (COMMITMENT, {"conditional_percent": 60}, "conditional_percent"),
        (COMMITMENT, {"uses_credits": True}, "uses_credits"),
        (COMMITMENT | {"boundary": None}, {"boundary": "partial"}, "boundary"),
    ],
)
async def test_what_asks_for_less_by_the_back_door_is_told(house: House, given: Json, change: Json, aspect: str) -> None:
    city = await house.admin.post("/v1/jurisdictions", json={"name": "Kaohsiung", "level": "city", "country": "TW"})
    where = (await house.admin.post(f"{city.headers['location']}/commitments", json=given)).headers["location"]
    answer = await house.admin.patch(where, json=change, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["history"]["ever_weakened"]) == (200, True), answer.text
    items = (await house.admin.get(f"{where}/revisions")).json()["items"]
    assert [each["aspect"] for each in items[1]["weakened"]] == [aspect]


@pytest.mark.parametrize(
    ("final", "is_weaker"),
    [({"reduction_percent": 20}, True), ({"reduction_percent": 60}, False), ({"reduction_percent": 20, "boundary": "larger"}, False)],
)
async def test_a_target_that_becomes_a_step_to_one_that_allows_more(house: House, final: Json, is_weaker: bool) -> None:
    city = await house.admin.post("/v1/jurisdictions", json={"name": "Kaohsiung", "level": "city", "country": "TW"})
    path = f"{city.headers['location']}/commitments"
    later = (await house.admin.post(path, json=COMMITMENT | {"target_year": 2050} | final)).json()["id"]
    where = (await house.admin.post(path, json=COMMITMENT)).headers["location"]
    step = await house.admin.patch(where, json={"interim_of": later}, headers={"If-Match": "*"})
    assert (step.status_code, step.json()["history"]["ever_weakened"]) == (200, is_weaker), step.text
