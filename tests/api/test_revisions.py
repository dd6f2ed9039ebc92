"""The history of a commitment through HTTP: what a revision says, who sees it, and that it is sealed where it is written."""

import asyncio
import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.core.commitments import service
from services.core.commitments.chain import verify
from services.core.commitments.schemas import CommitmentCreate, CommitmentPatch
from services.core.kit.actor import SYSTEM
from services.core.ledger.record import mark, rewind, waiting
from tests.api.test_commitments import ABSOLUTE, FIXED, INTENSITY, SCENARIO, a_city, a_commitment
from tests.fixtures.house import House
from tests.fixtures.statements import Counter

Json = dict[str, Any]
ANY = {"If-Match": "*"}


async def history(client: httpx.AsyncClient, where: str) -> list[Json]:
    answer = await client.get(f"{where}/revisions")
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def patched(client: httpx.AsyncClient, where: str, **members: Any) -> Json:
    answer = await client.patch(where, json=members, headers=ANY)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


async def a_history(house: House, **members: Any) -> str:
    """A commitment that was made, revised and weakened."""
    where = (await a_commitment(house.admin, await a_city(house), **members)).headers["location"]
    await patched(house.admin, where, reduction_percent=40, reason="The council asked for more.")
    await patched(house.admin, where, target_year=2035, title="Later")
    return str(where)


async def test_a_revision_says_when_who_why_and_what(house: House, anonymous: httpx.AsyncClient) -> None:
    where = await a_history(house)
    first, second, third = await history(anonymous, where)
    assert [(each["number"], each["kind"], each["by"]) for each in (first, second, third)] == [
        (1, "made", "platform"),
        (2, "revised", "platform"),
        (3, "weakened", "platform"),
    ]
    assert {each["field"]: each["after"] for each in first["moved"]} == ABSOLUTE | {"sector": "all", "visibility": "public"}
    assert all(each["before"] is None for each in first["moved"])
    assert (first["reason"], first["weakened"], first["previous_hash"]) == (None, [], None)
    assert second["moved"] == [{"field": "reduction_percent", "before": 30, "after": 40}]
    assert (second["reason"], second["weakened"]) == ("The council asked for more.", [])
    assert [each["field"] for each in third["moved"]] == ["target_year", "title"]
    assert third["reason"] is None
    assert third["weakened"] == [
        {"aspect": "target_year", "pointer": "/target_year", "message": "The target year is 2035 instead of 2030."}
    ]
    shown = (await anonymous.get(where)).json()
    assert (shown["created_at"], shown["updated_at"]) == (first["at"], third["at"])
    assert shown["history"] == {"revisions": 3, "ever_weakened": True, "weakened_times": 1, "weakened_at": third["at"]}
    assert "reason" not in shown


async def test_a_history_is_a_chain_that_begins_with_the_first(house: House) -> None:
    items = await history(house.admin, await a_history(house))
    previous = ""
    for item in items:
        assert item["previous_hash"] == (previous or None)
        previous = hashlib.sha256((previous + item["content"]).encode()).hexdigest()
        assert item["hash"] == previous
    assert verify(items).faults == ()
    assert "platform" in items[0]["content"]
    assert "test" not in {json.loads(item["content"])["by"] for item in items}, "a kind, never a name"


async def test_any_earlier_state_can_be_rebuilt(house: House) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    states = [(await house.admin.get(where)).json()]
    measures = [{"title": "太陽光電", "indicators": [{"name": "PV", "value": 1.25, "as_of": "2024-03-22"}]}]
    changes: list[Json] = [{"measures": measures}, {"base_year_emissions_t": 0.000001}, {"gases": [], "scopes": [3]}]
    states += [await patched(house.admin, where, **members) for members in changes]
    rebuilt: Json = {}
    for item, state in zip(await history(house.admin, where), states, strict=True):
        rebuilt |= {each["field"]: each["after"] for each in item["moved"]}
        assert {name: state[name] for name in rebuilt} == rebuilt


async def test_an_event_is_one_and_at_the_instant_of_the_row(house: House) -> None:
    where = await a_history(house)
    events = await house.rows("SELECT type, reason, occurred_at, before, after FROM event WHERE subject = 'commitment' ORDER BY seq")
    assert [event["type"] for event in events] == ["commitment.made", "commitment.revised", "commitment.weakened"]
    assert [event["reason"] for event in events] == [None, "The council asked for more.", None]
    items = await history(house.admin, where)
    assert [event["occurred_at"] for event in events] == [datetime.fromisoformat(item["at"]) for item in items]
    assert json.loads(events[2]["before"]) == {"target_year": 2030, "title": ABSOLUTE["title"]}
    tasks = await house.rows("SELECT payload::text AS payload FROM task WHERE queue = 'commitments'")
    assert len(tasks) == 3, "each is assessed"
    assert all(set(json.loads(task["payload"])) == {"event_id", "id"} for task in tasks), "a task needs no history"


async def test_a_reason_alone_changes_nothing(house: House) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    assert (await patched(house.admin, where, reason="Only words"))["version"] == 1
    assert (await patched(house.admin, where, reason=None, title="New"))["version"] == 2
    put = await house.admin.put(where, json=ABSOLUTE | {"reason": "Back"}, headers=ANY)
    again = await house.admin.put(where, json=ABSOLUTE | {"reason": "Once more"}, headers=ANY)
    assert (put.json()["version"], again.json()["version"]) == (3, 3)
    assert [item["reason"] for item in await history(house.admin, where)] == [None, None, "Back"]
    assert "Once more" not in (await house.admin.get(where)).text


@pytest.mark.parametrize(
    ("reason", "status"), [("x" * 2_000, 200), ("x" * 2_001, 422), ("", 422), (7, 422), (None, 200), ("  高雄\n雄 ", 200)]
)
async def test_which_reasons_are_taken(house: House, reason: Any, status: int) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    for method, body in (("PATCH", {"title": "New"}), ("PUT", ABSOLUTE)):
        answer = await house.admin.request(method, where, json=body | {"reason": reason}, headers=ANY)
        assert answer.status_code == status
        if status == 422:
            assert answer.json()["errors"][0]["pointer"] == "/reason"
    if status == 200:
        items = await history(house.admin, where)
        assert {item["reason"] for item in items[1:]} == {reason.strip() if reason else None}
        assert verify(items).faults == ()


async def test_a_commitment_is_made_without_a_reason(house: House) -> None:
    refused = await a_commitment(house.admin, await a_city(house), reason="Because")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")


@pytest.mark.parametrize("given", [FIXED, INTENSITY, SCENARIO])
async def test_every_type_is_sealed_with_its_groups(house: House, given: Json) -> None:
    city = await a_city(house)
    where = (await house.admin.post(f"/v1/jurisdictions/{city}/commitments", json=given)).headers["location"]
    await house.admin.put(where, json=ABSOLUTE, headers=ANY)
    items = await history(house.admin, where)
    assert verify(items).faults == ()
    moved = {each["field"]: each for each in items[1]["moved"]}
    for group in ("intensity", "baseline_scenario"):
        if group in given:
            assert (moved[group]["before"], moved[group]["after"]) == (given[group], None)


async def test_pages_follow_each_other(house: House, anonymous: httpx.AsyncClient) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    for number in range(2, 8):
        await patched(house.admin, where, title=f"Version {number}")
    params: Json = {"limit": 3, "include": "total"}
    numbers: list[int] = []
    while params:
        page = await anonymous.get(f"{where}/revisions", params=params)
        assert page.json()["total"] == 7
        numbers += [item["number"] for item in page.json()["items"]]
        cursor = page.json()["next_cursor"]
        assert ("next" in page.links) == (cursor is not None)
        params = {"limit": 3, "include": "total", "cursor": cursor} if cursor else {}
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    page = await anonymous.get(f"{where}/revisions", params={"limit": 3})
    other = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    wrong = await anonymous.get(f"{other}/revisions", params={"cursor": page.json()["next_cursor"]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid-cursor")
    same = await anonymous.get(f"{where}/revisions", params={"limit": 3}, headers={"If-None-Match": page.headers["etag"]})
    assert same.status_code == 304


async def test_a_history_is_seen_by_who_sees_the_commitment(house: House, anonymous: httpx.AsyncClient) -> None:
    city = await a_city(house)
    where = (await a_commitment(house.admin, city)).headers["location"]
    own = await house.platform("commitments:write", jurisdictions=[city])
    other = await house.platform("commitments:read", jurisdictions=[await a_city(house, "Suwon", "KR")])
    clients = (anonymous, other, own)
    assert [(await client.get(f"{where}/revisions")).status_code for client in clients] == [200, 200, 200]
    await patched(own, where, visibility="members")
    assert [(await client.get(f"{where}/revisions")).status_code for client in clients] == [404, 200, 200]
    await patched(own, where, visibility="private", reason="Not yet.")
    assert [(await client.get(f"{where}/revisions")).status_code for client in clients] == [404, 404, 200]
    hidden = await anonymous.get(f"{where}/revisions")
    missing = await anonymous.get(f"/v1/commitments/{city}/revisions")
    assert [hidden.json()[name] for name in ("code", "detail")] == [missing.json()[name] for name in ("code", "detail")]
    assert [item["number"] for item in await history(own, where)] == [1, 2, 3]
    shown = await patched(own, where, visibility="public")
    assert (shown["history"]["ever_weakened"], shown["history"]["weakened_times"]) == (True, 2), "to hide it does not undo it"
    items = await history(anonymous, where)
    assert [item["kind"] for item in items] == ["made", "weakened", "weakened", "revised"]
    assert [each["message"] for item in items for each in item["weakened"]] == [
        "It is no longer public.", "It is no longer shown to the members of its communities.",
    ]  # fmt: skip
    assert {each["aspect"] for item in items for each in item["weakened"]} == {"visibility"}
    assert verify(items).faults == ()


async def test_a_person_is_a_person_and_never_named(house: House) -> None:
    city = await a_city(house)
    roles = [{"role": "jurisdiction_admin", "jurisdiction_id": city}]
    mayor = {"email": "mayor@kaohsiung.example", "name": "Chen Chi-mai", "roles": roles}
    person = await house.admin.post("/v1/people", json=mayor)
    assert person.status_code == 201, person.text
    client = await house.signed_in(person.json()["id"])
    where = (await a_commitment(client, city)).headers["location"]
    shown = await client.get(f"{where}/revisions")
    assert shown.json()["items"][0]["by"] == "person"
    assert "Chen" not in shown.text
    assert person.json()["id"] not in shown.text
    audit = (await house.admin.get("/v1/audit", params={"type": "commitment.made"})).json()["items"]
    assert audit[-1]["actor"]["label"] == "Chen Chi-mai"


async def test_changes_at_once_are_sealed_one_after_the_other(house: House) -> None:
    where = (await a_commitment(house.admin, await a_city(house))).headers["location"]
    titles = [f"Title {number}" for number in range(8)]
    answers = await asyncio.gather(*(house.admin.patch(where, json={"title": title}, headers=ANY) for title in titles))
    assert [answer.status_code for answer in answers] == [200] * 8
    items = await history(house.admin, where)
    assert (len(items), verify(items).faults) == (9, ())
    moves = [item["moved"][0] for item in items[1:]]
    assert sorted(move["after"] for move in moves) == titles
    assert [move["before"] for move in moves[1:]] == [move["after"] for move in moves[:-1]], "each says what it found"


async def test_two_changes_in_one_transaction_are_two_links(house: House) -> None:
    city = UUID(await a_city(house))
    async with house.database.transaction() as session:
        commitment_id, _ = await service.make(session, SYSTEM, city, CommitmentCreate.model_validate(ABSOLUTE))
        await service.amend(session, SYSTEM, commitment_id, CommitmentPatch.model_validate({"title": "Second"}), 1)
        at = mark(session)
        await service.amend(session, SYSTEM, commitment_id, CommitmentPatch.model_validate({"title": "Third"}), 2)
        assert waiting(session, commitment_id, "revision")["number"] == 3
        rewind(session, at)
        assert waiting(session, commitment_id, "revision")["number"] == 2
        await session.rollback()
    async with house.database.transaction() as session:
        commitment_id, _ = await service.make(session, SYSTEM, city, CommitmentCreate.model_validate(ABSOLUTE))
        for number in (1, 2):
            patch = CommitmentPatch.model_validate({"title": f"Title {number}", "reason": "An import."})
            await service.amend(session, SYSTEM, commitment_id, patch, number)
    items = await history(house.admin, f"/v1/commitments/{commitment_id}")
    assert [(item["number"], item["by"], item["reason"]) for item in items] == [
        (1, "system", None),
        (2, "system", "An import."),
        (3, "system", "An import."),
    ]
    assert verify(items).faults == ()


async def test_what_was_written_before_the_sealing_is_shown_without_a_seal(house: House) -> None:
    where = await a_history(house)
    await house.rows("UPDATE event SET data = data - 'revision' WHERE type IN ('commitment.made', 'commitment.revised')")
    await house.rows("UPDATE event SET data = data #- '{revision,previous_hash}' WHERE type = 'commitment.weakened'")
    first, second, third = await history(house.admin, where)
    assert [(each["number"], each["kind"], each["by"]) for each in (first, second)] == [(1, "made", "platform"), (2, "revised", "platform")]
    assert {name: second[name] for name in ("content", "previous_hash", "hash")} == dict.fromkeys(("content", "previous_hash", "hash"))
    assert second["moved"] == [{"field": "reduction_percent", "before": 30, "after": 40}]
    assert {each["field"] for each in first["moved"]} == {"title", "target_type", "target_year", "visibility"}
    assert second["reason"] == "The council asked for more."
    assert second["weakened"] == []
    assert second["at"] < third["at"]
    await house.rows("UPDATE event SET data = '{}' WHERE subject = 'commitment'")
    await patched(house.admin, where, title="The first that is sealed")
    items = await history(house.admin, where)
    assert [item["hash"] is None for item in items] == [True, True, True, False]
    assert items[3]["previous_hash"] is None
    assert (verify(items).unsealed, verify(items).faults) == (3, ())


async def test_a_history_costs_one_statement(house: House, counter: Counter) -> None:
    where = await a_history(house)
    with counter.count() as statements:
        await house.admin.get(f"{where}/revisions")
    assert len([sql for sql in statements.asked if "api_key" not in sql]) == 1
