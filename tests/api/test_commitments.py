"""Commitments through HTTP: making, reading, revising, reporting, who sees what, and what is refused."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from tests.fixtures.house import House
from tests.fixtures.statements import Counter

ABSOLUTE: dict[str, Any] = {
    "title": "30 % below 2005 by 2030",
    "target_type": "base_year_absolute",
    "base_year": 2005,
    "base_year_emissions_t": 19_835_303,
    "reduction_percent": 30,
    "target_year": 2030,
    "year_set": 2015,
    "boundary": "same",
    "gases": ["CO2", "CH4", "N2O"],
    "scopes": [1, 2],
    "uses_credits": False,
    "net_zero": False,
}
FIXED = {"title": "Net zero", "target_type": "fixed_level", "target_emissions_t": 0, "target_year": 2050}
INTENSITY = {
    "title": "Per head",
    "target_type": "base_year_intensity",
    "base_year": 2005,
    "reduction_percent": 40,
    "target_year": 2030,
    "intensity": {"unit": "per_capita", "base_value": 5.54, "projected_denominator": 1_200_000},
}
SCENARIO = {
    "title": "Against business as usual",
    "target_type": "baseline_scenario",
    "reduction_percent": 30,
    "target_year": 2030,
    "baseline_scenario": {"target_year_emissions_t": 35_000_000, "series": [{"year": 2020, "emissions_t": 9_341_782}]},
}


async def a_city(house: House, name: str = "New Taipei", country: str = "TW") -> str:
    made = await house.admin.post("/v1/jurisdictions", json={"name": name, "level": "city", "country": country})
    return str(made.json()["id"])


async def a_commitment(client: httpx.AsyncClient, city: str, **members: Any) -> httpx.Response:
    return await client.post(f"/v1/jurisdictions/{city}/commitments", json=ABSOLUTE | members)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ABSOLUTE.items() if name not in names}


async def test_a_commitment_is_made_read_and_revised(house: House, anonymous: httpx.AsyncClient) -> None:
    city = await a_city(house)
    made = await a_commitment(house.admin, city)
    assert made.status_code == 201
    where, body = made.headers["location"], made.json()
    assert body["target_year_emissions_t"] == 13_884_712.1
    assert (body["visibility"], body["sector"], body["assessed_at"], body["findings"]) == ("public", "all", None, [])
    assert body["progress"]["status"] == "no_data"
    assert body["progress"]["achieved_percent"] is None
    assert "intensity" not in body
    assert "baseline_scenario" not in body
    read = await anonymous.get(where)
    assert (read.json(), read.headers["etag"]) == (body, made.headers["etag"])
    known = await anonymous.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    patched = await house.admin.patch(where, json={"reduction_percent": 40, "net_zero": None}, headers={"If-Match": read.headers["etag"]})
    assert (patched.status_code, patched.json()["version"]) == (200, 2)
    assert (patched.json()["target_year_emissions_t"], patched.json()["net_zero"]) == (11_901_181.8, None)
    lost = await house.admin.patch(where, json={"title": "Late"}, headers={"If-Match": read.headers["etag"]})
    assert (lost.status_code, lost.json()["code"]) == (412, "version-mismatch")
    blind = await house.admin.put(where, json=ABSOLUTE)
    assert (blind.status_code, blind.json()["code"]) == (428, "version-needed")
    put = await house.admin.put(where, json=FIXED, headers={"If-Match": patched.headers["etag"]})
    assert (put.json()["target_type"], put.json()["target_year_emissions_t"], put.json()["base_year"]) == ("fixed_level", 0, None)
    same = await house.admin.put(where, json=FIXED, headers={"If-Match": put.headers["etag"]})
    assert same.json() == put.json()
    events = await house.rows("SELECT type, before, after FROM event WHERE subject = 'commitment' ORDER BY seq")
    assert [event["type"] for event in events] == ["commitment.made", "commitment.revised", "commitment.weakened"]
    assert '"reduction_percent": 30' in events[1]["before"]
    assert '"reduction_percent": 40' in events[1]["after"]
    assert "title" not in events[1]["after"]


@pytest.mark.parametrize(("given", "allowed"), [(FIXED, 0), (INTENSITY, 3_988_800), (SCENARIO, 24_500_000)])
async def test_the_other_types_of_target(house: House, given: dict[str, Any], allowed: float) -> None:
    city = await a_city(house)
    made = await house.admin.post(f"/v1/jurisdictions/{city}/commitments", json=given)
    assert (made.status_code, made.json()["target_year_emissions_t"]) == (201, allowed)
    for group in ("intensity", "baseline_scenario"):
        assert made.json().get(group) == given.get(group)
    await house.work("commitments")
    assert (await house.admin.get(made.headers["location"])).json()["assessed_at"] is not None


async def test_the_members_of_a_group_are_merged(house: House) -> None:
    city = await a_city(house)
    made = await house.admin.post(f"/v1/jurisdictions/{city}/commitments", json=INTENSITY)
    patch = {"intensity": {"projected_denominator": 1_000_000}}
    patched = await house.admin.patch(made.headers["location"], json=patch, headers={"If-Match": "1"})
    assert patched.json()["intensity"] == {"unit": "per_capita", "base_value": 5.54, "projected_denominator": 1_000_000}
    cleared = await house.admin.patch(made.headers["location"], json={"intensity": {"base_value": None}}, headers={"If-Match": "2"})
    assert cleared.json()["errors"][0]["pointer"] == "/intensity/base_value"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (without("base_year"), [("/base_year", "R0")]),
        (without("reduction_percent", "target_year"), [("/reduction_percent", "R0"), ("/target_year", "R0")]),
        (ABSOLUTE | {"target_year": 2005}, [("/target_year", "R3"), ("/year_set", "R3")]),
        (ABSOLUTE | {"reduction_percent": 120}, [("/reduction_percent", "R3")]),
        (ABSOLUTE | {"reduction_percent": 0}, [("/reduction_percent", "R3")]),
        (ABSOLUTE | {"year_set": 2031}, [("/year_set", "R3")]),
        ({k: v for k, v in FIXED.items() if k != "target_emissions_t"}, [("/target_emissions_t", "R0")]),
        (INTENSITY | {"intensity": {"unit": "other", "base_value": 1}}, [("/intensity/projected_denominator", "R0")]),
        ({k: v for k, v in SCENARIO.items() if k != "baseline_scenario"}, [("/baseline_scenario/target_year_emissions_t", "R0")]),
    ],
)
async def test_blocking_findings_store_nothing(house: House, body: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    city = await a_city(house)
    refused = await house.admin.post(f"/v1/jurisdictions/{city}/commitments", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "blocking-findings")
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == errors
    assert await house.rows("SELECT 1 FROM commitment") == []
    assert await house.rows("SELECT 1 FROM event WHERE subject = 'commitment'") == []
    assert await house.rows("SELECT 1 FROM task") == []


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"target_year_emissions_t": 1}, "/target_year_emissions_t"),
        ({"findings": []}, "/findings"),
        ({"base_year_emissions_t": -1}, "/base_year_emissions_t"),
        ({"base_year_emissions_t": "19835303"}, "/base_year_emissions_t"),
        ({"gases": ["CO2", "CO2"]}, "/gases"),
        ({"gases": ["H2O"]}, "/gases/0"),
        ({"scopes": [4]}, "/scopes/0"),
        ({"scopes": [True]}, "/scopes/0"),
        ({"conditional_percent": 101}, "/conditional_percent"),
        ({"measures": [{"title": "Panels", "theme": "circus"}]}, "/measures/0/theme"),
        ({"intensity": INTENSITY["intensity"]}, "/intensity"),
        ({"target_emissions_t": 5}, "/target_emissions_t"),
        ({"title": "two\nlines"}, "/title"),
        ({"interim_of": str(uuid.uuid4())}, "/interim_of"),
    ],
)
async def test_what_does_not_fit_is_named(house: House, members: dict[str, Any], pointer: str) -> None:
    refused = await a_commitment(house.admin, await a_city(house), **members)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body")
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_measures_and_law_are_kept_as_given(house: House) -> None:
    measures = [
        {
            "title": "Rooftop solar",
            "theme": "energy_transition",
            "instrument": "ordinance",
            "status": "running",
            "indicators": [{"name": "PV", "value": 1.25, "unit": "GW", "as_of": "2024-03-22", "source": "windtaiwan.com"}],
        }
    ]
    made = await a_commitment(house.admin, await a_city(house), measures=measures, status_in_law="In law", base_year_emissions_t=0.000001)
    assert (made.json()["measures"], made.json()["status_in_law"]) == (measures, "In law")
    assert made.json()["base_year_emissions_t"] == 0.000001


async def test_who_may_write(house: House, anonymous: httpx.AsyncClient) -> None:
    own, other = await a_city(house), await a_city(house, "Suwon", "KR")
    city = await house.platform("commitments:write", jurisdictions=[own])
    reader = await house.platform("commitments:read", jurisdictions=[own])
    assert (await a_commitment(city, own)).status_code == 201
    assert (await a_commitment(city, other)).json()["code"] == "forbidden"
    unknown = await a_commitment(city, str(uuid.uuid4()))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    assert (await a_commitment(house.admin, str(uuid.uuid4()))).status_code == 404
    assert (await a_commitment(reader, own)).status_code == 403
    assert (await a_commitment(anonymous, own)).status_code == 401
    theirs = (await a_commitment(house.admin, other)).headers["location"]
    assert (await city.patch(theirs, json={"title": "Mine"}, headers={"If-Match": "1"})).status_code == 403
    assert (await city.post(f"{theirs}/progress-reports", json={"year": 2019, "emissions_t": 1})).status_code == 403


@pytest.mark.parametrize(
    ("visibility", "seen"), [("public", {"nobody", "other", "own"}), ("members", {"other", "own"}), ("private", {"own"})]
)
async def test_who_may_see(house: House, anonymous: httpx.AsyncClient, visibility: str, seen: set[str]) -> None:
    city, elsewhere = await a_city(house), await a_city(house, "Suwon", "KR")
    where = (await a_commitment(house.admin, city, visibility=visibility)).headers["location"]
    await house.admin.post(f"{where}/progress-reports", json={"year": 2019, "emissions_t": 1})
    clients = {
        "nobody": anonymous,
        "other": await house.platform("commitments:write", jurisdictions=[elsewhere]),
        "own": await house.platform("commitments:read", jurisdictions=[city]),
    }
    unknown = f"/v1/commitments/{uuid.uuid4()}"
    for name, client in clients.items():
        for path in ("", "/progress-reports", "/trajectory"):
            answer = await client.get(where + path)
            assert (answer.status_code == 200) == (name in seen), (name, path)
            if name not in seen:
                hidden, missing = answer.json(), (await client.get(unknown + path)).json()
                assert {k: v for k, v in hidden.items() if k not in ("request_id", "instance")} == {
                    k: v for k, v in missing.items() if k not in ("request_id", "instance")
                }
        for path in ("/v1/commitments", f"/v1/jurisdictions/{city}/commitments"):
            assert bool((await client.get(path)).json()["items"]) == (name in seen), (name, path)
    if "other" not in seen:
        patch = await clients["other"].patch(where, json={"title": "x"}, headers={"If-Match": "1"})
        report = await clients["other"].post(f"{where}/progress-reports", json={"year": 2020, "emissions_t": 1})
        assert (patch.status_code, report.status_code) == (404, 404)


async def test_lists_are_filtered_and_paged(house: House, anonymous: httpx.AsyncClient) -> None:
    taipei, suwon = await a_city(house), await a_city(house, "Suwon", "KR")
    for title in ("A", "B", "C"):
        await a_commitment(house.admin, taipei, title=title)
    await house.admin.post(f"/v1/jurisdictions/{suwon}/commitments", json=FIXED)

    async def titles(path: str) -> list[str]:
        answer = await anonymous.get(path)
        assert answer.status_code == 200, answer.text
        return [entry["title"] for entry in answer.json()["items"]]

    assert await titles("/v1/commitments") == ["A", "B", "C", "Net zero"]
    assert await titles("/v1/commitments?country=KR") == ["Net zero"]
    assert await titles("/v1/commitments?target_type=base_year_absolute&country=TW&limit=2") == ["A", "B"]
    assert await titles(f"/v1/commitments?jurisdiction_id={suwon}") == ["Net zero"]
    assert await titles(f"/v1/jurisdictions/{taipei}/commitments?target_type=fixed_level") == []
    first = await anonymous.get(f"/v1/jurisdictions/{taipei}/commitments?limit=2&include=total")
    assert first.json()["total"] == 3
    assert await titles(f"/v1/jurisdictions/{taipei}/commitments?limit=2&cursor={first.json()['next_cursor']}") == ["C"]
    assert (await anonymous.get(f"/v1/jurisdictions/{uuid.uuid4()}/commitments")).status_code == 404
    assert (await anonymous.get("/v1/commitments?colour=green")).status_code == 422


async def test_one_report_a_year_also_when_two_come_at_once(house: House) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"] + "/progress-reports"
    both = await asyncio.gather(*(house.admin.post(where, json={"year": 2019, "emissions_t": value}) for value in (1, 2)))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    assert next(a for a in both if a.status_code == 409).json()["code"] == "already-exists"
    made = next(answer for answer in both if answer.status_code == 201)
    assert (await house.admin.get(made.headers["location"])).json() == made.json()
    assert (await house.admin.get(where)).json()["items"] == [made.json()]
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'commitment.progress_reported'")) == 1


@pytest.mark.parametrize(
    ("report", "pointer"),
    [
        ({}, "/emissions_t"),
        ({"emissions_t": 1, "notation_key": "NE", "explanation": "x"}, "/notation_key"),
        ({"notation_key": "NE"}, "/explanation"),
        ({"notation_key": "XX", "explanation": "x"}, "/notation_key"),
        ({"emissions_t": 1, "period_start": "2019-04-01", "period_end": "2019-03-31"}, "/period_end"),
        ({"emissions_t": 1, "sectors": [{"code": "I.1"}]}, "/sectors/0/emissions_t"),
        ({"emissions_t": 1, "sectors": [{"code": "I.1", "emissions_t": 1}, {"code": "I.1", "notation_key": "NO"}]}, "/sectors/1/code"),
        ({"emissions_t": 1, "year": 20190}, "/year"),
    ],
)
async def test_a_report_is_a_value_or_a_notation_key(house: House, report: dict[str, Any], pointer: str) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    refused = await house.admin.post(f"{where}/progress-reports", json={"year": 2019} | report)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await house.rows("SELECT 1 FROM progress_report") == []


async def test_a_replayed_post_makes_one_commitment(house: House) -> None:
    path = f"/v1/jurisdictions/{await a_city(house)}/commitments"
    headers = {"Idempotency-Key": "one"}
    both = await asyncio.gather(*(house.admin.post(path, json=ABSOLUTE, headers=headers) for _ in range(2)))
    later = await house.admin.post(path, json=ABSOLUTE, headers=headers)
    assert later.status_code == 201
    for answer in both:
        in_flight = answer.status_code == 409 and answer.json()["code"] == "idempotency-key-in-flight"
        assert in_flight or (answer.json(), answer.headers["etag"]) == (later.json(), later.headers["etag"])
    assert len(await house.rows("SELECT 1 FROM commitment")) == 1
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'commitment.made'")) == 1
    assert len(await house.rows("SELECT 1 FROM task WHERE handler = 'commitments.assess'")) == 1
    refusal = await house.admin.post(path, json=FIXED, headers=headers)
    assert refusal.json()["code"] == "idempotency-key-reused"
    refused = [await house.admin.post(path, json=ABSOLUTE | {"target_year": 2005}, headers={"Idempotency-Key": "two"}) for _ in range(2)]
    assert [answer.json()["code"] for answer in refused] == ["blocking-findings"] * 2
    assert refused[1].headers["idempotency-replayed"] == "true"
    assert len(await house.rows("SELECT 1 FROM commitment")) == 1


async def test_what_a_request_asks_of_postgresql(house: House, counter: Counter) -> None:
    city = await a_city(house)
    path = f"/v1/jurisdictions/{city}/commitments"
    where = (await a_commitment(house.admin, city)).headers["location"]
    requests: list[tuple[str, str, Any, dict[str, str], int]] = [
        ("GET", where, None, {}, 1),
        ("GET", "/v1/commitments?country=TW", None, {}, 1),
        ("GET", path, None, {}, 1),
        ("GET", f"{where}/trajectory", None, {}, 1),
        ("POST", path, ABSOLUTE, {}, 2),
        ("POST", path, ABSOLUTE, {"Idempotency-Key": "k"}, 3),
        ("PATCH", where, {"title": "New"}, {"If-Match": "1"}, 3),
        ("POST", f"{where}/progress-reports", {"year": 2019, "emissions_t": 1}, {}, 3),
    ]
    for method, address, body, headers, most in requests:
        with counter.count() as statements:
            answer = await house.admin.request(method, address, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        own = [sql for sql in statements.framed if "api_key" not in sql]  # the key is asked for once a second
        asked = [sql for sql in statements.asked if "api_key" not in sql]
        assert len(asked) <= most, "\n\n".join(asked)
        assert len(own) <= 4
