"""The main job, once through: a practice goes from submission to a recognition that anyone can check."""

from tests.fixtures.house import House
from tests.fixtures.panel import CRITERIA, Panel, review


async def test_a_practice_goes_from_submission_to_recognition(house: House) -> None:
    panel = await Panel.open(house, cities=5)
    author = panel.cities["Kaohsiung"]
    practice_id = await panel.in_review("Kaohsiung")

    plan = (await house.admin.get(f"/v1/calls/{panel.call['id']}/assignments")).json()
    assert len(plan["pairs"]) == 3
    assert len({pair["reviewer"]["person_id"] for pair in plan["pairs"]}) == 3
    assert author["jurisdiction_id"] not in {pair["reviewer"]["jurisdiction_id"] for pair in plan["pairs"] + plan["alternates"]}
    assert all(pair["reasons"] and pair["constraints"] and 0 < pair["score"] <= 1 for pair in plan["pairs"])
    assert plan["run"]["unfilled"] == []
    assert [each["rank"] for each in plan["alternates"]] == [1]

    first, second, third = [link async for link in panel.links(practice_id)]
    brief = await first.brief()
    assert (brief["status"], brief["allowed_actions"], brief["time_zone"]) == ("invited", ["accept", "decline"], "Asia/Manila")
    assert brief["practice"]["title"] == "Waste heat for ten thousand homes"
    assert [each["code"] for each in brief["criteria"]] == list(CRITERIA)
    assert brief["reasons"]

    refused = await first.answer("decline", reason="I am on leave.")
    assert (refused.status_code, refused.json()["status"]) == (200, "declined")
    await panel.work()
    [asked_next] = await panel.requests(practice_id, status="pending")
    assert asked_next["reviewer"]["person_id"] == plan["alternates"][0]["reviewer"]["person_id"]
    [request] = await panel.requests(practice_id, status="declined")
    assert request["decline_reason"] == "I am on leave."

    for link, value in ((second, 9), (third, 8), (await panel.link(asked_next), 7)):
        assert (await panel.practice(practice_id))["status"] == "in_review"
        await link.accept()
        draft = await link.write({"scores": [{"criterion": "impact", "value": value}]})
        assert (draft.status_code, draft.json()["final"], draft.json()["total"]) == (200, False, None)
        done = await link.write(review(value), **{"If-Match": draft.headers["etag"]})
        assert (done.status_code, done.json()["final"], done.json()["total"]) == (200, True, value * 10)

    assert (await panel.practice(practice_id))["status"] == "in_review"  # decided, and not released yet
    assert (await author["key"].get(f"/v1/practices/{practice_id}/reviews")).json()["items"] == []
    await panel.tick()
    assert (await panel.practice(practice_id))["status"] == "recognised"

    [recognition] = (await house.client(None).get("/v1/recognitions", params={"call_id": panel.call["id"]})).json()["items"]
    assert (recognition["practice_id"], recognition["level"], recognition["theme"]) == (practice_id, "recognised", "circular_economy")
    check = await house.client(None).get(f"/v1/verify/{recognition['code']}")
    assert check.json()["valid"] is True
    assert check.json()["practice"] == {"id": practice_id, "title": "Waste heat for ten thousand homes", "jurisdiction": "Kaohsiung"}
    seen = (await author["key"].get(f"/v1/practices/{practice_id}/reviews")).json()["items"]
    assert [each["reviewer_alias"] for each in seen] == ["Reviewer A", "Reviewer B", "Reviewer C"]
    assert sorted(each["total"] for each in seen) == [70, 80, 90]

    counted = "SELECT type, count(*) AS n FROM event WHERE type ~ '^(review|recognition|assignment|practice)\\.' GROUP BY type"
    events = {row["type"]: row["n"] for row in await house.rows(counted)}
    assert events == {
        "practice.changed": 1, "practice.submitted": 1, "practice.assessed": 1, "practice.review_begun": 1, "assignment.made": 1,
        "review.requested": 4, "review.invited": 4, "review.declined": 1, "review.replaced": 1, "review.accepted": 3,
        "review.drafted": 3, "review.submitted": 3, "practice.decision_made": 1, "practice.decided": 1, "recognition.granted": 1,
    }  # fmt: skip
    assert await house.rows("SELECT handler, last_error FROM task WHERE state = 'dead' OR last_error IS NOT NULL") == []
