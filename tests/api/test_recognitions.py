"""Recognitions through HTTP: what everyone sees, the check of a code, and taking one back."""

import asyncio
from uuid import UUID

from services.core.recognition import codes, service
from tests.fixtures.house import House
from tests.fixtures.panel import Json, Panel


async def _recognised(house: House) -> tuple[Panel, Json]:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    await panel.review_all(practice_id, 8, 8, 8)
    await panel.tick()
    [found] = (await house.client(None).get("/v1/recognitions")).json()["items"]
    return panel, found


async def test_everyone_sees_a_recognition_and_checks_its_code(house: House) -> None:
    panel, found = await _recognised(house)
    anyone = house.client(None)
    read = await anyone.get(f"/v1/recognitions/{found['id']}")
    assert read.json() == found
    assert found["verify_url"] == f"http://comphub.test/verify/{found['code']}"
    known = await anyone.get(f"/v1/recognitions/{found['id']}", headers={"If-None-Match": read.headers["etag"]})
    assert known.status_code == 304
    for typed in (found["code"], found["code"].lower(), found["code"].replace("-", "")):
        check = await anyone.get(f"/v1/verify/{typed}")
        assert (check.status_code, check.json()["valid"], check.json()["recognition"]) == (200, True, found)
    unknown = await anyone.get("/v1/verify/0000-0000-0000")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    for filters, count in (
        ({"call_id": panel.call["id"]}, 1),
        ({"call_id": found["practice_id"]}, 0),
        ({"theme": "circular_economy", "level": "recognised"}, 1),
        ({"level": "commended"}, 0),
        ({"jurisdiction_id": panel.cities["Kaohsiung"]["jurisdiction_id"]}, 1),
        ({"jurisdiction_id": panel.cities["Kyoto"]["jurisdiction_id"]}, 0),
    ):
        assert len((await anyone.get("/v1/recognitions", params=filters)).json()["items"]) == count


async def test_a_revoked_recognition_is_told_as_such(house: House) -> None:
    panel, found = await _recognised(house)
    where = f"/v1/recognitions/{found['id']}"
    body = {"action": "revoke", "reason": "The figures were withdrawn."}
    assert (await house.client(None).post(f"{where}/transitions", json=body)).status_code == 401
    assert (await panel.cities["Kaohsiung"]["key"].post(f"{where}/transitions", json=body)).status_code == 403
    assert (await house.admin.post(f"{where}/transitions", json={"action": "revoke"})).status_code == 422
    revoked = await house.admin.post(f"{where}/transitions", json=body)
    assert (revoked.status_code, revoked.json()["status"], revoked.json()["allowed_actions"]) == (200, "revoked", [])
    twice = await house.admin.post(f"{where}/transitions", json=body)
    assert (twice.status_code, twice.json()["code"]) == (409, "invalid-transition")
    check = (await house.client(None).get(f"/v1/verify/{found['code']}")).json()
    assert (check["valid"], check["status"]) == (False, "revoked")
    page = await house.client(None).get(f"/verify/{found['code']}")
    assert "not valid" in page.text
    events = await house.rows("SELECT type, reason FROM event WHERE type LIKE 'recognition.%' ORDER BY seq")
    assert [tuple(row) for row in events] == [("recognition.granted", None), ("recognition.revoked", body["reason"])]


async def test_a_practice_is_recognised_once_however_often_it_is_considered(house: House) -> None:
    _, found = await _recognised(house)

    async def again() -> object:
        async with house.database.transaction() as session:
            return await service.consider(session, UUID(found["practice_id"]))

    assert await asyncio.gather(*(again() for _ in range(8))) == [None] * 8
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'recognition.granted'")) == 1


async def test_the_page_of_a_code_is_for_people(house: House) -> None:
    _, found = await _recognised(house)
    anyone = house.client(None)
    page = await anyone.get(f"/verify/{found['code']}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in page.text
    assert "This recognition is valid" in page.text
    assert "Kaohsiung" in page.text
    missing = await anyone.get("/verify/0000-0000-0000")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_codes_are_random_and_forgive_misreading() -> None:
    made = {codes.new_code() for _ in range(1000)}
    assert len(made) == 1000
    assert all(codes.read(code) == code and len(code) == 14 for code in made)
    assert codes.read(" oil0-abcd efgh ") == "0110-ABCD-EFGH"
