"""Deciding: quorum and thresholds, revisions, disagreement, deadlines, and releasing together."""

import pytest

from tests.fixtures.house import House
from tests.fixtures.panel import PRACTICE, Panel, review

DECISION = {"outcome": "commended", "reason": "The chair has read all of it and weighs the doubts."}


@pytest.mark.parametrize(
    ("values", "status"),
    [((7, 7, 7), "recognised"), ((6, 7, 7), "commended"), ((5, 5, 5), "commended"), ((4, 5, 5), "declined")],
)
async def test_the_mean_of_the_totals_decides_at_the_calls_thresholds(house: House, values: tuple[int, ...], status: str) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    await panel.review_all(practice_id, *values)
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == status
    assert len(await house.rows("SELECT 1 FROM recognition")) == (1 if status in ("recognised", "commended") else 0)


async def test_a_majority_for_revision_sends_it_back_and_the_next_round_begins_afresh(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    links = [link async for link in panel.links(practice_id)]
    for link, recommendation in zip(links, ("revise", "revise", "recognise"), strict=True):
        await link.accept()
        await link.write(review(9, recommendation))
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == "revise"

    author = panel.cities["Kaohsiung"]["key"]
    version = (await panel.practice(practice_id))["version"]
    patched = await author.patch(
        f"/v1/practices/{practice_id}", json={"lessons": PRACTICE["lessons"] + "More."}, headers={"If-Match": f'"{version}"'}
    )
    assert patched.status_code == 200, patched.text
    await author.post(f"/v1/practices/{practice_id}/transitions", json={"action": "submit"})
    await panel.work()
    assert sorted(each["round"] for each in await panel.requests(practice_id)) == [1, 1, 1, 2, 2, 2]
    await panel.review_all(practice_id, 8, 8, 8)
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == "recognised"
    seen = (await author.get(f"/v1/practices/{practice_id}/reviews")).json()["items"]
    assert sorted(each["round"] for each in seen) == [1, 1, 1, 2, 2, 2]


async def test_totals_more_than_thirty_apart_are_for_people_to_decide(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    early = await house.admin.post(f"/v1/practices/{practice_id}/decision", json=DECISION)
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    await panel.review_all(practice_id, 9, 9, 5)
    await panel.tick()
    found = await panel.practice(practice_id)
    assert (found["status"], found["needs_decision"]) == ("in_review", True)

    decided = await house.admin.post(f"/v1/practices/{practice_id}/decision", json=DECISION)
    assert decided.status_code == 200
    assert (decided.json()["outcome"], decided.json()["score"], decided.json()["released_at"]) == ("commended", 76.6667, None)
    twice = await house.admin.post(f"/v1/practices/{practice_id}/decision", json=DECISION)
    assert twice.status_code == 409
    await panel.tick()
    found = await panel.practice(practice_id)
    assert (found["status"], found["needs_decision"]) == ("commended", False)
    events = await house.rows("SELECT type, reason FROM event WHERE type LIKE 'practice.deci%' ORDER BY seq")
    assert [row["type"] for row in events] == ["practice.decision_needed", "practice.decision_made", "practice.decided"]
    assert events[1]["reason"] == DECISION["reason"]


async def test_exactly_thirty_apart_still_decides(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    await panel.review_all(practice_id, 9, 9, 6)
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == "recognised"


async def test_too_few_reviews_by_the_deadline_are_for_people_to_decide(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    first, second, third = [link async for link in panel.links(practice_id)]
    await first.accept()
    await first.write(review(8))
    await second.accept()
    await house.shift(days=15)  # past answer_due_at
    await panel.work()
    assert (await third.brief())["status"] == "expired"
    await house.shift(days=7)  # past review_due_at
    await panel.work()
    found = await panel.practice(practice_id)
    assert (found["status"], found["needs_decision"]) == ("in_review", True)
    assert (await second.brief())["status"] == "expired"
    late = await second.write(review(8))
    assert (late.status_code, late.json()["code"]) == (409, "deadline-passed")
    author = panel.cities["Kaohsiung"]["key"]
    assert (await author.get(f"/v1/practices/{practice_id}")).json()["needs_decision"] is False


async def test_a_quorum_decides_when_nobody_who_accepted_is_outstanding(house: House) -> None:
    panel = await Panel.open(house, cities=4, quorum=2)
    practice_id = await panel.in_review()
    first, second, third = [link async for link in panel.links(practice_id)]
    for link in (first, second, third):
        await link.accept()
    await first.write(review(8))
    await second.write(review(8))
    assert await house.rows("SELECT 1 FROM decision") == []
    left = await third.answer("decline", reason="I fell ill.")
    assert left.status_code == 200
    assert [row["outcome"] for row in await house.rows("SELECT outcome FROM decision")] == ["recognised"]
    await panel.tick()
    assert await panel.requests(practice_id, status="pending") == []  # the decision was made: nobody is asked in their place


async def test_open_invitations_are_called_off_by_the_decision(house: House) -> None:
    panel = await Panel.open(house, cities=4, quorum=2)
    practice_id = await panel.in_review()
    first, second, third = [link async for link in panel.links(practice_id)]
    for link in (first, second):
        await link.accept()
    for link in (first, second):
        await link.write(review(8))
    assert (await third.brief())["status"] == "cancelled"
    late = await third.answer("accept")
    assert (late.status_code, late.json()["code"], late.json()["allowed_actions"]) == (409, "invalid-transition", [])
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'review.cancelled'")) == 1


async def test_decisions_that_are_released_together_wait_for_the_call(house: House) -> None:
    panel = await Panel.open(house, cities=5, release="together")
    practices = [await panel.in_review("Kaohsiung"), await panel.in_review("Yokohama")]
    for practice_id in practices:
        await panel.review_all(practice_id, 8, 8, 8)
    await panel.tick()
    assert {(await panel.practice(practice_id))["status"] for practice_id in practices} == {"in_review"}
    for action in ("close", "review", "decide"):
        await panel.step(action)
    await panel.work()
    assert {(await panel.practice(practice_id))["status"] for practice_id in practices} == {"recognised"}
    released = await house.rows("SELECT DISTINCT released_at FROM decision")
    assert len(released) == 1


async def test_a_call_that_assigns_after_it_has_closed_waits_for_its_reviewing(house: House) -> None:
    panel = await Panel.open(house, cities=4, assignment="after_close")
    practice_id = await panel.hand_in()
    await panel.work()
    assert (await panel.practice(practice_id))["status"] == "assessed"
    plan = (await house.admin.get(f"/v1/calls/{panel.call['id']}/assignments")).json()
    assert (plan["pairs"], "run" in plan) == ([], False)
    await panel.step("close")
    await panel.step("review")
    await panel.work()
    assert len(await panel.requests(practice_id)) == 3


async def test_a_withdrawn_practice_calls_its_reviewers_off(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    first, second, third = [link async for link in panel.links(practice_id)]
    await first.accept()
    await first.write(review(8))
    await second.accept()
    taken = await panel.cities["Kaohsiung"]["key"].post(f"/v1/practices/{practice_id}/transitions", json={"action": "withdraw"})
    assert taken.status_code == 200
    await panel.work()
    states = [(await link.brief())["status"] for link in (first, second, third)]
    assert states == ["submitted", "cancelled", "cancelled"]


async def test_a_reviewer_who_joins_the_authors_side_is_not_counted(house: House) -> None:
    panel = await Panel.open(house, cities=4, quorum=2)
    practice_id = await panel.in_review()
    first, second, third = [link async for link in panel.links(practice_id)]
    for link, value in ((first, 2), (second, 8)):
        await link.accept()
        if link is first:
            await link.write(review(value))
    [moved] = await house.rows(
        "SELECT r.email FROM representative r JOIN review_request q ON q.representative_id = r.id WHERE q.id = $1::uuid",
        first.request["id"],
    )
    where = f"/v1/memberships/{panel.cities['Kaohsiung']['membership_id']}/representatives"
    named = await house.admin.post(where, json={"name": "Moved", "email": moved["email"], "role": "technical"})
    assert named.status_code == 201, named.text
    await second.write(review(8))
    assert await house.rows("SELECT 1 FROM decision") == []  # one review is left, and two are needed
    await third.accept()
    await third.write(review(8))
    assert [row["score"] for row in await house.rows("SELECT score FROM decision")] == [80]
    await panel.tick()
    seen = (await panel.cities["Kaohsiung"]["key"].get(f"/v1/practices/{practice_id}/reviews")).json()["items"]
    assert [each["scores"] for each in seen] == [[], []]  # two reviews are too few to be told apart by criterion


async def test_silence_brings_the_next_alternate_who_has_time_of_their_own(house: House) -> None:
    panel = await Panel.open(house, cities=5, reviewers_per_practice=2, quorum=2)
    practice_id = await panel.in_review()
    first, second = await panel.requests(practice_id)
    await (await panel.link(first)).accept()
    await house.shift(days=15)
    await panel.work()
    assert [each["id"] for each in await panel.requests(practice_id, status="expired")] == [second["id"]]
    [asked] = await panel.requests(practice_id, status="pending")
    assert first["answer_due_at"] < asked["answer_due_at"] < asked["review_due_at"] == first["review_due_at"]
    assert (await (await panel.link(asked)).accept())["status"] == "accepted"


async def test_when_the_alternates_are_used_up_the_call_is_assigned_anew(house: House) -> None:
    panel = await Panel.open(house, cities=3, reviewers_per_practice=2, quorum=2)
    practice_id = await panel.in_review()
    await panel.join("Goyang", reviewers=1, max_load=3)
    link = await panel.link((await panel.requests(practice_id))[0])
    await link.answer("decline")
    await panel.work()
    asked = {each["reviewer"]["jurisdiction"]: each["status"] for each in await panel.requests(practice_id)}
    assert (asked["Goyang"], sorted(asked.values())) == ("pending", ["declined", "pending", "pending"])
    assert len(await house.rows("SELECT 1 FROM assignment_run")) == 2
    for each in await panel.requests(practice_id, status="pending"):
        await (await panel.link(each)).answer("decline")
    await panel.work()
    plan = (await house.admin.get(f"/v1/calls/{panel.call['id']}/assignments")).json()
    assert (plan["pairs"], [each["practice_id"] for each in plan["run"]["unfilled"]]) == ([], [practice_id])


async def test_no_more_than_the_open_invitations_are_asked_at_once(house: House) -> None:
    panel = await Panel.open(house, cities=5, max_open_invitations=1)
    practice_id = await panel.in_review()
    for place in range(3):
        [asked] = await panel.requests(practice_id, status="pending")
        await (await panel.link(asked)).accept()
        await panel.work()
        assert len(await panel.requests(practice_id, status="accepted")) == place + 1
    assert await panel.requests(practice_id, status="pending") == []
