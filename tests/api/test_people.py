"""People through HTTP: one person per address, however it is spelt; and nothing of it in the ledger."""

import asyncio

import httpx
import pytest

from tests.fixtures.house import House

ANA = {"email": "Ana@Kaohsiung.example", "name": "Ana Lin", "locale": "zh-Hant", "time_zone": "Asia/Taipei"}
JURISDICTION = "01900000-0000-7000-8000-000000000001"


async def test_a_person_is_created_found_changed_and_removed(admin: httpx.AsyncClient, house: House) -> None:
    role = {"role": "jurisdiction_admin", "jurisdiction_id": JURISDICTION}
    made = await admin.post("/v1/people", json=ANA | {"roles": [role]})
    assert made.status_code == 201
    where = made.headers["location"]
    assert made.json()["roles"] == [role | {"community_id": None}]
    assert (await admin.get(where)).json() == made.json()
    found = await admin.get("/v1/people", params={"email": "ANA+comp@KAOHSIUNG.example"})
    assert [person["id"] for person in found.json()["items"]] == [made.json()["id"]]
    changed = await admin.patch(
        where, json={"roles": [{"role": "admin"}], "name": "Ana Lin-Wu"}, headers={"If-Match": made.headers["etag"]}
    )
    assert (changed.json()["version"], changed.json()["name"]) == (2, "Ana Lin-Wu")
    assert [grant["role"] for grant in changed.json()["roles"]] == ["admin"]
    roles_only = await admin.patch(where, json={"roles": []}, headers={"If-Match": changed.headers["etag"]})
    assert (roles_only.json()["version"], roles_only.json()["roles"]) == (3, [])
    nothing = await admin.patch(where, json={"name": "Ana Lin-Wu"}, headers={"If-Match": roles_only.headers["etag"]})
    assert nothing.json()["version"] == 3
    assert (await admin.delete(where)).status_code == 428
    assert (await admin.delete(where, headers={"If-Match": made.headers["etag"]})).status_code == 412
    assert (await admin.delete(where, headers={"If-Match": nothing.headers["etag"]})).status_code == 204
    assert (await admin.get(where)).status_code == 404
    assert (await admin.get("/v1/people")).json()["items"] == []
    assert (await admin.post("/v1/people", json=ANA)).status_code == 201
    events = await house.rows(
        "SELECT data->>'action' AS action, event::text AS whole FROM event WHERE type = 'person.changed' ORDER BY seq"
    )
    assert [event["action"] for event in events] == ["create", "amend", "amend", "remove", "create"]
    assert not [event for event in events if "@" in event["whole"] or "Lin" in event["whole"]]


@pytest.mark.parametrize(
    "spelling", ["ana@kaohsiung.example", "ANA@KAOHSIUNG.EXAMPLE", "ana+x@kaohsiung.example", "Ａna@kaohsiung.example"]
)
async def test_one_address_is_one_person(admin: httpx.AsyncClient, spelling: str) -> None:
    await admin.post("/v1/people", json=ANA)
    again = await admin.post("/v1/people", json=ANA | {"email": spelling})
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")


async def test_an_idn_address_is_stored_in_punycode_and_found_in_both_forms(admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/people", json=ANA | {"email": "ana@高雄.example"})
    assert made.json()["email"] == "ana@xn--do5a73f.example"
    for spelling in ("ana@高雄.example", "ana@xn--do5a73f.example"):
        found = await admin.get("/v1/people", params={"email": spelling})
        assert len(found.json()["items"]) == 1
    assert (await admin.post("/v1/people", json=ANA | {"email": "ANA@XN--DO5A73F.example"})).status_code == 409


async def test_a_change_to_someone_elses_address_is_refused(admin: httpx.AsyncClient) -> None:
    await admin.post("/v1/people", json=ANA)
    ben = await admin.post("/v1/people", json=ANA | {"email": "ben@kaohsiung.example"})
    taken = await admin.patch(ben.headers["location"], json={"email": "ana@kaohsiung.example"}, headers={"If-Match": ben.headers["etag"]})
    assert (taken.status_code, taken.json()["code"]) == (409, "already-exists")
    moved = await admin.patch(ben.headers["location"], json={"email": "ben@yokohama.example"}, headers={"If-Match": ben.headers["etag"]})
    assert moved.json()["email"] == "ben@yokohama.example"


async def test_of_ten_who_create_the_same_person_at_once_one_does(admin: httpx.AsyncClient, house: House) -> None:
    answers = await asyncio.gather(*(admin.post("/v1/people", json=ANA) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert len(await house.rows("SELECT 1 FROM person")) == 1
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'person.changed'")) == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a@b.example, c@d.example"}, "/email"),
        ({"email": "a@b.example\nBcc: all@d.example"}, "/email"),
        ({"email": '"a b"@c.example'}, "/email"),
        ({"email": "ü@b.example"}, "/email"),
        ({"name": "Ana\nBcc: all@d.example"}, "/name"),
        ({"name": "Ana\u2028Bcc: all@d.example"}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"time_zone": "Asia/Formosa"}, "/time_zone"),
        ({"locale": "traditional chinese"}, "/locale"),
        ({"roles": [{"role": "king"}]}, "/roles/0/role"),
        ({"roles": [{"role": "jurisdiction_member"}]}, "/roles/0"),
        ({"roles": [{"role": "chair"}]}, "/roles/0"),
        ({"roles": [{"role": "admin", "jurisdiction_id": JURISDICTION}]}, "/roles/0"),
        ({"roles": [{"role": "reviewer", "jurisdiction_id": JURISDICTION, "community_id": JURISDICTION}]}, "/roles/0"),
        ({"roles": [{"role": "admin"}, {"role": "admin"}]}, ""),
        ({"password": "secret"}, "/password"),
    ],
)
async def test_what_does_not_fit_is_named_by_pointer(admin: httpx.AsyncClient, fields: dict[str, object], pointer: str) -> None:
    answer = await admin.post("/v1/people", json=ANA | fields)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_people_are_the_secretariats_to_see(house: House, anonymous: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    made = await admin.post("/v1/people", json=ANA)
    platform = await house.platform("memberships:write", "jurisdictions:write")
    for client, status in ((platform, 403), (anonymous, 401)):
        assert (await client.get("/v1/people")).status_code == status
        assert (await client.get(made.headers["location"])).status_code == status
        assert (await client.post("/v1/people", json=ANA)).status_code == status
    assert (await admin.get("/v1/people", params={"email": "nobody"})).status_code == 422
    assert (await admin.get(f"/v1/people/{JURISDICTION}")).status_code == 404
