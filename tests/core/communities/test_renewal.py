"""Renewal: a new draft in the community of the next term, with what still holds of the old one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fixtures.cohort import Cohort, representative, take
from tests.fixtures.house import House

Json = dict[str, Any]
UNKNOWN = "01900000-0000-7000-8000-000000000001"


async def test_a_member_renews_for_the_next_term(house: House) -> None:
    cohort, following = await Cohort.found(house), await Cohort.found(house, name="The next term")
    chair = await cohort.member("Kaohsiung", kind="chair")
    where = f"/v1/memberships/{chair['id']}"
    today = datetime.now(UTC).date()
    press = representative("communications", "Kaohsiung", mandate_ends_on=(today - timedelta(days=1)).isoformat())
    await house.admin.post(f"{where}/representatives", json=press)
    own = await house.platform("memberships:write", jurisdictions=[chair["jurisdiction_id"]])
    before = (await own.get(where)).json()
    answer = await take(own, chair, "renew", community_id=following.community["id"], reason="one more term")
    assert answer.status_code == 200, answer.text
    draft = answer.json()
    assert answer.headers["location"] == f"/v1/memberships/{draft['id']}"
    assert answer.headers["etag"] == (await own.get(answer.headers["location"])).headers["etag"]
    assert (draft["status"], draft["kind"], draft["renewal_of"]) == ("draft", "chair", chair["id"])
    assert (draft["community_id"], draft["expression"]) == (following.community["id"], before["expression"])
    assert (await own.get(where)).json() == before
    old, new = [(await own.get(f"{path}/representatives")).json()["items"] for path in (where, answer.headers["location"])]
    assert [one["role"] for one in old] == ["political", "technical", "communications"]
    changing = ("id", "membership_id", "version", "created_at", "updated_at")
    assert [_but(one, *changing) for one in new] == [_but(one, *changing) for one in old[:2]]
    assert {one["id"] for one in new}.isdisjoint(one["id"] for one in old)
    assert (await own.get(f"{answer.headers['location']}/agreement")).status_code == 404
    told = await house.rows("SELECT subject_id::text, type, data->>'renewal_of' AS old FROM event WHERE data->>'action' = 'renew'")
    assert [tuple(row) for row in told] == [(draft["id"], "membership.changed", chair["id"])]
    entries = [(await own.get(f"{path}/history")).json()["items"] for path in (where, answer.headers["location"])]
    assert entries[0][-1] == entries[1][0]
    assert (entries[1][0]["action"], entries[1][0]["reason"]) == ("renew", "one more term")
    assert entries[1][0]["after"] == {
        "status": "draft", "kind": "chair", "community_id": following.community["id"], "representatives": 2,
    }  # fmt: skip
    await cohort.step(draft, "submit")
    assert [entry["action"] for entry in (await own.get(f"{where}/history")).json()["items"]] == [entry["action"] for entry in entries[0]]


async def test_a_renewal_leads_to_another_community_where_no_membership_lives(house: House) -> None:
    cohort, following = await Cohort.found(house), await Cohort.found(house, name="The next term")
    member = await cohort.member("Kaohsiung")
    target = following.community["id"]
    same = await take(house.admin, member, "renew", community_id=member["community_id"])
    assert (same.status_code, same.json()["code"]) == (409, "already-exists")
    first = await take(house.admin, member, "renew", community_id=target)
    second = await take(house.admin, member, "renew", community_id=target)
    assert (second.status_code, second.json()["code"]) == (409, "already-exists")
    await cohort.step(first.json(), "withdraw")
    assert (await take(house.admin, member, "renew", community_id=target)).status_code == 200


async def test_renewing_needs_a_community_and_other_steps_take_none(house: House) -> None:
    cohort, following = await Cohort.found(house), await Cohort.found(house, name="The next term")
    member = await cohort.member("Kaohsiung")
    target = following.community["id"]
    for action, more in (
        ("renew", {}),
        ("renew", {"community_id": None}),
        ("renew", {"community_id": UNKNOWN}),
        ("renew", {"community_id": "next"}),
        ("withdraw", {"community_id": target}),
    ):
        answer = await take(house.admin, member, action, **more)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/community_id")
    foreign = await house.platform("memberships:write", jurisdictions=[await cohort.jurisdiction("Kyoto")])
    assert (await take(foreign, member, "renew", community_id=target)).status_code == 404
    reader = await house.platform("memberships:read", jurisdictions=[member["jurisdiction_id"]])
    assert (await take(reader, member, "renew", community_id=target)).status_code == 403
    early = await take(house.admin, await cohort.draft("Yokohama"), "renew", community_id=target)
    assert (early.status_code, early.json()["code"]) == (409, "invalid-transition")
    path = f"/v1/memberships/{member['id']}/transitions"
    stale = await house.admin.post(path, json={"action": "renew", "community_id": target}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    assert (await house.admin.get(following.path)).json()["items"] == []


async def test_what_has_expired_is_renewed_too_and_a_repeated_request_makes_one_draft(house: House) -> None:
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    cohort, following = await Cohort.found(house, ends_on=tomorrow), await Cohort.found(house, name="The next term")
    member = await cohort.member("Kaohsiung")
    await house.shift(days=3)
    await house.work()
    path = f"/v1/memberships/{member['id']}/transitions"
    body = {"action": "renew", "community_id": following.community["id"]}
    first, again = [await house.admin.post(path, json=body, headers={"Idempotency-Key": "renew-once"}) for _ in range(2)]
    assert (first.status_code, first.json()["status"]) == (200, "draft")
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    assert (await house.admin.get(f"/v1/memberships/{member['id']}")).json()["status"] == "expired"
    assert len((await house.admin.get(following.path)).json()["items"]) == 1


def _but(item: Json, *names: str) -> Json:
    return {name: value for name, value in item.items() if name not in names}
