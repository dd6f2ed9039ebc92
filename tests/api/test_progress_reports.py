"""Correcting a progress report through HTTP: what moves, what stays, who may, and what is kept in the history."""

import uuid
from typing import Any

import httpx
import orjson
import pytest

from tests.fixtures.house import House
from tests.fixtures.statements import Counter

TARGET: dict[str, Any] = {
    "title": "30 % below 2005 by 2030",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 30,
    "target_year": 2030,
}
FULL: dict[str, Any] = {
    "year": 2018,
    "period_start": "2018-04-01",
    "period_end": "2019-03-31",
    "emissions_t": 18_688_721.55,
    "notation_key": None,
    "explanation": "Fiscal year",
    "population": 3_995_717,
    "method": "GPC",
    "verified": True,
    "boundary": "same",
    "sectors": [{"code": "I", "emissions_t": 12.5, "notation_key": None}, {"code": "V", "emissions_t": None, "notation_key": "NO"}],
    "gases": ["CO2", "CH4", "N2O"],
    "scopes": [1, 2],
    "denominator": 1.25,
    "includes_grid_generation": False,
    "recalculated_base_year_emissions_t": 20_000_000.5,
    "recalculation_reason": "New emission factors.",
    "reported_percent_achieved": 19.27,
}


async def a_commitment(house: House, **members: Any) -> str:
    city = await house.admin.post("/v1/jurisdictions", json={"name": "New Taipei", "level": "city", "country": "TW"})
    made = await house.admin.post(f"{city.headers['location']}/commitments", json=TARGET | members)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


async def a_report(house: House, **members: Any) -> httpx.Response:
    where = await a_commitment(house)
    made = await house.admin.post(f"{where}/progress-reports", json={"year": 2019, "emissions_t": 1} | members)
    assert made.status_code == 201, made.text
    return made


async def reported(house: House) -> list[Any]:
    return await house.rows("SELECT before, after, reason FROM event WHERE type = 'commitment.progress_reported' ORDER BY seq")


async def test_a_report_is_kept_with_its_whole_frame(house: House) -> None:
    made = await a_report(house, **FULL)
    body = made.json()
    assert {name: body[name] for name in FULL} == FULL
    assert (await house.admin.get(made.headers["location"])).json() == body


async def test_a_typing_error_is_mended_and_the_history_says_what_moved(house: House, anonymous: httpx.AsyncClient) -> None:
    made = await a_report(house, **FULL)
    where = made.headers["location"]
    right = FULL | {"emissions_t": 18_688_721, "period_start": "2018-04-02", "sectors": FULL["sectors"][:1], "verified": None}
    put = await house.admin.put(where, json=right | {"reason": "A typing error."}, headers={"If-Match": made.headers["etag"]})
    assert (put.status_code, put.json()["version"]) == (200, 2)
    assert put.headers["etag"] == (await house.admin.get(where)).headers["etag"] != made.headers["etag"]
    assert {name: put.json()[name] for name in right} == right
    assert put.json()["id"] == made.json()["id"]
    assert (await anonymous.get(where)).json() == put.json()
    first, second = await reported(house)
    assert (first["before"], first["reason"]) == (None, None)
    assert second["reason"] == "A typing error."
    assert orjson.loads(second["before"]) == {
        "emissions_t": 18_688_721.55, "period_start": "2018-04-01", "sectors": FULL["sectors"], "verified": True,
    }  # fmt: skip
    assert orjson.loads(second["after"]) == {
        "emissions_t": 18_688_721, "period_start": "2018-04-02", "sectors": FULL["sectors"][:1], "verified": None,
    }  # fmt: skip


async def test_what_changes_nothing_is_no_event(house: House) -> None:
    made = await a_report(house, **FULL)
    same = await house.admin.put(made.headers["location"], json=FULL | {"reason": "Again"}, headers={"If-Match": "*"})
    assert (same.status_code, same.json(), same.headers["etag"]) == (200, made.json(), made.headers["etag"])
    assert len(await reported(house)) == 1


async def test_a_lost_update_and_a_blind_one_are_refused(house: House) -> None:
    where = (await a_report(house)).headers["location"]
    first = await house.admin.put(where, json={"year": 2019, "emissions_t": 2}, headers={"If-Match": '"1"'})
    late = await house.admin.put(where, json={"year": 2019, "emissions_t": 3}, headers={"If-Match": '"1"'})
    blind = await house.admin.put(where, json={"year": 2019, "emissions_t": 3})
    assert [first.status_code, late.status_code, blind.status_code] == [200, 412, 428]
    assert [late.json()["code"], blind.json()["code"]] == ["version-mismatch", "version-needed"]
    assert (await house.admin.get(where)).json() == first.json()


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"year": 2020}, "/year"),
        ({"emissions_t": None}, "/emissions_t"),
        ({"period_start": "2017-01-01", "period_end": "2017-12-31"}, "/period_start"),
        ({"recalculated_base_year_emissions_t": 5}, "/recalculation_reason"),
        ({"sectors": [{"code": "I"}]}, "/sectors/0/emissions_t"),
        ({"version": 1}, "/version"),
    ],
)
async def test_a_correction_must_hold_like_a_new_report(house: House, members: dict[str, Any], pointer: str) -> None:
    made = await a_report(house)
    body = {"year": 2019, "emissions_t": 2} | members
    refused = await house.admin.put(made.headers["location"], json=body, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["pointer"]) == (422, "invalid-body", pointer)
    assert (await house.admin.get(made.headers["location"])).json() == made.json()


async def test_who_may_correct(house: House, anonymous: httpx.AsyncClient) -> None:
    made = await a_report(house)
    where, body = made.headers["location"], {"year": 2019, "emissions_t": 2}
    own = (await house.admin.get(where.partition("/progress-reports")[0])).json()["jurisdiction_id"]
    other = await house.admin.post("/v1/jurisdictions", json={"name": "Suwon", "level": "city", "country": "KR"})
    elsewhere = await house.platform("commitments:write", jurisdictions=[other.json()["id"]])
    city = await house.platform("commitments:write", jurisdictions=[own])
    answers = [await client.put(where, json=body, headers={"If-Match": "*"}) for client in (anonymous, elsewhere, city)]
    assert [answer.status_code for answer in answers] == [401, 403, 200]


async def test_a_report_of_another_commitment_and_a_hidden_one_are_not_found(house: House) -> None:
    made, body = await a_report(house), {"year": 2019, "emissions_t": 2}
    report_id, another = made.json()["id"], await a_commitment(house)
    wrong = await house.admin.put(f"{another}/progress-reports/{report_id}", json=body, headers={"If-Match": "*"})
    unknown = await house.admin.put(f"{another}/progress-reports/{uuid.uuid4()}", json=body, headers={"If-Match": "*"})
    private = await a_commitment(house, visibility="private")
    hidden = await house.admin.post(f"{private}/progress-reports", json=body)
    other = await house.admin.post("/v1/jurisdictions", json={"name": "Suwon", "level": "city", "country": "KR"})
    elsewhere = await house.platform("commitments:write", jurisdictions=[other.json()["id"]])
    unseen = await elsewhere.put(hidden.headers["location"], json=body | {"emissions_t": 3}, headers={"If-Match": "*"})
    assert [wrong.status_code, unknown.status_code, unseen.status_code] == [404, 404, 404]


async def test_what_a_correction_asks_of_postgresql(house: House, counter: Counter) -> None:
    where = (await a_report(house)).headers["location"]
    with counter.count() as statements:
        await house.admin.put(where, json={"year": 2019, "emissions_t": 2}, headers={"If-Match": "*"})
    asked = [sql for sql in statements.asked if "api_key" not in sql]
    assert len(asked) <= 3, "\n\n".join(asked)
