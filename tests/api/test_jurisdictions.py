"""Jurisdictions through HTTP: creating, reading, changing, and what is refused."""

import httpx

from tests.fixtures.house import House

KAOHSIUNG = {
    "name": "Kaohsiung",
    "names": {"zh-Hant": "高雄市"},
    "level": "city",
    "country": "TW",
    "subdivision": "TW-KHH",
    "population": 2_765_932,
    "area_km2": 2952,
    "external_ids": [{"source": "unlocode", "value": "TW KHH"}, {"source": "cdp", "value": "31112"}],
}


async def test_a_jurisdiction_is_created_read_and_changed(admin: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    assert made.status_code == 201
    where = made.headers["location"]
    read = await anonymous.get(where)
    assert read.json() == made.json()
    assert read.json()["names"] == {"zh-Hant": "高雄市"}
    assert "location" not in read.json()
    unchanged = await anonymous.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    patched = await admin.patch(where, json={"population": None}, headers={"If-Match": read.headers["etag"]})
    assert (patched.json()["population"], patched.json()["version"]) == (None, 2)
    stale = await admin.patch(where, json={"population": 5}, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    missing = await admin.patch(where, json={"population": 5})
    assert (missing.status_code, missing.json()["code"]) == (428, "version-needed")


async def test_a_replay_gives_the_first_answer_and_creates_nothing(admin: httpx.AsyncClient, house: House) -> None:
    first = await admin.post("/v1/jurisdictions", json=KAOHSIUNG, headers={"Idempotency-Key": "one"})
    again = await admin.post("/v1/jurisdictions", json=KAOHSIUNG, headers={"Idempotency-Key": '"one"'})
    assert (again.status_code, again.json(), again.headers["etag"]) == (201, first.json(), first.headers["etag"])
    other = await admin.post("/v1/jurisdictions", json=KAOHSIUNG | {"name": "Other"}, headers={"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await house.rows("SELECT 1 FROM jurisdiction")) == 1
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'jurisdiction.changed'")) == 1


async def test_a_patch_changes_numbers_and_merges_maps(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    where = made.headers["location"]
    patch = {"area_km2": 2947.62, "names": {"ja": "高雄市"}, "location": {"latitude": 22.6, "longitude": 120.3}}
    patched = await admin.patch(where, json=patch, headers={"If-Match": made.headers["etag"]})
    assert patched.status_code == 200, patched.text
    assert patched.json()["area_km2"] == 2947.62
    assert patched.json()["names"] == {"zh-Hant": "高雄市", "ja": "高雄市"}
    assert patched.json()["location"] == {"latitude": 22.6, "longitude": 120.3}
    cleared = await admin.patch(where, json={"location": None}, headers={"If-Match": patched.headers["etag"]})
    assert "location" not in cleared.json()


async def test_no_jurisdiction_lies_within_itself(admin: httpx.AsyncClient) -> None:
    outer = await admin.post("/v1/jurisdictions", json=KAOHSIUNG)
    district = {"name": "Yancheng", "level": "county", "country": "TW", "parent_id": outer.json()["id"]}
    inner = await admin.post("/v1/jurisdictions", json=district)
    assert inner.status_code == 201
    for parent in (outer.json()["id"], inner.json()["id"]):
        refused = await admin.patch(outer.headers["location"], json={"parent_id": parent}, headers={"If-Match": outer.headers["etag"]})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/parent_id")


async def test_a_trailing_slash_leads_nowhere(admin: httpx.AsyncClient) -> None:
    answer = await admin.get("/v1/jurisdictions/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
