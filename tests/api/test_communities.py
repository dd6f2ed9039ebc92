"""Communities through HTTP: who writes them, who reads them, and what is refused."""

import httpx
import pytest

from tests.fixtures.cohort import COMMUNITY, Cohort
from tests.fixtures.house import House

FOUNDED = {
    "parties": ["Kaohsiung City Government", "ICLEI"],
    "signatories": [{"party": "ICLEI", "name": "Gino Van Begin", "title": "Secretary General"}],
    "signed_on": "2025-03-21",
    "source": "https://iclei.org/news",
}


async def test_the_secretariat_writes_a_community_and_everyone_reads_it(admin: httpx.AsyncClient, anonymous: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/communities", json=COMMUNITY | {"founding_agreement": FOUNDED})
    assert made.status_code == 201
    read = await anonymous.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.json()["founding_agreement"] == FOUNDED
    listed = await anonymous.get("/v1/communities")
    assert listed.json()["items"] == [made.json()]
    known = await anonymous.get(made.headers["location"], headers={"If-None-Match": read.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_the_secretariat_is_an_office_that_is_reached(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/communities", json=COMMUNITY)
    assert "secretariat" not in made.json()
    assert made.json()["chair_jurisdiction_id"] is None
    where = made.headers["location"]
    office = {"name": "ICLEI East Asia", "email": "eas.office@iclei.example", "website": "https://iclei.example/"}
    patched = await admin.patch(where, json={"secretariat": office}, headers={"If-Match": made.headers["etag"]})
    assert patched.json()["secretariat"] == office
    shorter = await admin.patch(where, json={"secretariat": {"email": None, "website": None}}, headers={"If-Match": "*"})
    assert shorter.json()["secretariat"] == {"name": "ICLEI East Asia", "email": None, "website": None}
    gone = await admin.patch(where, json={"secretariat": None}, headers={"If-Match": "*"})
    assert "secretariat" not in gone.json()
    again = await admin.put(where, json=COMMUNITY | {"secretariat": {"name": "ICLEI"}}, headers={"If-Match": "*"})
    assert again.json()["secretariat"] == {"name": "ICLEI", "email": None, "website": None}
    chosen = await admin.patch(where, json={"chair_jurisdiction_id": None}, headers={"If-Match": "*"})
    assert (chosen.status_code, chosen.json()["errors"][0]["pointer"]) == (422, "/chair_jurisdiction_id")


async def test_who_chairs_follows_from_the_memberships_and_moves_the_version(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    where = f"/v1/communities/{cohort.community['id']}"
    chair = await cohort.member("Kaohsiung", kind="chair", until="signed")
    await cohort.member("Yokohama")
    before = await anonymous.get(where)
    assert (before.json()["chair_jurisdiction_id"], before.json()["version"]) == (None, 1)
    for action, jurisdiction, version in (
        ("activate", chair["jurisdiction_id"], 2),
        ("suspend", chair["jurisdiction_id"], 2),
        ("reinstate", chair["jurisdiction_id"], 2),
        ("withdraw", None, 3),
    ):
        await cohort.step(chair, action)
        known = await anonymous.get(where, headers={"If-None-Match": before.headers["etag"]})
        assert known.status_code == (200 if version > before.json()["version"] else 304)
        before = await anonymous.get(where)
        assert (before.json()["chair_jurisdiction_id"], before.json()["version"]) == (jurisdiction, version)
    await cohort.step(await cohort.draft("Kyoto", kind="chair"), "withdraw")
    assert (await anonymous.get(where)).json()["version"] == 3


async def test_put_and_patch_need_the_version_and_record_one_event_each(admin: httpx.AsyncClient, house: House) -> None:
    made = await admin.post("/v1/communities", json=COMMUNITY | {"founding_agreement": FOUNDED})
    where, tag = made.headers["location"], made.headers["etag"]
    patched = await admin.patch(where, json={"founding_agreement": {"source": None}, "capacity": 16}, headers={"If-Match": tag})
    assert patched.json()["capacity"] == 16
    assert patched.json()["founding_agreement"] == FOUNDED | {"source": None}
    same = await admin.patch(where, json={"capacity": 16}, headers={"If-Match": patched.headers["etag"]})
    assert same.json()["version"] == patched.json()["version"]
    put = await admin.put(where, json=COMMUNITY, headers={"If-Match": same.headers["etag"]})
    assert put.status_code == 200
    assert "founding_agreement" not in put.json()
    stale = await admin.put(where, json=COMMUNITY, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    missing = await admin.patch(where, json={"capacity": 3})
    assert (missing.status_code, missing.json()["code"]) == (428, "version-needed")
    events = await house.rows("SELECT actor_kind, after FROM event WHERE type = 'community.changed' ORDER BY seq")
    assert len(events) == 3


async def test_only_the_secretariat_writes(house: House, anonymous: httpx.AsyncClient) -> None:
    platform = await house.platform("memberships:write")
    assert (await platform.post("/v1/communities", json=COMMUNITY)).status_code == 403
    assert (await anonymous.post("/v1/communities", json=COMMUNITY)).status_code == 401
    community = await Cohort.found(house)
    where = f"/v1/communities/{community.community['id']}"
    assert (await platform.patch(where, json={"capacity": 1}, headers={"If-Match": '"1"'})).status_code == 403
    assert (await platform.get(where)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"ends_on": "2025-01-01"}, ""),
        ({"ends_on": "soon"}, "/ends_on"),
        ({"capacity": 0}, "/capacity"),
        ({"capacity": "15"}, "/capacity"),
        ({"themes": ["happiness"]}, "/themes/0"),
        ({"themes": ["circular_economy", "circular_economy"]}, "/themes"),
        ({"name": "two\nlines"}, "/name"),
        ({"name": None}, "/name"),
        ({"motto": "forward"}, "/motto"),
        ({"capacity": 100_001}, "/capacity"),
        ({"secretariat": {"email": "office@iclei.example"}}, "/secretariat/name"),
        ({"secretariat": {"name": "ICLEI", "email": "no address"}}, "/secretariat/email"),
        ({"secretariat": {"name": "ICLEI", "website": "javascript:alert(1)"}}, "/secretariat/website"),
        ({"founding_agreement": {"parties": []}}, "/founding_agreement/parties"),
    ],
)
async def test_what_does_not_fit_is_named_by_pointer(admin: httpx.AsyncClient, fields: dict[str, object], pointer: str) -> None:
    answer = await admin.post("/v1/communities", json=COMMUNITY | fields)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_capacity_below_the_active_members_is_refused(house: House, admin: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house, capacity=2)
    for name in ("Kaohsiung", "Yokohama"):
        await cohort.member(name)
    where = f"/v1/communities/{cohort.community['id']}"
    refused = await admin.patch(where, json={"capacity": 1}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "capacity-reached")
    assert (await admin.patch(where, json={"capacity": 3}, headers={"If-Match": "*"})).status_code == 200


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", 0, 1700006400, "2025-06-01T00:00:00Z", "1700006400", "2025-6-1", "2025-02-30"])
async def test_a_date_is_a_day_of_the_calendar(admin: httpx.AsyncClient, day: object) -> None:
    body = {"name": "ComP", "starts_on": "2025-01-01", "ends_on": day, "capacity": 5, "themes": ["circular_economy"]}
    refused = await admin.post("/v1/communities", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/ends_on")
