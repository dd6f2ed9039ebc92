"""A call is extended while people act by its dates: practices, requests that are out, reviews, and those who were not asked yet.

The dates of a panel's call, in days: it closes at 10, answers are due at 14, reviews at 21.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.core.reviews import service as reviews
from tests.fixtures.house import House
from tests.fixtures.panel import PRACTICE, Panel, review

Json = dict[str, Any]


async def extend(panel: Panel, **days: float) -> Json:
    """Move dates of the call by so many days; what hangs on them follows."""
    fields = {name: (datetime.fromisoformat(panel.call[name]) + timedelta(days=span)).isoformat() for name, span in days.items()}
    answer = await panel.house.admin.patch(f"/v1/calls/{panel.call['id']}", json=fields, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    panel.call = answer.json()
    return panel.call


async def days_pass(panel: Panel, days: float) -> None:
    """Let time pass, and the worker do what is due then."""
    await panel.house.shift(days=days)
    await panel.work()


async def statuses(panel: Panel, practice_id: str) -> list[str]:
    return sorted(request["status"] for request in await panel.requests(practice_id))


async def call_status(panel: Panel) -> str:
    found: Json = (await panel.house.admin.get(f"/v1/calls/{panel.call['id']}")).json()
    return str(found["status"])


def soft_closing(days: float) -> Json:
    now = datetime.now().astimezone()
    return {"soft": {"closes_at": (now + timedelta(days=days)).isoformat()}}


async def test_a_call_is_extended_between_its_soft_and_its_hard_closing(house: House) -> None:
    panel = await Panel.open(house, cities=6, **soft_closing(6))
    practice_id = await panel.in_review()
    writer, silent, undecided = [link async for link in panel.links(practice_id)]
    await writer.accept()
    await days_pass(panel, 7)
    await panel.hand_in("Yokohama")
    handed_in = await house.rows("SELECT is_late FROM practice_version ORDER BY submitted_at")
    events = await house.rows("SELECT data FROM event WHERE type = 'practice.submitted' ORDER BY seq")
    assert [row["is_late"] for row in handed_in] == [orjson.loads(row["data"])["late"] for row in events] == [False, True]

    call = await extend(panel, closes_at=5)
    assert datetime.fromisoformat(call["closes_at"]) - datetime.fromisoformat(call["soft"]["closes_at"]) < timedelta(days=4.1)
    await days_pass(panel, 3.5)  # day 10.5: it was to close on day 10
    assert await call_status(panel) == "open"
    await panel.hand_in("Kyoto")
    assert (await house.rows("SELECT is_late FROM practice_version ORDER BY submitted_at DESC LIMIT 1"))[0]["is_late"] is False
    await days_pass(panel, 5)  # day 15.5: it closed on day 15, and answers are due on day 19
    assert await call_status(panel) == "closed"
    assert await statuses(panel, practice_id) == ["accepted", "invited", "invited"], "nobody is asked in their place yet"
    assert (await undecided.brief())["allowed_actions"] == ["accept", "decline"]
    assert (await undecided.accept())["status"] == "accepted"
    await days_pass(panel, 4)  # day 19.5
    assert (await silent.brief())["status"] == "expired"
    assert len(await panel.requests(practice_id, status="pending")) == 1, "the alternate is asked now"
    await days_pass(panel, 4)  # day 23.5: reviews were due on day 21, and are due on day 26
    for link in (writer, undecided):
        answer = await link.write(review(8))
        assert answer.status_code == 200, answer.text
    await days_pass(panel, 3)  # day 26.5
    found = await panel.practice(practice_id)
    assert (found["status"], found["needs_decision"]) == ("in_review", True), "two reviews of three, when they are due"


async def test_the_guards_follow_the_call_while_the_worker_is_down(house: House) -> None:
    panel = await Panel.open(house, cities=5)
    practice_id = await panel.in_review()
    writer, late, silent = [link async for link in panel.links(practice_id)]
    await writer.accept()
    await house.shift(days=13)
    call = await extend(panel, answer_due_at=10)
    await house.shift(days=9)  # day 22: past both old dates, and nobody moved the requests
    brief = await late.brief()
    assert {name: brief[name] for name in ("answer_due_at", "review_due_at")}.items() <= call.items()
    page = await late.client.get(late.page)
    assert "Please answer by" in page.text
    accepted = await late.accept()
    assert accepted["review_session_expires_at"][:19] == call["review_due_at"][:19]
    assert (await writer.write(review(7, final=False))).status_code == 200
    assert (await writer.read()).json()["final"] is False
    assert (await writer.write(review(7), **{"If-Match": "*"})).status_code == 200
    async with house.worker.transaction() as session:
        await reviews.expire_request(session, UUID(silent.request["id"]))
        await reviews.reviews_due(session, UUID(practice_id), 1)
    assert await statuses(panel, practice_id) == ["accepted", "invited", "submitted"]
    await panel.work()
    assert await statuses(panel, practice_id) == ["accepted", "invited", "submitted"]
    assert (await writer.read()).json()["final"] is True, "who handed in just then still reads it"
    await days_pass(panel, 3)  # day 25: answers were due on day 24
    assert "expired" in await statuses(panel, practice_id)


async def test_every_request_that_waits_is_told_and_no_other(house: House) -> None:
    panel = await Panel.open(house, cities=6)
    practice_id, decided = await panel.in_review(), await panel.in_review("Yokohama")
    await panel.review_all(decided, 8, 8, 8)
    first, second, third = [link async for link in panel.links(practice_id)]
    await first.accept()
    await first.write(review(8))
    await second.accept()
    await third.answer("decline")
    await panel.work()
    before = {each["id"]: each for each in await panel.requests(practice_id)}
    others = await panel.requests(decided)
    author = panel.cities["Kaohsiung"]["key"]
    shown = await author.get(f"/v1/practices/{practice_id}")
    await extend(panel, closes_at=2)
    await panel.work()
    assert await panel.requests(decided) == others
    for each in await panel.requests(practice_id):
        known, follows = before[each["id"]], each["status"] != "submitted"
        assert each["version"] == known["version"] + follows
        for name in ("answer_due_at", "review_due_at"):
            moved = datetime.fromisoformat(each[name]) - datetime.fromisoformat(known[name])
            assert moved == timedelta(days=2 * follows)
    assert sorted(each["status"] for each in before.values()) == ["accepted", "declined", "pending", "submitted"]
    told = await house.rows("SELECT subject_id, before, after FROM event WHERE type = 'review.extended'")
    assert {str(row["subject_id"]) for row in told} == {each["id"] for each in before.values() if each["status"] != "submitted"}
    assert all(orjson.loads(row["before"])["review_due_at"] < orjson.loads(row["after"])["review_due_at"] for row in told)
    again = await author.get(f"/v1/practices/{practice_id}")
    assert (again.json(), again.headers["etag"]) == (shown.json(), shown.headers["etag"])


async def test_who_declined_may_change_their_mind_in_the_time_that_was_won(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    first, *_ = [link async for link in panel.links(practice_id)]
    await first.answer("decline")
    await days_pass(panel, 13)
    await extend(panel, answer_due_at=3)
    await days_pass(panel, 2)
    assert (await first.accept())["status"] == "accepted"
    await days_pass(panel, 2)
    kept = await first.answer("decline", reason="I fell ill.")
    assert kept.status_code == 200, "who accepted may decline until reviews are due"
    gone = await first.answer("accept")
    assert (gone.status_code, gone.json()["code"]) == (410, "deadline-passed")


async def test_what_has_lapsed_stays_lapsed_and_who_was_asked_late_keeps_their_days(house: House) -> None:
    panel = await Panel.open(house, cities=5, reviewers_per_practice=2, quorum=2)
    practice_id = await panel.in_review()
    first, second = [link async for link in panel.links(practice_id)]
    await first.accept()
    await days_pass(panel, 15)
    assert (await second.brief())["status"] == "expired"
    [late] = await panel.requests(practice_id, status="pending")
    await extend(panel, answer_due_at=1.5)  # to day 15.5, before the late one's 18
    await panel.work()
    [asked] = await panel.requests(practice_id, status="pending")
    assert (asked["id"], asked["answer_due_at"]) == (late["id"], late["answer_due_at"])
    assert asked["review_due_at"] > late["review_due_at"]
    gone = await second.answer("accept")
    assert (gone.status_code, gone.json()["code"]) == (410, "deadline-passed")
    await days_pass(panel, 2)
    assert await panel.requests(practice_id, status="pending") == [asked]


async def test_a_date_that_was_told_does_not_come_nearer(house: House) -> None:
    panel = await Panel.open(house, cities=5, reviewers_per_practice=2, quorum=2)
    practice_id = await panel.in_review()
    first, second = [link async for link in panel.links(practice_id)]
    await first.accept()
    await extend(panel, answer_due_at=5, review_due_at=5)
    await panel.work()
    told = await panel.requests(practice_id)
    await extend(panel, answer_due_at=-5, review_due_at=-5)
    await panel.work()
    assert await panel.requests(practice_id) == told
    await days_pass(panel, 15)
    assert (await second.accept())["status"] == "accepted"
    await days_pass(panel, 7)  # day 22
    for link in (first, second):
        assert (await link.write(review(8))).status_code == 200
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == "recognised"


@pytest.mark.parametrize("is_down", [True, False])
async def test_an_extension_that_is_taken_back_leaves_no_request_open_for_ever(house: House, *, is_down: bool) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    await house.shift(days=13)
    await extend(panel, answer_due_at=5)
    if not is_down:
        await panel.work()
    await house.shift(days=2)
    requests = await panel.requests(practice_id)
    async with house.worker.transaction() as session:
        for request in requests:
            await reviews.expire_request(session, UUID(request["id"]))
    await house.rows("DELETE FROM task WHERE handler = 'reviews.expire_request' AND due_at <= domain_now()")  # these were fulfilled so
    await extend(panel, answer_due_at=-5, review_due_at=-5)
    assert len(await panel.requests(practice_id, status="pending")) == 3
    await days_pass(panel, 4.5)  # day 19.5: each was looked at again on day 19
    assert set(await statuses(panel, practice_id)) == {"expired"}
    await days_pass(panel, 7)  # day 26.5: whoever was told of the extension had until day 26
    assert (await panel.practice(practice_id))["needs_decision"] is True


async def test_a_revision_has_requests_of_its_own_and_those_before_stay_as_they_are(house: House) -> None:
    panel = await Panel.open(house, cities=4, quorum=2)
    practice_id = await panel.in_review()
    first, *others = [link async for link in panel.links(practice_id)]
    await first.answer("decline")
    for link in others:
        await link.accept()
        await link.write(review(9, "revise"))
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == "revise"
    old = await panel.requests(practice_id)
    author = panel.cities["Kaohsiung"]["key"]
    changed = await author.patch(f"/v1/practices/{practice_id}", json={"lessons": PRACTICE["lessons"] + "More."}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    await days_pass(panel, 15)
    await author.post(f"/v1/practices/{practice_id}/transitions", json={"action": "submit"})
    await panel.work()
    await extend(panel, answer_due_at=20)
    late = await first.answer("accept")
    assert (late.status_code, late.json()["code"]) == (410, "deadline-passed"), "that round is over"
    await panel.work()
    requests = await panel.requests(practice_id)
    assert [each for each in requests if each["round"] == 1] == old
    assert {each["answer_due_at"] for each in requests if each["round"] == 2} == {panel.call["answer_due_at"]}
