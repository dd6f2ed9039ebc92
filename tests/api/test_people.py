"""People through HTTP: one person per address, however it is spelt; who may make an administrator; nothing in the ledger."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.core.accounts.service import lock_administrators
from tests.fixtures.cohort import Cohort, representative
from tests.fixtures.house import House

Json = dict[str, Any]
ANA = {"email": "Ana@Kaohsiung.example", "name": "Ana Lin", "locale": "zh-Hant", "time_zone": "Asia/Taipei"}
NOWHERE = "01900000-0000-7000-8000-000000000001"
ANY = {"If-Match": "*"}


async def test_a_person_is_created_found_changed_and_removed(admin: httpx.AsyncClient, house: House) -> None:
    city = await (await Cohort.found(house)).jurisdiction("Kaohsiung")
    role = {"role": "jurisdiction_admin", "jurisdiction_id": city}
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
        ({"roles": [{"role": "admin", "jurisdiction_id": NOWHERE}]}, "/roles/0"),
        ({"roles": [{"role": "reviewer", "jurisdiction_id": NOWHERE, "community_id": NOWHERE}]}, "/roles/0"),
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
    assert (await admin.get(f"/v1/people/{NOWHERE}")).status_code == 404


async def test_who_is_removed_speaks_for_nobody_and_the_last_who_speaks_stays(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung")
    path = f"/v1/memberships/{member['id']}/representatives"
    people = {person["role"]: person for person in (await house.admin.get(path)).json()["items"]}
    last = await house.admin.delete(f"/v1/people/{people['political']['person_id']}", headers=ANY)
    assert (last.status_code, last.json()["code"]) == (409, "representatives-missing")
    successor = representative("political") | {"email": "successor@city.example"}
    assert (await house.admin.post(path, json=successor)).status_code == 201
    assert (await house.admin.delete(f"/v1/people/{people['political']['person_id']}", headers=ANY)).status_code == 204
    left = (await house.admin.get(path)).json()["items"]
    assert {person["email"] for person in left} == {"technical@kaohsiung.example", "successor@city.example"}
    gone = UUID(people["political"]["id"])
    told = await house.rows("SELECT data->>'action' AS action FROM event WHERE subject_id = $1 ORDER BY seq", gone)
    assert [row["action"] for row in told] == ["name", "remove"]


async def test_a_role_is_held_in_a_place_that_exists(admin: httpx.AsyncClient, house: House) -> None:
    cohort = await Cohort.found(house)
    city, community = await cohort.jurisdiction("Kaohsiung"), cohort.community["id"]
    here: list[Json] = [
        {"role": "reviewer", "community_id": None, "jurisdiction_id": None},
        {"role": "chair", "community_id": community, "jurisdiction_id": None},
        {"role": "jurisdiction_member", "community_id": None, "jurisdiction_id": city},
    ]
    made = await admin.post("/v1/people", json=ANA | {"roles": here})
    assert (made.status_code, made.json()["roles"]) == (201, here)
    where = made.headers["location"]
    for place, role in (("jurisdiction", "jurisdiction_admin"), ("community", "chair")):
        lost = [*here, {"role": role, f"{place}_id": NOWHERE}]
        for answer in (
            await admin.post("/v1/people", json=ANA | {"email": "ben@kaohsiung.example", "roles": lost}),
            await admin.patch(where, json={"roles": lost}, headers=ANY),
        ):
            assert answer.status_code == 422
            [error] = answer.json()["errors"]
            assert (error["pointer"], error["code"]) == (f"/roles/3/{place}_id", "unknown")
    assert (await admin.get(where)).json() == made.json()
    assert len(await house.rows("SELECT 1 FROM person")) == 1
    fewer = await admin.patch(where, json={"roles": here[1:]}, headers=ANY)
    assert fewer.json()["roles"] == here[1:]


async def _secretariat(house: House) -> httpx.AsyncClient:
    """A secretariat that is no administrator, signed in."""
    made = await house.admin.post("/v1/people", json={"email": "sec@iclei.example", "name": "Sec", "roles": [{"role": "secretariat"}]})
    return await house.signed_in(made.json()["id"])


async def test_a_secretariat_never_makes_itself_an_administrator(house: House) -> None:
    root = (await house.admin.post("/v1/people", json=ANA | {"email": "root@iclei.example", "roles": [{"role": "admin"}]})).json()
    robot = (await house.admin.post("/v1/api-clients", json=_client("admin"))).json()
    secretariat = await _secretariat(house)
    own, other = (await secretariat.get("/v1/me")).json()["id"], f"/v1/people/{root['id']}"
    admins = [{"role": "admin"}]
    before = await house.rows("SELECT person_id, role FROM role_grant ORDER BY id")
    refused = [
        await secretariat.post("/v1/people", json=ANA | {"roles": admins}),
        await secretariat.patch(f"/v1/people/{own}", json={"roles": admins}, headers=ANY),
        await secretariat.patch(other, json={"roles": []}, headers=ANY),
        await secretariat.patch(other, json={"email": "sec+root@iclei.example"}, headers=ANY),
        await secretariat.delete(other, headers=ANY),
        await secretariat.post("/v1/api-clients", json=_client("admin")),
        await secretariat.post(f"/v1/api-clients/{robot['id']}/keys", json={}),
        await secretariat.delete(f"/v1/api-clients/{robot['id']}/keys/{robot['key_id']}"),
        await secretariat.delete(f"/v1/api-clients/{robot['id']}"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "forbidden")] * len(refused)
    assert all("administrator" in answer.json()["detail"] for answer in refused)
    assert await house.rows("SELECT person_id, role FROM role_grant ORDER BY id") == before
    assert (await secretariat.patch(other, json={"name": "Root"}, headers=ANY)).status_code == 200
    assert (await secretariat.post("/v1/people", json=ANA | {"roles": [{"role": "secretariat"}]})).status_code == 201
    assert (await secretariat.post("/v1/api-clients", json=_client("memberships:write"))).status_code == 201


def _client(scope: str) -> Json:
    return {"name": "Platform", "scopes": [scope], "jurisdiction_ids": ["*"]}


async def test_the_last_administrator_stays_one(house: House) -> None:
    admins = [{"role": "admin"}]
    one = (await house.admin.post("/v1/people", json=ANA | {"roles": admins})).json()
    own = await house.signed_in(one["id"])
    where = f"/v1/people/{one['id']}"
    alone = await own.patch(where, json={"roles": [{"role": "reviewer"}]}, headers=ANY)
    assert (alone.status_code, alone.json()["code"]) == (409, "conflict")
    removal = await own.delete(where, headers=ANY)
    assert (removal.status_code, removal.json()["code"]) == (409, "conflict")
    two = (await own.post("/v1/people", json=ANA | {"email": "two@iclei.example", "roles": admins})).json()
    assert (await own.delete(where, headers=ANY)).status_code == 409  # nobody removes themselves, however many there are
    assert (await own.patch(where, json={"roles": []}, headers=ANY)).status_code == 200
    assert (await house.admin.delete(f"/v1/people/{two['id']}", headers=ANY)).status_code == 204  # a key is an administrator itself


async def test_two_administrators_never_unmake_each_other_at_once(house: House) -> None:
    people = [
        (await house.admin.post("/v1/people", json=ANA | {"email": f"{n}@iclei.example", "roles": [{"role": "admin"}]})).json()["id"]
        for n in range(2)
    ]
    clients = [await house.signed_in(person) for person in people]
    async with house.database.transaction() as session:
        await lock_administrators(session)
        sent = [asyncio.create_task(clients[n].patch(f"/v1/people/{people[1 - n]}", json={"roles": []}, headers=ANY)) for n in range(2)]
        while len(await house.rows("SELECT 1 FROM pg_locks WHERE NOT granted")) < len(sent):
            assert not any(answer.done() for answer in sent)
            await asyncio.sleep(0.01)
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await house.rows("SELECT 1 FROM role_grant WHERE role = 'admin'")) == 1
