"""Peer review as the secretariat sees it: requests, assignments, decisions; and who may not."""

import re

from tests.fixtures.house import House
from tests.fixtures.panel import Panel
from tests.fixtures.statements import Counter

NOWHERE = "01890000-0000-7000-8000-000000000000"


async def test_requests_are_listed_filtered_and_read(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    first = (await panel.requests(practice_id))[0]
    await (await panel.link(first)).accept()
    for filters, count in (
        ({"status": "pending"}, 2),
        ({"status": "accepted"}, 1),
        ({"call_id": panel.call["id"]}, 3),
        ({"call_id": NOWHERE}, 0),
    ):
        assert len((await house.admin.get("/v1/review-requests", params=filters)).json()["items"]) == count
    page = (await house.admin.get("/v1/review-requests", params={"limit": 2, "include": "total"})).json()
    rest = (await house.admin.get("/v1/review-requests", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert (len(page["items"]), page["total"], len(rest["items"]), rest["next_cursor"]) == (2, 3, 1, None)
    where = f"/v1/review-requests/{first['id']}"
    read = await house.admin.get(where)
    assert (read.json()["status"], read.json()["allowed_actions"]) == ("accepted", ["decline"])
    known = await house.admin.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert known.status_code == 304
    stale = await house.admin.post(f"{where}/transitions", json={"action": "decline"}, headers={"If-Match": '"1-v1"'})
    assert stale.status_code == 412


async def test_what_does_not_exist_is_not_found(house: House) -> None:
    for method, path, body in (
        ("GET", f"/v1/calls/{NOWHERE}/assignments", None),
        ("GET", f"/v1/review-requests/{NOWHERE}", None),
        ("GET", f"/v1/review-requests/{NOWHERE}/review", None),
        ("POST", f"/v1/review-requests/{NOWHERE}/transitions", {"action": "accept"}),
        ("GET", f"/v1/practices/{NOWHERE}/reviews", None),
        ("POST", f"/v1/practices/{NOWHERE}/decision", {"outcome": "declined", "reason": "x"}),
        ("GET", f"/v1/recognitions/{NOWHERE}", None),
    ):
        answer = await house.admin.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path


async def test_only_the_secretariat_decides_and_reads_requests(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    body = {"outcome": "recognised", "reason": "x"}
    for client, status in (
        (house.client(None), 401),
        (panel.cities["Kaohsiung"]["key"], 403),
        (await house.platform("reviews:write"), 403),
    ):
        assert (await client.post(f"/v1/practices/{practice_id}/decision", json=body)).status_code == status
        assert (await client.get("/v1/review-requests")).status_code == status
    for wrong in ({"outcome": "assessed", "reason": "x"}, {"outcome": "recognised"}, {**body, "score": 100}):
        assert (await house.admin.post(f"/v1/practices/{practice_id}/decision", json=wrong)).status_code == 422


async def test_reading_is_one_statement_and_an_author_reads_no_reviewers_table(house: House, counter: Counter) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    request = (await panel.requests(practice_id))[0]
    await panel.review_all(practice_id, 8, 8, 8)
    await panel.tick()
    [recognition] = (await house.admin.get("/v1/recognitions")).json()["items"]
    for path in (
        f"/v1/review-requests/{request['id']}",
        "/v1/review-requests",
        f"/v1/review-requests/{request['id']}/review",
        f"/v1/calls/{panel.call['id']}/assignments",
        f"/v1/practices/{practice_id}/reviews",
        f"/v1/recognitions/{recognition['id']}",
        "/v1/recognitions",
        f"/v1/verify/{recognition['code']}",
    ):
        with counter.count() as statements:
            assert (await house.admin.get(path)).status_code == 200
        assert len([sql for sql in statements.asked if "api_key" not in sql]) == 1, path
    with counter.count() as statements:
        author = panel.cities["Kaohsiung"]["key"]
        for path in (f"/v1/practices/{practice_id}", f"/v1/practices/{practice_id}/reviews", "/v1/practices", "/v1/recognitions"):
            assert (await author.get(path)).status_code == 200
    touched = {table for sql in statements.asked for table in re.findall(r"(?:FROM|JOIN) (\w+)\b(?!\()", sql)}
    assert touched - {"api_key", "api_client"} == {"practice", "call", "released_review", "recognition"}
