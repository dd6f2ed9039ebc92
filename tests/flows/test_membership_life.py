"""The life of a membership: its steps, its guards, its history, and two who act at once."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from services.core.communities import queries
from tests.fixtures.cohort import EXPRESSION, SIGNED, WAY, Cohort, representative, take
from tests.fixtures.house import House

Json = dict[str, Any]


async def test_from_an_expression_of_interest_to_an_active_member(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    city = await cohort.jurisdiction("Kaohsiung")
    own = await house.platform("memberships:write", jurisdictions=[city])
    draft = (await own.post(cohort.path, json={"jurisdiction_id": city, "kind": "chair", "expression": EXPRESSION})).json()
    where = f"/v1/memberships/{draft['id']}"
    assert (await take(own, draft, "submit")).json()["status"] == "expressed_interest"
    early = await take(own, draft, "review")
    assert (early.status_code, early.json()["code"]) == (403, "forbidden")
    await cohort.step(draft, "review")
    returned = await cohort.step(draft, "return", reason="Who is the leader?")
    assert (returned["status"], returned["allowed_actions"]) == ("returned", ["submit", "withdraw"])
    assert (await take(own, draft, "submit")).json()["status"] == "expressed_interest"
    for action in ("review", "invite", "send_agreement"):
        await cohort.step(draft, action)
    for role in ("political", "technical"):
        assert (await own.post(f"{where}/representatives", json=representative(role))).status_code == 201
    unsigned = await take(own, draft, "sign")
    assert (unsigned.status_code, unsigned.json()["code"]) == (409, "agreement-incomplete")
    ours = await own.put(f"{where}/agreement", json={"signatories": SIGNED["signatories"][:1]})
    assert (await take(own, draft, "sign")).json()["status"] == "signed"
    half = await take(house.admin, draft, "activate")
    assert (half.status_code, half.json()["code"]) == (409, "agreement-incomplete")
    await house.admin.put(f"{where}/agreement", json=SIGNED, headers={"If-Match": ours.headers["etag"]})
    active = await cohort.step(draft, "activate", reason="Welcome.")
    assert (active["status"], active["allowed_actions"]) == ("active", ["suspend", "withdraw", "renew"])
    assert active["activated_at"]
    assert (await anonymous.get(where)).status_code == 200
    history = (await own.get(f"{where}/history")).json()["items"]
    assert [entry["action"] for entry in history] == [
        "draft", "submit", "review", "return", "submit", "review", "invite", "send_agreement", "sign", "activate",
    ]  # fmt: skip
    last = history[-1]
    assert (last["before"], last["after"], last["reason"]) == ({"status": "signed"}, {"status": "active"}, "Welcome.")
    assert last["actor"]["kind"] == "platform"
    assert history[3]["reason"] == "Who is the leader?"
    kinds = await house.rows("SELECT type, count(*) AS n FROM event WHERE subject = 'membership' GROUP BY type ORDER BY type")
    assert [tuple(row) for row in kinds] == [
        ("membership.changed", 1), ("membership.expressed_interest", 2), ("membership.status_changed", 7),
    ]  # fmt: skip


async def test_a_step_that_the_state_does_not_allow_says_what_it_allows(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    refused = await take(house.admin, draft, "activate")
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid-transition")
    assert (refused.json()["current_status"], refused.json()["allowed_actions"]) == ("draft", ["submit", "withdraw"])
    await cohort.step(draft, "withdraw")
    over = await take(house.admin, draft, "submit")
    assert (over.json()["code"], over.json()["allowed_actions"]) == ("invalid-transition", [])


async def test_activation_is_guarded(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung", until="signed")
    where = f"/v1/memberships/{member['id']}"

    async def code() -> str:
        refused = await take(house.admin, member, "activate")
        assert refused.status_code == 409, refused.text
        return str(refused.json()["code"])

    async def sign(*dates: str | None) -> None:
        signatories = [entry | {"signed_on": on} for entry, on in zip(SIGNED["signatories"], dates, strict=False)]
        answer = await house.admin.put(f"{where}/agreement", json={"signatories": signatories}, headers={"If-Match": "*"})
        assert answer.status_code == 200

    today = datetime.now(UTC).date()
    await sign("2025-03-21")
    assert await code() == "agreement-incomplete"
    await sign("2025-03-21", None)
    assert await code() == "agreement-incomplete"
    await sign("2025-03-21", _iso(today + timedelta(days=2)))
    assert await code() == "agreement-dated-after-activation"
    await sign("2025-03-21", _iso(today))
    political = (await house.admin.get(f"{where}/representatives")).json()["items"][0]
    await house.admin.delete(f"/v1/representatives/{political['id']}", headers={"If-Match": "*"})
    assert await code() == "representatives-missing"
    ended = _iso(today - timedelta(days=1))
    successor = await house.admin.post(f"{where}/representatives", json=representative("political", mandate_ends_on=ended))
    assert await code() == "representatives-missing"
    lasting = {"mandate_ends_on": _iso(today)}
    assert (await house.admin.patch(successor.headers["location"], json=lasting, headers={"If-Match": "*"})).status_code == 200
    assert (await cohort.step(member, "activate"))["status"] == "active"
    torn = await house.admin.put(f"{where}/agreement", json={"signatories": []}, headers={"If-Match": "*"})
    assert (torn.status_code, torn.json()["code"]) == (409, "agreement-incomplete")


async def test_a_signature_of_tomorrow_counts_once_domain_time_is_there(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung", until="signed")
    signed_on = _iso(datetime.now(UTC).date() + timedelta(days=2))
    agreement = {"signatories": [entry | {"signed_on": signed_on} for entry in SIGNED["signatories"]]}
    await house.admin.put(f"/v1/memberships/{member['id']}/agreement", json=agreement, headers={"If-Match": "*"})
    assert (await take(house.admin, member, "activate")).json()["code"] == "agreement-dated-after-activation"
    await house.shift(days=2)
    assert (await take(house.admin, member, "activate")).status_code == 200


async def test_of_twenty_parallel_activations_fifteen_succeed(house: House) -> None:
    cohort = await Cohort.found(house, capacity=15)
    ready = [await cohort.member(f"City {number}", until="signed") for number in range(20)]
    answers = await asyncio.gather(*(_insist(house.admin, member, "activate") for member in ready))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) == 5
    assert {answer.json()["code"] for answer in refused} == {"capacity-reached"}
    assert len((await house.admin.get(cohort.path, params={"status": "active"})).json()["items"]) == 15
    assert len(await house.rows("SELECT 1 FROM event WHERE data->>'action' = 'activate'")) == 15
    watcher = await cohort.member("Observatory", kind="observer", until="signed")
    assert (await cohort.step(watcher, "activate"))["status"] == "active"
    chair = await cohort.member("Chair", kind="chair", until="signed")
    assert (await take(house.admin, chair, "activate")).json()["code"] == "capacity-reached"
    leaving = next(member for member, answer in zip(ready, answers, strict=True) if answer.status_code == 200)
    await cohort.step(leaving, "withdraw")
    assert (await cohort.step(chair, "activate"))["status"] == "active"


async def test_of_two_chairs_at_once_one_is_refused(house: House) -> None:
    cohort = await Cohort.found(house)
    ready = [await cohort.member(name, kind="chair", until="signed") for name in ("Kaohsiung", "Yokohama")]
    answers = await asyncio.gather(*(_insist(house.admin, member, "activate") for member in ready))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert next(answer for answer in answers if answer.status_code == 409).json()["code"] == "chair-taken"
    first, second = sorted(ready, key=lambda member: answers[ready.index(member)].status_code)
    await cohort.step(first, "suspend", reason="elections")
    assert (await take(house.admin, second, "activate")).json()["code"] == "chair-taken"
    await cohort.step(first, "withdraw")
    assert (await cohort.step(second, "activate"))["status"] == "active"


async def test_a_suspended_member_returns_when_there_is_room(house: House) -> None:
    cohort = await Cohort.found(house, capacity=1)
    first = await cohort.member("Kaohsiung")
    suspended = await cohort.step(first, "suspend", reason="dues")
    assert suspended["allowed_actions"] == ["reinstate", "withdraw"]
    second = await cohort.member("Yokohama")
    full = await take(house.admin, first, "reinstate")
    assert (full.status_code, full.json()["code"]) == (409, "capacity-reached")
    await cohort.step(second, "withdraw")
    assert (await cohort.step(first, "reinstate"))["status"] == "active"


async def test_of_two_who_take_the_same_step_one_wins(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    answers = await asyncio.gather(*(_insist(house.admin, draft, "submit") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'membership.expressed_interest'")) == 1


async def test_a_step_honours_the_version_and_the_idempotency_key(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    where = f"/v1/memberships/{draft['id']}/transitions"
    stale = await house.admin.post(where, json={"action": "submit"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    headers = {"If-Match": '"1"', "Idempotency-Key": "submit-once"}
    first = await house.admin.post(where, json={"action": "submit"}, headers=headers)
    again = await house.admin.post(where, json={"action": "submit"}, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'membership.expressed_interest'")) == 1


async def test_the_way_out_is_open_until_the_end(house: House) -> None:
    cohort = await Cohort.found(house)
    for number, status in enumerate((*WAY, "active")):
        member = await cohort.member(f"City {number}", until=status)
        own = await house.platform("memberships:write", jurisdictions=[member["jurisdiction_id"]])
        assert (await take(own, member, "withdraw")).json()["status"] == "withdrawn"
        late = await own.post(f"/v1/memberships/{member['id']}/representatives", json=representative("communications"))
        assert (late.status_code, late.json()["code"]) == (409, "conflict")
    rejected = await cohort.step(await cohort.member("Last", until="under_review"), "reject", reason="not in the region")
    assert (rejected["status"], rejected["allowed_actions"]) == ("rejected", [])


async def test_the_secretariats_steps_need_the_secretariat(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung", until="under_review")
    own = await house.platform("memberships:write", jurisdictions=[member["jurisdiction_id"]])
    everywhere = await house.platform("memberships:write")
    for client in (own, everywhere):
        for action in ("review", "return", "reject", "invite", "send_agreement", "activate", "suspend", "reinstate"):
            assert (await take(client, member, action)).status_code == 403
    reader = await house.platform("memberships:read", jurisdictions=[member["jurisdiction_id"]])
    assert (await take(reader, member, "withdraw")).status_code == 403
    assert (await take(house.client(None), member, "withdraw")).status_code == 401


async def test_other_rooms_find_the_active_member_and_its_recipients(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung", until="signed")
    where = f"/v1/memberships/{member['id']}/representatives"
    await house.admin.post(where, json=representative("communications", "Kaohsiung", email="technical+press@kaohsiung.example"))

    async def ask() -> tuple[Any, list[str]]:
        places = (UUID(member["community_id"]), UUID(member["jurisdiction_id"]))
        async with house.database.transaction() as session:
            found = await queries.recipients(session, *places)
            return await queries.active_membership(session, *places), [recipient.email for recipient in found]

    people = ["political@kaohsiung.example", "technical@kaohsiung.example"]
    assert await ask() == (None, people)
    await cohort.step(member, "activate")
    assert await ask() == (UUID(member["id"]), people)
    await cohort.step(member, "suspend")
    political = (await house.admin.get(where)).json()["items"][0]
    await house.admin.delete(f"/v1/representatives/{political['id']}", headers={"If-Match": "*"})
    assert await ask() == (None, ["technical@kaohsiung.example"])
    technical = (await house.admin.get("/v1/people", params={"email": "technical@kaohsiung.example"})).json()["items"][0]
    await house.admin.delete(f"/v1/people/{technical['id']}", headers={"If-Match": "*"})
    assert (await ask())[1] == []


async def _insist(client: httpx.AsyncClient, member: Json, action: str) -> httpx.Response:
    """Take a step as a patient caller does: 503 means “not now”."""
    answer = await take(client, member, action)
    for _ in range(100):
        if answer.status_code != 503:
            break
        await asyncio.sleep(0.05)
        answer = await take(client, member, action)
    return answer


def _iso(day: date) -> str:
    return day.isoformat()
