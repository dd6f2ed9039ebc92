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
    assert first.json()["progress"]["reason"] == "Not assessed yet."
    assert looked.json()["progress"]["status"] == "no_data"
    assert looked.json()["progress"]["reason"] == "Not assessable, because no inventory has been reported."
    assert looked.json()["promise"]["statement"] == "Emit 30 % less than in 2005 by 2030: at most 13,884,712.1 t CO2e a year."
    assert {(f["rule"], f["severity"]) for f in looked.json()["findings"]} == {
        (rule, "info") for rule in ("R1", "R2", "R4", "R5", "R7", "R8", "R9", "R10", "year_set", "regressing")
    }
    assert all(finding["message"].startswith("Not assessed, because ") for finding in looked.json()["findings"])
    assert looked.json()["sufficiency"]["verdict"] == "not_assessed"
    assert looked.json()["rulebook"] == "2026-1"
    await reported(house.admin, where, year=2019, emissions_t=18_688_721.55, reported_percent_achieved=19.27)
    await house.work()
    shown = (await anonymous.get(where)).json()
    progress = shown["progress"]
    assert {name: value for name, value in progress.items() if name not in ("inventory", "figures")} == {
        "latest_year": 2019,
        "reduction_percent": 5.7805,
        "achieved_percent": 19.2684,
        "expected_percent": 56,
        "status": "behind",
        "reason": None,
        "base_year_emissions_t": 19_835_303,
        "emissions_t": 18_688_721.55,
        "reported_percent_achieved": 19.27,
    }
    assert (progress["inventory"]["year"], progress["inventory"]["passed_over"]) == (2019, [])
    assert [(figure["name"], figure["value"]) for figure in progress["figures"]] == [
        ("reduction_percent", 5.7805), ("achieved_percent", 19.2684), ("expected_percent", 56),
            ("expected_reduction_percent", 16.8), ("status", None),
    ]  # fmt: skip
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
    assert (finding["severity"], finding["pointer"]) == ("warning", "/progress_reports/2018/reported_percent_achieved")
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


def lacks_a_step(commitment: dict[str, Any]) -> bool:
    return any((finding["rule"], finding["severity"]) == ("R5", "warning") for finding in commitment["findings"])


async def test_an_interim_target_settles_the_finding_on_the_final_one(house: House) -> None:
    where = await committed(house, NEW_TAIPEI | {"target_year": 2050, "reduction_percent": 100, "net_zero": True})
    await house.work()
    final = (await house.admin.get(where)).json()
    assert lacks_a_step(final)
    city = f"/v1/jurisdictions/{final['jurisdiction_id']}/commitments"
    interim = await house.admin.post(city, json=NEW_TAIPEI | {"interim_of": final["id"]})
    await house.work()
    assert not lacks_a_step((await house.admin.get(where)).json())
    step = await house.admin.post(city, json=NEW_TAIPEI | {"interim_of": interim.json()["id"]})
    assert step.json()["errors"][0]["pointer"] == "/interim_of"
    for commitment, parent in (
        (final["id"], final["id"]),
        (final["id"], interim.json()["id"]),
        (interim.json()["id"], interim.json()["id"]),
    ):
        refused = await house.admin.patch(f"/v1/commitments/{commitment}", json={"interim_of": parent}, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/interim_of")
    after = await house.admin.patch(interim.headers["location"], json={"target_year": 2050}, headers={"If-Match": "1"})
    assert after.json()["errors"][0]["pointer"] == "/interim_of"
    later = await house.admin.patch(interim.headers["location"], json={"target_year": 2035}, headers={"If-Match": "1"})
    assert later.status_code == 200
    await house.work()
    assert lacks_a_step((await house.admin.get(where)).json())


async def test_an_earlier_target_about_the_same_is_a_step_though_nobody_linked_it(house: House) -> None:
    where = await committed(house, NEW_TAIPEI | {"target_year": 2050, "reduction_percent": 100, "net_zero": True})
    await house.work()
    final = (await house.admin.get(where)).json()
    city = f"/v1/jurisdictions/{final['jurisdiction_id']}/commitments"
    for about_something_else in ({"sector": "waste"}, {"boundary": "partial"}, {"visibility": "private"}, {"target_year": 2031}):
        await house.admin.post(city, json=NEW_TAIPEI | about_something_else)
    await house.work()
    assert lacks_a_step((await house.admin.get(where)).json())
    step = await house.admin.post(city, json=NEW_TAIPEI)
    await house.work()
    assert not lacks_a_step((await house.admin.get(where)).json())
    assert (await house.admin.patch(step.headers["location"], json={"sector": "energy"}, headers={"If-Match": "1"})).status_code == 200
    await house.work()
    assert lacks_a_step((await house.admin.get(where)).json())
    assert (await house.rows("SELECT count(*) AS n FROM task WHERE state <> 'done'"))[0]["n"] == 0


async def test_whether_it_is_enough_is_answered_with_its_figures(house: House) -> None:
    made = await house.admin.post("/v1/jurisdictions", json={"name": "Kyoto", "level": "city", "country": "JP"})
    commitment = await house.admin.post(f"{made.headers['location']}/commitments", json=KYOTO)
    await house.work()
    shown = (await house.admin.get(commitment.headers["location"])).json()
    assert (shown["sufficiency"]["verdict"], shown["sufficiency"]["reason"]) == (
        "not_enough", "It is less than the nation's contribution (NDC).",
    )  # fmt: skip
    ndc, fair_share = shown["sufficiency"]["tests"]
    assert (ndc["name"], ndc["passed"], ndc["source_date"]) == ("ndc", False, "2022-10")
    assert ndc["figures"][0] == {
        "name": "effective_reduction_percent",
        "formula": "reduction_percent * (1 - conditional_percent/100)",
        "unit": "percent",
        "value": 40,
        "inputs": [{"name": "reduction_percent", "value": 40}, {"name": "conditional_percent", "value": 0}],
    }
    assert (fair_share["passed"], fair_share["reason"]) == (None, "Not assessed, because no fair share of JP is public.")
    assert [f["severity"] for f in shown["findings"] if f["rule"] == "R1"] == ["warning"]


async def test_a_report_has_a_date_so_the_clock_is_quiet(house: House) -> None:
    """R9 counts from when a report reached us, not from the year that it is about."""
    where = await committed(house, NEW_TAIPEI | {"year_set": 2015})
    city = (await house.admin.get(where)).json()["jurisdiction_id"]
    await reported(house.admin, where, year=2019, emissions_t=18_688_721.55)
    await house.rows(
        """WITH c AS (INSERT INTO community (id, name, names, starts_on, ends_on, capacity, themes, version)
                      VALUES (gen_random_uuid(), 'Old', '{}', '2010-01-01', '2040-12-31', 15, '{}', 1) RETURNING id)
           INSERT INTO membership (id, community_id, jurisdiction_id, kind, status, activated_at, version)
           SELECT gen_random_uuid(), c.id, $1::uuid, 'member', 'active', '2014-05-01', 1 FROM c RETURNING id""",
        city,
    )
    await house.work()
    assert [f for f in (await house.admin.get(where)).json()["findings"] if f["rule"] == "R9"] == []


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
    states = await house.rows("SELECT state, count(*) AS n FROM task WHERE handler = 'commitments.assess' GROUP BY state")
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


async def test_kaohsiungs_inventory_that_counts_power_plants_twice_is_passed_over_until_it_is_mended(house: House) -> None:
    where = await committed(house, NEW_TAIPEI | {"base_year_emissions_t": 67_372_856, "reduction_percent": 20})
    doubled = {"year": 2019, "emissions_t": 72_649_242.46, "includes_grid_generation": True}
    made = await house.admin.post(f"{where}/progress-reports", json=doubled)
    await house.work()
    progress = (await house.admin.get(where)).json()["progress"]
    assert (progress["status"], progress["latest_year"]) == ("no_data", None)
    assert progress["reason"].startswith("Not assessable, because the only inventory, of 2019, counts power plants")
    assert [passed["year"] for passed in progress["inventory"]["passed_over"]] == [2019]
    path = (await house.admin.get(f"{where}/trajectory")).json()
    assert all(year["reported_t"] is None for year in path["years"])
    mended = {"year": 2019, "emissions_t": 57_062_134.79, "includes_grid_generation": False, "reason": "Without the grid's plants."}
    put = await house.admin.put(made.headers["location"], json=mended, headers={"If-Match": made.headers["etag"]})
    assert put.status_code == 200, put.text
    await house.work()
    progress = (await house.admin.get(where)).json()["progress"]
    assert (progress["latest_year"], progress["achieved_percent"], progress["status"]) == (2019, 76.5198, "ahead")


async def test_a_recalculated_base_year_moves_progress_and_path(house: House) -> None:
    where = await committed(house, NEW_TAIPEI | {"base_year_emissions_t": 10_000, "base_year": 2020})
    await reported(house.admin, where, year=2022, emissions_t=9_700)
    anew = {"recalculated_base_year_emissions_t": 12_000, "recalculation_reason": "New emission factors."}
    await reported(house.admin, where, year=2025, emissions_t=10_200, **anew)
    await house.work()
    shown = (await house.admin.get(where)).json()
    progress = shown["progress"]
    assert (progress["base_year_emissions_t"], progress["reduction_percent"], progress["achieved_percent"]) == (12_000, 15, 50)
    assert "recalculated with the inventory of 2025: 12,000 t CO2e instead of 10,000" in progress["inventory"]["why"]
    assert (shown["base_year_emissions_t"], shown["promise"]["target_year_emissions_t"]) == (10_000, 7_000), "promised is promised"
    path = {year["year"]: year for year in (await house.admin.get(f"{where}/trajectory")).json()["years"]}
    assert [path[year]["required_t"] for year in (2022, 2025, 2030)] == [9_400, 10_200, 8_400]
    assert [path[year]["gap_t"] for year in (2022, 2025)] == [300, 0]
