"""The end of a community's term by the clock: what is in force expires once, the chair is free, and nothing revives it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.core.communities.service import terms
from tests.fixtures.cohort import Cohort, representative, take
from tests.fixtures.house import House

Json = dict[str, Any]


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


async def test_the_day_after_the_last_one_ends_what_is_in_force(house: House) -> None:
    cohort = await Cohort.found(house, ends_on=in_days(10))
    chair = await cohort.member("Kaohsiung", kind="chair")
    suspended = await cohort.member("Yokohama")
    await cohort.step(suspended, "suspend", reason="dues")
    await cohort.member("Kyoto", until="signed")
    draft = await cohort.draft("Goyang")
    await house.shift(days=9)
    await house.work()
    assert await _statuses(house, cohort) == ["active", "suspended", "signed", "draft"]
    await house.shift(days=2)
    await house.work()
    assert await _statuses(house, cohort) == ["expired", "expired", "signed", "draft"]
    community = (await house.admin.get(f"/v1/communities/{cohort.community['id']}")).json()
    assert (community["chair_jurisdiction_id"], community["version"]) == (None, 3)
    for member, before in ((chair, "active"), (suspended, "suspended")):
        history = (await house.admin.get(f"/v1/memberships/{member['id']}/history")).json()["items"]
        last = [entry for entry in history if entry["action"] == "expire"]
        assert len(last) == 1
        assert (last[0]["before"], last[0]["after"]) == ({"status": before}, {"status": "expired"})
        assert (last[0]["reason"], last[0]["actor"]["kind"]) == ("the term is over", "system")
        shown = (await house.admin.get(f"/v1/memberships/{member['id']}")).json()
        assert shown["allowed_actions"] == ["renew"]
    assert (await take(house.admin, draft, "expire")).status_code == 422


async def test_the_date_of_an_older_term_does_nothing_and_a_longer_term_revives_nobody(house: House) -> None:
    cohort = await Cohort.found(house, ends_on=in_days(5))
    where = f"/v1/communities/{cohort.community['id']}"
    await cohort.member("Kaohsiung")
    for days in (20, 5, 30):  # also there and back: each date has its own task, the last one stands
        assert (await house.admin.patch(where, json={"ends_on": in_days(days)}, headers={"If-Match": "*"})).status_code == 200
    await house.shift(days=25)
    await house.work()
    assert await _statuses(house, cohort) == ["active"]
    await house.shift(days=6)
    await house.work()
    assert await _statuses(house, cohort) == ["expired"]
    await house.admin.patch(where, json={"ends_on": in_days(90)}, headers={"If-Match": "*"})
    await house.work()
    assert await _statuses(house, cohort) == ["expired"]
    await cohort.member("Yokohama")
    await house.shift(days=61)
    await house.work()
    assert await _statuses(house, cohort) == ["expired", "expired"]


async def test_a_term_that_is_cut_short_ends_at_once(house: House) -> None:
    cohort = await Cohort.found(house)
    await cohort.member("Kaohsiung")
    where = f"/v1/communities/{cohort.community['id']}"
    await house.admin.patch(where, json={"ends_on": in_days(0)}, headers={"If-Match": "*"})
    await house.work()
    assert await _statuses(house, cohort) == ["active"]
    await house.admin.patch(where, json={"ends_on": in_days(-1)}, headers={"If-Match": "*"})
    await house.work()
    assert await _statuses(house, cohort) == ["expired"]


async def test_many_are_ended_a_group_at_a_time_once_each(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "GROUP", 2)
    cohort = await Cohort.found(house, ends_on=in_days(3))
    for number in range(5):
        await cohort.member(f"City {number}", kind="chair" if number == 2 else "member")
    await house.shift(days=4)
    assert await house.work("memberships") == 3
    assert set(await _statuses(house, cohort)) == {"expired"}
    told = await house.rows("SELECT subject_id FROM event WHERE data->>'action' = 'expire'")
    assert (len(told), len({row["subject_id"] for row in told})) == (5, 5)
    done = await house.rows("SELECT state FROM task WHERE queue = 'memberships'")
    assert [row["state"] for row in done] == ["done"] * 3


async def test_after_the_end_of_the_term_nobody_joins(house: House) -> None:
    cohort, next_term = await Cohort.found(house, ends_on=in_days(1)), await Cohort.found(house, name="The next term")
    member, late = await cohort.member("Kaohsiung"), await cohort.member("Kyoto", until="signed")
    elsewhere = await next_term.member("Iloilo")
    await house.shift(days=2)
    await house.work()
    named = await house.admin.post(f"/v1/memberships/{member['id']}/representatives", json=representative("communications"))
    assert (named.status_code, named.json()["code"]) == (409, "conflict")
    again = await house.admin.post(cohort.path, json={"jurisdiction_id": member["jurisdiction_id"], "kind": "member"})
    activated = await take(house.admin, late, "activate")
    renewed = await take(house.admin, elsewhere, "renew", community_id=cohort.community["id"])
    assert [(each.status_code, each.json()["code"]) for each in (again, activated, renewed)] == [(409, "term-over")] * 3
    longer = await house.admin.patch(f"/v1/communities/{cohort.community['id']}", json={"ends_on": in_days(90)}, headers={"If-Match": "*"})
    assert longer.status_code == 200
    assert (await take(house.admin, late, "activate")).status_code == 200


def test_a_term_is_over_when_its_last_day_is_in_utc() -> None:
    assert terms.ends_at(date(2026, 12, 31)) == datetime(2027, 1, 1, tzinfo=UTC)


async def _statuses(house: House, cohort: Cohort) -> list[str]:
    return [item["status"] for item in (await house.admin.get(cohort.path)).json()["items"]]
