"""A city commits, reports, and sees where it stands: published numbers (CDP-ICLEI 2021), through HTTP and the worker."""

import asyncio
from typing import Any

import httpx

from services.core.ledger.drain import Drain
from services.worker.tasks import HANDLERS
from tests.fixtures.house import House

NEW_TAIPEI = {
    "title": "30 % below 2005 by 2030",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 30,
    "target_year": 2030,
    "boundary": "same",
    "gases": ["CO2", "CH4", "N2O"],
    "uses_credits": False,
    "net_zero": False,
}
KYOTO = NEW_TAIPEI | {"base_year": 2013, "base_year_emissions_t": 7_840_000, "reduction_percent": 40, "year_set": 2021}


async def committed(house: House, given: dict[str, Any]) -> str:
    made = await house.admin.post("/v1/jurisdictions", json={"name": "City", "level": "city", "country": "TW"})
    commitment = await house.admin.post(f"{made.headers['location']}/commitments", json=given)
    assert commitment.status_code == 201, commitment.text
    return str(commitment.headers["location"])


async def reported(client: httpx.AsyncClient, where: str, **report: Any) -> None:
    answer = await client.post(f"{where}/progress-reports", json=report)
    assert answer.status_code == 201, answer.text


async def assessed(house: House) -> list[Any]:
    return await house.rows("SELECT before, after FROM event WHERE type = 'commitment.assessed' ORDER BY seq")


async def test_new_taipei_stands_at_19_2684_percent(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await committed(house, NEW_TAIPEI)
    first = await anonymous.get(where)
    assert first.json()["assessed_at"] is None
    await house.work()
    looked = await anonymous.get(where, headers={"If-None-Match": first.headers["etag"]})
    assert looked.status_code == 200, "the reader's tag moves with the assessment"
    assert looked.json()["progress"] | {"reason": None} == first.json()["progress"] | {"reason": None}
    assert [(f["rule"], f["severity"], f["pointer"]) for f in looked.json()["findings"]] == [("year_set", "info", "/year_set")]
    await reported(house.admin, where, year=2019, emissions_t=18_688_721.55, reported_percent_achieved=19.27)
    await house.work()
    shown = (await anonymous.get(where)).json()
    assert shown["progress"] == {
        "latest_year": 2019,
        "reduction_percent": 5.7805,
        "achieved_percent": 19.2684,
        "expected_percent": 56,
        "status": "behind",
        "reason": None,
    }
    assert "F4" not in [finding["rule"] for finding in shown["findings"]]
    assert shown["version"] == 1
    path = (await anonymous.get(f"{where}/trajectory")).json()
    assert [path["years"][0]["year"], path["years"][-1]["year"]] == [2005, 2030]
    assert path["years"][14] == {"year": 2019, "required_t": 16_502_972.096, "reported_t": 18_688_721.55, "gap_t": 2_185_749.454}
    assert (path["annual_rate_points"], path["annual_rate_compound"]) == (1.2, 2.665)
    goal = next(figure for figure in path["figures"] if figure["name"] == "target_year_emissions_t")
    assert goal["value"] == 13_884_712.1
    assert goal["inputs"] == [{"name": "base_year_emissions_t", "value": 19_835_303}, {"name": "reduction_percent", "value": 30}]


async def test_kyoto_typed_74_and_stands_at_41_43(house: House) -> None:
    where = await committed(house, KYOTO)
    await reported(house.admin, where, year=2018, emissions_t=6_540_648, reported_percent_achieved=74)
    await house.work()
    shown = (await house.admin.get(where)).json()
    assert round(shown["progress"]["achieved_percent"], 2) == 41.43
    finding = next(finding for finding in shown["findings"] if finding["rule"] == "F4")
    assert (finding["severity"], finding["pointer"]) == ("warning", "/reported_percent_achieved")
    assert "74" in finding["message"]


async def test_kaohsiung_without_a_report_has_the_rates_of_its_promise(house: House) -> None:
    where = await committed(house, NEW_TAIPEI | {"base_year_emissions_t": 67_372_856, "reduction_percent": 20})
    path = (await house.admin.get(f"{where}/trajectory")).json()
    assert next(year["required_t"] for year in path["years"] if year["year"] == 2019) == 59_827_096.128
    assert (path["annual_rate_points"], path["annual_rate_compound"]) == (0.8, 0.8886)
    assert all(year["reported_t"] is None for year in path["years"])


async def test_a_revision_is_assessed_anew_and_a_change_of_words_is_not_forgotten(house: House) -> None:
    where = await committed(house, NEW_TAIPEI)
    await reported(house.admin, where, year=2019, emissions_t=18_688_721.55)
    await house.work()
    etag = (await house.admin.get(where)).headers["etag"]
    words = await house.admin.patch(where, json={"title": "Thirty percent"}, headers={"If-Match": etag})
    assert words.json()["progress"]["achieved_percent"] == 19.2684
    figures = await house.admin.patch(where, json={"reduction_percent": 60}, headers={"If-Match": words.headers["etag"]})
    assert (figures.json()["progress"]["status"], figures.json()["assessed_at"]) == ("no_data", None)
    await house.work()
    assert (await house.admin.get(where)).json()["progress"]["achieved_percent"] == 9.6342


async def test_the_citys_change_is_not_refused_because_the_worker_came_between(house: House) -> None:
    where = await committed(house, NEW_TAIPEI)
    etag = (await house.admin.get(where)).headers["etag"]
    await house.work()
    assert (await house.admin.get(where)).headers["etag"] != etag
    revised = await house.admin.patch(where, json={"title": "Mine"}, headers={"If-Match": etag})
    assert (revised.status_code, revised.json()["version"]) == (200, 2)


async def test_an_interim_target_settles_the_finding_on_the_final_one(house: House) -> None:
    where = await committed(house, NEW_TAIPEI | {"target_year": 2050, "reduction_percent": 100, "net_zero": True})
    await house.work()
    final = (await house.admin.get(where)).json()
    assert "R5" in [finding["rule"] for finding in final["findings"]]
    city = f"/v1/jurisdictions/{final['jurisdiction_id']}/commitments"
    interim = await house.admin.post(city, json=NEW_TAIPEI | {"interim_of": final["id"]})
    await house.work()
    assert "R5" not in [finding["rule"] for finding in (await house.admin.get(where)).json()["findings"]]
    step = await house.admin.post(city, json=NEW_TAIPEI | {"interim_of": interim.json()["id"]})
    assert step.json()["errors"][0]["pointer"] == "/interim_of"
    later = await house.admin.patch(interim.headers["location"], json={"target_year": 2035}, headers={"If-Match": "1"})
    assert later.status_code == 200
    await house.work()
    assert "R5" in [finding["rule"] for finding in (await house.admin.get(where)).json()["findings"]]


async def test_many_tasks_of_one_commitment_in_two_workers_end_right(house: House) -> None:
    """Reports come in any order; whoever assesses last has seen all of them, and what did not change is no event."""
    first, second = await committed(house, NEW_TAIPEI), await committed(house, KYOTO)
    for year in (2014, 2019, 2016, 2015, 2018, 2017):
        await asyncio.gather(*(reported(house.admin, where, year=year, emissions_t=5_000_000 + year) for where in (first, second)))
    workers = [Drain(house.worker, HANDLERS, house.settings.model_copy(update={"task_batch": 3})) for _ in range(2)]
    await asyncio.gather(*(worker.until_empty("commitments") for worker in workers))
    await house.work()
    for where in (first, second):
        assert (await house.admin.get(where)).json()["progress"]["latest_year"] == 2019
    states = await house.rows("SELECT state, count(*) AS n FROM task GROUP BY state")
    assert [(row["state"], row["n"]) for row in states] == [("done", 14)]
    known = await assessed(house)
    assert len({(row["before"], row["after"]) for row in known}) == len(known)
    await house.rows("UPDATE task SET state = 'pending', attempts = 0 RETURNING id")
    await house.work()
    assert len(await assessed(house)) == len(known)


async def test_a_notation_key_is_no_figure(house: House) -> None:
    where = await committed(house, NEW_TAIPEI)
    await reported(house.admin, where, year=2019, emissions_t=18_688_721.55)
    await reported(house.admin, where, year=2020, notation_key="NE", explanation="No inventory in the year of the pandemic.")
    await house.work()
    assert (await house.admin.get(where)).json()["progress"]["latest_year"] == 2019
