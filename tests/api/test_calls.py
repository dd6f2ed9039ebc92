"""Calls through HTTP: what holds together, who sees what, what still changes when, and the clock."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.core.practices import rubric
from tests.fixtures.calls import Season, call_body, window
from tests.fixtures.cohort import Cohort
from tests.fixtures.house import House

Json = dict[str, Any]


async def calls_of(cohort: Cohort) -> str:
    return f"/v1/communities/{cohort.community['id']}/calls"


async def test_a_call_is_written_with_its_defaults_and_opened(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    made = await house.admin.post(await calls_of(cohort), json=call_body())
    assert made.status_code == 201
    where, call = made.headers["location"], made.json()
    assert where == f"/v1/calls/{call['id']}"
    defaults = {
        "reviewers_per_practice": 3, "quorum": 3, "max_load": 3, "max_open_invitations": 5, "blind": "single", "assignment": "rolling",
        "release": "each", "thresholds": {"recognised": 70, "commended": 50}, "rubric_version": rubric.versions()[-1],
        "soft": {"closes_at": None, "answer_due_at": None, "review_due_at": None}, "max_practices_per_jurisdiction": None,
    }  # fmt: skip
    assert call | defaults == call
    assert (call["status"], call["allowed_actions"], call["time_zone"]) == ("draft", ["open"], "Asia/Taipei")
    assert (await anonymous.get(where)).status_code == 404
    assert (await anonymous.get(await calls_of(cohort))).json()["items"] == []
    opened = await house.admin.post(f"{where}/transitions", json={"action": "open", "reason": "All is set."})
    assert (opened.json()["status"], opened.json()["allowed_actions"]) == ("open", ["close"])
    seen = await anonymous.get(where)
    assert seen.json() == opened.json()
    assert (await anonymous.get(await calls_of(cohort), params={"status": "open"})).json()["items"] == [seen.json()]
    assert (await anonymous.get(await calls_of(cohort), params={"status": "closed"})).json()["items"] == []
    unchanged = await anonymous.get(where, headers={"If-None-Match": seen.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for tag in ('"2-v1"', '"2"', "*"):
        anew = await anonymous.get(where, headers={"If-None-Match": tag})
        assert (anew.status_code, anew.json()) == (200, opened.json()), "it was shown without the members that it has now"
    weak = await anonymous.get(where, headers={"If-None-Match": f"W/{seen.headers['etag']}"})
    assert weak.status_code == 304
    events = await house.rows("SELECT type, before, after, reason FROM event WHERE subject = 'call' ORDER BY id")
    assert [row["type"] for row in events] == ["call.changed", "call.status_changed"]
    assert events[1]["reason"] == "All is set."


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        (window(closes_at=-2), "/closes_at"),
        (window(review_due_at=9), "/review_due_at"),
        (window(answer_due_at=-2), "/answer_due_at"),
        (window(answer_due_at=21), "/review_due_at"),
        ({"quorum": 4}, "/quorum"),
        ({"thresholds": {"recognised": 40, "commended": 50}}, "/thresholds/commended"),
        ({"thresholds": {"recognised": 101}}, "/thresholds/recognised"),
        ({"rubric_version": "1999-9"}, "/rubric_version"),
        ({"themes": []}, "/themes"),
        ({"themes": ["energy_transition", "energy_transition"]}, "/themes"),
        ({"themes": ["space_travel"]}, "/themes/0"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"opens_at": "2026-01-01T00:00:00"}, "/opens_at"),
        ({"opens_at": 1_700_000_000}, "/opens_at"),
        ({"opens_at": "9999-12-31T23:59:59-12:00"}, "/opens_at"),
        ({"quorum": True}, "/quorum"),
        ({"unheard_of": 1}, "/unheard_of"),
    ],
)
async def test_what_does_not_hold_together_is_refused(house: House, fields: Json, pointer: str) -> None:
    cohort = await Cohort.found(house)
    refused = await house.admin.post(await calls_of(cohort), json=call_body(**fields))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body"), refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert await house.rows("SELECT 1 FROM call") == []


async def test_a_call_asks_for_themes_of_its_community(house: House) -> None:
    cohort = await Cohort.found(house, themes=["energy_transition"])
    refused = await house.admin.post(await calls_of(cohort), json=call_body())
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/themes/1")
    nowhere = await house.admin.post("/v1/communities/00000000-0000-7000-8000-000000000000/calls", json=call_body())
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not-found")
    assert (await house.admin.get("/v1/communities/00000000-0000-7000-8000-000000000000/calls")).status_code == 404


async def test_only_the_secretariat_writes_calls(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    platform = await house.platform("practices:write", "memberships:write")
    path = await calls_of(cohort)
    draft = (await house.admin.post(path, json=call_body())).json()
    where = f"/v1/calls/{draft['id']}"
    assert (await anonymous.post(path, json=call_body())).status_code == 401
    for refused in (
        await platform.post(path, json=call_body()),
        await platform.patch(where, json={"title": "Mine"}, headers={"If-Match": "*"}),
        await platform.put(where, json=call_body(), headers={"If-Match": "*"}),
        await platform.post(f"{where}/transitions", json={"action": "open"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    hidden = await platform.get(where)
    unknown = await platform.get("/v1/calls/00000000-0000-7000-8000-000000000000")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, unknown.json()["detail"])


async def test_a_change_names_the_version_that_it_read(house: House) -> None:
    season = await Season.begin(house, is_open=False)
    call = season.call
    missing = await house.admin.patch(season.path, json={"title": "New"})
    assert (missing.status_code, missing.json()["code"]) == (428, "version-needed")
    first = await house.admin.patch(season.path, json={"thresholds": {"recognised": 80}}, headers={"If-Match": f'"{call["version"]}-v1"'})
    assert (first.status_code, first.json()["version"], first.json()["thresholds"]) == (200, 2, {"recognised": 80, "commended": 50})
    stale = await house.admin.put(season.path, json=call_body(), headers={"If-Match": f'"{call["version"]}-v1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    same = await house.admin.patch(season.path, json={"title": call["title"]}, headers={"If-Match": first.headers["etag"]})
    assert same.json() == first.json()
    broken = await house.admin.patch(season.path, json={"quorum": 9}, headers={"If-Match": "*"})
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid-body")
    put = await house.admin.put(season.path, json=call_body(title="Whole"), headers={"If-Match": "*"})
    assert (put.json()["title"], put.json()["thresholds"]) == ("Whole", {"recognised": 70, "commended": 50})
    stale_step = await house.admin.post(f"{season.path}/transitions", json={"action": "open"}, headers={"If-Match": first.headers["etag"]})
    assert stale_step.status_code == 412


async def test_an_open_call_keeps_its_rules_and_moves_its_deadlines(house: House) -> None:
    season = await Season.begin(house)
    refused = await season.amend_call(blind="double", quorum=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert [entry["pointer"] for entry in refused.json()["errors"]] == ["/blind"]
    assert (refused.json()["current_status"], refused.json()["allowed_actions"]) == ("open", ["close"])
    later = window(closes_at=12)["closes_at"]
    extended = await season.amend_call(closes_at=later)
    assert datetime.fromisoformat(extended.json()["closes_at"]) == datetime.fromisoformat(later)
    past = await season.amend_call(closes_at=window(closes_at=-0.5)["closes_at"])
    assert (past.status_code, past.json()["errors"][0]["pointer"]) == (422, "/closes_at")
    await season.turn("close")
    assert (await season.amend_call(closes_at=later)).status_code == 200, "nothing changes by the same date"
    assert (await season.amend_call(closes_at=window(closes_at=13)["closes_at"])).json()["code"] == "conflict"
    assert (await season.amend_call(review_due_at=window(review_due_at=30)["review_due_at"])).status_code == 200
    for action in ("review", "decide"):
        await season.turn(action)
    assert (await season.amend_call(title="Too late")).json()["code"] == "conflict"
    skipped = await house.admin.post(f"{season.path}/transitions", json={"action": "open"})
    assert (skipped.status_code, skipped.json()["code"]) == (409, "invalid-transition")
    assert (skipped.json()["current_status"], skipped.json()["allowed_actions"]) == ("decided", ["archive"])
    assert (await season.turn("archive"))["allowed_actions"] == []


async def test_the_clock_opens_and_closes_a_call_and_says_so_once(house: House) -> None:
    season = await Season.begin(house, is_open=False, **window(opens_at=2))
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "draft"
    await house.shift(days=3)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "open"
    await house.work("practices")
    await house.shift(days=8)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "closed"
    changes = await house.rows("SELECT data->>'action', actor_kind FROM event WHERE type = 'call.status_changed' ORDER BY id")
    assert [tuple(row) for row in changes] == [("open", "system"), ("close", "system")]


async def test_a_date_that_moved_leaves_the_old_task_without_effect(house: House) -> None:
    season = await Season.begin(house, is_open=False, **window(opens_at=2))
    await season.amend_call(**window(opens_at=4, closes_at=12))
    await house.shift(days=3)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "draft", "it opens two days later now"
    await house.shift(days=2)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "open"
    await house.shift(days=6)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "open", "the day on which it first was to close"
    await house.shift(days=2)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "closed"


async def test_a_call_written_after_its_opening_waits_for_a_hand(house: House) -> None:
    season = await Season.begin(house, is_open=False)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "draft"
    await season.turn("open")


async def test_opening_early_moves_the_opening_and_opening_late_is_refused(house: House) -> None:
    season = await Season.begin(house, is_open=False, **window(opens_at=5))
    opened = await season.turn("open")
    assert datetime.fromisoformat(opened["opens_at"]) < datetime.fromisoformat(opened["closes_at"]) - timedelta(days=9)
    await season.submitted()
    late = await Season.begin(house, is_open=False, **window(opens_at=-5, closes_at=-4))
    refused = await house.admin.post(f"{late.path}/transitions", json={"action": "open"})
    assert (refused.status_code, refused.json()["code"]) == (409, "deadline-passed")
