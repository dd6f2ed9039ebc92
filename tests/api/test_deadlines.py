"""The dates of calls through HTTP: soft and hard ones, what an extension takes along, time zones, and caps."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from tests.fixtures.calls import Season, call_body, step, window
from tests.fixtures.house import House

Json = dict[str, Any]
NONE = {"closes_at": None, "answer_due_at": None, "review_due_at": None}
SOFT = {"closes_at": 8, "answer_due_at": 13, "review_due_at": 19}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def soft(**days: float) -> Json:
    """Soft dates, in days from now."""
    return {"soft": {name: window(**{name: span})[name] for name, span in (SOFT | days).items()}}


def spans(before: Json, after: Json) -> dict[str, float]:
    """By how many days each date of a call moved; those that did not are left out."""
    pairs = {name: (before[name], after[name]) for name in ("closes_at", "answer_due_at", "review_due_at")}
    pairs |= {f"soft/{name}": (before["soft"][name], after["soft"][name]) for name in NONE}
    moved = {name: (at(new) - at(old)) / timedelta(days=1) for name, (old, new) in pairs.items() if old and new}
    return {name: span for name, span in moved.items() if span}


async def extended(season: Season, name: str, days: float, **more: Any) -> Json:
    """The call after one of its dates was moved, which must succeed."""
    answer = await season.amend_call(**{name: (at(season.call[name]) + timedelta(days=days)).isoformat()}, **more)
    assert answer.status_code == 200, answer.text
    call: Json = answer.json()
    return call


async def extensions(house: House) -> list[tuple[Json, Json]]:
    rows = await house.rows("SELECT before, after FROM event WHERE type = 'call.extended' ORDER BY seq")
    return [(orjson.loads(row["before"]), orjson.loads(row["after"])) for row in rows]


async def test_soft_dates_are_announced_changed_and_taken_back(house: House) -> None:
    season = await Season.begin(house, is_open=False, **soft())
    known = season.call["soft"]
    assert {name: at(known[name]) < at(season.call[name]) for name in known} == dict.fromkeys(NONE, True)
    one_less = (await season.amend_call(soft={"closes_at": None})).json()
    assert one_less["soft"] == known | {"closes_at": None}
    whole = await house.admin.put(season.path, json=call_body(), headers={"If-Match": "*"})
    assert whole.json()["soft"] == NONE, "what a PUT does not state is not there"
    nothing = await season.amend_call(soft=None)
    assert (nothing.status_code, nothing.json()["errors"][0]["pointer"]) == (422, "/soft")


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        (soft(closes_at=10.5), ["/soft/closes_at"]),
        (soft(closes_at=-2, review_due_at=22), ["/soft/closes_at", "/soft/review_due_at"]),
        (soft(answer_due_at=15) | {"quorum": 4}, ["/soft/answer_due_at", "/quorum"]),
        ({"soft": {"closes_at": "2026-01-01T00:00:00"}}, ["/soft/closes_at"]),
        ({"soft": {"opens_at": None}}, ["/soft/opens_at"]),
    ],
)
async def test_a_soft_date_that_does_not_fit_is_named(house: House, fields: Json, pointers: list[str]) -> None:
    season = await Season.begin(house, is_open=False)
    made = await house.admin.post(f"/v1/communities/{season.cohort.community['id']}/calls", json=call_body(**fields))
    patched = await season.amend_call(**fields)
    for refused in (made, patched):
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body")
        assert [entry["pointer"] for entry in refused.json()["errors"]] == pointers
    assert len(await house.rows("SELECT 1 FROM call WHERE soft_closes_at IS NULL")) == 1


async def test_a_later_closing_takes_along_every_date_that_hangs_on_it(house: House) -> None:
    season = await Season.begin(house, **soft())
    call = await extended(season, "closes_at", 5)
    everything = (*NONE, *(f"soft/{name}" for name in NONE))
    assert spans(season.call, call) == dict.fromkeys(everything, 5)
    assert (await house.admin.get(season.path)).json() == call
    [(before, after)] = await extensions(house)
    assert before["soft"].keys() == after["soft"].keys() == NONE.keys()
    assert (at(after["review_due_at"]) - at(before["review_due_at"])).days == 5
    types = [row["type"] for row in await house.rows("SELECT type FROM event WHERE subject = 'call' ORDER BY seq")]
    assert types == ["call.changed", "call.status_changed", "call.changed", "call.extended"]


async def test_answers_due_before_the_closing_stay_where_they_are(house: House) -> None:
    season = await Season.begin(house, **window(answer_due_at=6))
    assert spans(season.call, await extended(season, "closes_at", 5)) == {"closes_at": 5, "review_due_at": 5}


async def test_what_is_sent_stays_as_sent(house: House) -> None:
    season = await Season.begin(house, **soft())
    kept = {"review_due_at": season.call["review_due_at"], "soft": {"closes_at": season.call["soft"]["closes_at"]}}
    moved = spans(season.call, await extended(season, "closes_at", 2, **kept))
    assert moved == {"closes_at": 2, "answer_due_at": 2, "soft/answer_due_at": 2}
    later = (at(season.call["closes_at"]) + timedelta(days=10)).isoformat()
    refused = await season.amend_call(closes_at=later, review_due_at=season.call["review_due_at"])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/review_due_at")


async def test_a_closed_call_extends_what_is_still_to_come(house: House) -> None:
    season = await Season.begin(house, **soft())
    await season.turn("close")
    fixed = await season.amend_call(closes_at=window(closes_at=12)["closes_at"], soft={"closes_at": None})
    assert [entry["pointer"] for entry in fixed.json()["errors"]] == ["/closes_at", "/soft/closes_at"]
    call = await extended(season, "answer_due_at", 3)
    assert spans(season.call, call) == dict.fromkeys(("answer_due_at", "review_due_at", "soft/answer_due_at", "soft/review_due_at"), 3)
    season.call = await season.turn("review")
    call = await extended(season, "review_due_at", 1)
    assert spans(season.call, call) == {"review_due_at": 1, "soft/review_due_at": 1}
    assert len(await extensions(house)) == 2


async def test_nothing_moves_by_itself_in_a_draft_by_put_or_when_a_date_comes_nearer(house: House) -> None:
    season = await Season.begin(house, is_open=False, **soft())
    call = await extended(season, "closes_at", 2)
    assert spans(season.call, call) == {"closes_at": 2}
    season.call = await season.turn("open")
    call = await extended(season, "closes_at", -1)
    assert spans(season.call, call) == {"closes_at": -1}
    assert await extensions(house) == []
    fixed = ("id", "community_id", "status", "allowed_actions", "version", "created_at", "updated_at")
    body = {name: value for name, value in call.items() if name not in fixed}
    body |= {"closes_at": (at(call["closes_at"]) + timedelta(days=3)).isoformat()}
    put = await house.admin.put(season.path, json=body, headers={"If-Match": "*"})
    assert spans(call, put.json()) == {"closes_at": 3}, put.text
    assert len(await extensions(house)) == 1, "it is an extension all the same"


async def test_no_date_is_moved_out_of_our_time(house: House) -> None:
    season = await Season.begin(house, review_due_at="2199-12-30T00:00:00Z")
    refused = await season.amend_call(closes_at=(at(season.call["closes_at"]) + timedelta(days=5)).isoformat())
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/review_due_at")
    assert (await extended(season, "closes_at", 1))["review_due_at"].startswith("2199-12-31")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2097-10-06T01:59:59+10:00", "2097-10-05T15:59:59.000000Z"),
        ("2097-10-06T03:00:00+11:00", "2097-10-05T16:00:00.000000Z"),
        ("2097-04-07T02:30:00+11:00", "2097-04-06T15:30:00.000000Z"),
        ("2097-04-07T02:30:00+10:00", "2097-04-06T16:30:00.000000Z"),
        ("2097-10-05t16:00:00z", "2097-10-05T16:00:00.000000Z"),
        ("2097-10-06T02:30:00.25+10:30", "2097-10-05T16:00:00.250000Z"),
    ],
)
async def test_an_instant_stays_the_same_instant_where_clocks_are_changed(house: House, sent: str, shown: str) -> None:
    dates: Json = {"answer_due_at": "2098-01-01T00:00:00Z", "review_due_at": "2098-02-01T00:00:00+11:00"}
    season = await Season.begin(house, closes_at=sent, time_zone="Australia/Sydney", **dates)
    assert (season.call["closes_at"], season.call["time_zone"]) == (shown, "Australia/Sydney")
    elsewhere = (await season.amend_call(time_zone="America/New_York")).json()
    assert elsewhere["closes_at"] == shown, "the zone tells how the date was meant; it does not move it"
    later = await extended(season, "closes_at", 200)
    assert at(later["closes_at"]) - at(shown) == timedelta(days=200), "days are 24 hours, whatever clocks do"


async def hand_in(season: Season) -> httpx.Response:
    return await step(season.author, await season.draft(), "submit")


async def test_no_more_practices_are_handed_in_than_the_call_takes_from_one_jurisdiction(house: House) -> None:
    season = await Season.begin(house, max_practices_per_jurisdiction=1)
    first, second = await season.submitted(), await season.draft()
    refused = await step(season.author, second, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "practice-cap")
    assert (await season.read(second))["status"] == "draft"
    assert (await step(season.author, first, "withdraw")).status_code == 200
    assert (await step(season.author, second, "submit")).status_code == 200
    assert (await season.amend_call(max_practices_per_jurisdiction=2)).json()["max_practices_per_jurisdiction"] == 2
    assert (await hand_in(season)).status_code == 200
    assert (await hand_in(season)).json()["code"] == "practice-cap"
    assert (await season.amend_call(max_practices_per_jurisdiction=None)).json()["max_practices_per_jurisdiction"] is None
    assert (await hand_in(season)).status_code == 200


async def test_a_repaired_practice_is_not_one_more(house: House) -> None:
    season = await Season.begin(house, max_practices_per_jurisdiction=2)
    await season.submitted()
    practice = await season.submitted(title="")
    await house.work("practices")
    assert (await season.amend_call(max_practices_per_jurisdiction=1)).status_code == 200
    returned = await season.read(practice)
    assert returned["status"] == "returned"
    mended = await season.author.patch(f"/v1/practices/{practice['id']}", json={"title": "A title"}, headers={"If-Match": "*"})
    assert mended.status_code == 200
    assert (await step(season.author, practice, "submit")).status_code == 200
    assert (await hand_in(season)).json()["code"] == "practice-cap"


async def test_practices_that_are_handed_in_at_once_count_each_other(house: House) -> None:
    season = await Season.begin(house, max_practices_per_jurisdiction=2)
    drafts = [await season.draft(title=f"Practice {n}") for n in range(6)]
    answers = await asyncio.gather(*(step(season.author, practice, "submit") for practice in drafts))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409, 409]


@pytest.mark.parametrize("cap", [0, 21, "3", True])
async def test_a_cap_is_a_number_from_one_to_twenty(house: House, cap: Any) -> None:
    season = await Season.begin(house, is_open=False)
    refused = await season.amend_call(max_practices_per_jurisdiction=cap)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/max_practices_per_jurisdiction")
