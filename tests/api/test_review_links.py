"""Review links: accepting, declining, changing one's mind, writing the review; and all that is refused."""

import asyncio

import pytest

from tests.fixtures.house import House
from tests.fixtures.panel import Panel, review


async def test_accepting_twice_is_accepting_once_and_declining_is_a_change(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    link = await panel.link((await panel.requests(practice_id))[0])
    first = await link.accept()
    again = await link.accept()
    assert (first["status"], again["status"], first["version"]) == ("accepted", "accepted", again["version"])
    assert first["review_session"] != again["review_session"]
    await link.write({"comments_to_author": "A first thought."})
    third = (await link.answer("accept")).json()
    assert third["status"] == "accepted"
    assert "review_session" not in third  # the link alone never leads to what somebody has written
    left = (await link.answer("decline", reason="No time.")).json()
    assert (left["status"], left["allowed_actions"]) == ("declined", ["accept"])
    assert (await link.read()).json()["code"] == "review-session-needed"
    back = await link.accept()
    assert back["status"] == "accepted"
    assert (await link.read()).status_code == 404  # the draft went with the refusal
    answers = "SELECT type FROM event WHERE type IN ('review.accepted', 'review.declined', 'review.opened') ORDER BY seq"
    assert [row["type"] for row in await house.rows(answers)] == ["review.accepted", "review.opened", "review.declined", "review.accepted"]


async def test_a_link_whose_letter_is_still_on_its_way_can_be_answered(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    request = (await panel.requests(practice_id))[0]
    assert (request["status"], request["allowed_actions"]) == ("pending", ["accept", "decline"])
    answer = await house.admin.post(
        f"/v1/review-requests/{request['id']}/transitions", json={"action": "accept", "reason": "By telephone."}
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    link = await panel.link(request)  # its letter comes late, and takes nothing back
    assert (await link.brief())["status"] == "accepted"
    kept = "SELECT actor_kind, reason, before->>'status' AS before FROM event WHERE type = 'review.accepted'"
    assert [tuple(row) for row in await house.rows(kept)] == [("platform", "By telephone.", "pending")]


async def test_an_unknown_and_a_revoked_link_answer_alike(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    link = await panel.link((await panel.requests(await panel.in_review()))[0])
    async with house.database.read() as connection:
        await connection.execute("UPDATE review_link SET revoked_at = now()")
    stranger = house.client(None)
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/transitions", {"action": "accept"}),
        ("GET", "/review", None),
        ("PUT", "/review", {"final": False}),
    ):
        revoked = await stranger.request(method, link.path + path, json=body)
        unknown = await stranger.request(method, f"/v1/review-links/{'x' * 43}{path}", json=body)
        assert revoked.status_code == unknown.status_code == 404
        differing = ("request_id", "instance")
        assert {k: v for k, v in revoked.json().items() if k not in differing} == {
            k: v for k, v in unknown.json().items() if k not in differing
        }


async def test_after_the_deadlines_a_link_still_shows_and_answers_nothing(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    first, second, third = [link async for link in panel.links(practice_id)]
    await first.accept()
    await second.answer("decline")
    await house.shift(days=15)
    for link, action in ((second, "accept"), (second, "decline"), (third, "accept"), (third, "decline"), (first, "accept")):
        late = await link.answer(action)
        assert (late.status_code, late.json()["code"]) == (410, "deadline-passed")
    by_hand = await house.admin.post(f"/v1/review-requests/{third.request['id']}/transitions", json={"action": "accept"})
    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "deadline-passed")
    assert (await third.client.get(third.path)).status_code == 200
    assert (await first.write({"comments_to_author": "Still in time."})).status_code == 200
    assert (await first.answer("decline", reason="I cannot finish.")).status_code == 200
    await house.shift(days=7)
    gone = await first.answer("decline")
    assert gone.status_code == 410


async def test_writing_needs_the_session_and_the_version(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review()
    first, second, _ = [link async for link in panel.links(practice_id)]
    refused = await first.write({"comments_to_author": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "review-session-needed")
    await first.accept()
    await second.accept()
    stolen = await first.client.put(f"{second.path}/review", json={}, headers={"X-Review-Session": first.session})
    assert stolen.json()["code"] == "review-session-needed"
    assert (await first.read()).status_code == 404
    draft = await first.write({"scores": [{"criterion": "impact", "value": 5}], "comments_to_secretariat": "for you"})
    assert (draft.status_code, draft.headers["etag"], draft.headers["cache-control"]) == (200, '"1-v2"', "no-store")
    assert (await first.write({})).json()["code"] == "version-needed"
    changed = await first.write({"comments_to_author": "better"}, **{"If-Match": '"1-v1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await first.write({}, **{"If-Match": '"1-v1"'})).json()["code"] == "version-mismatch"
    same = await first.write({"comments_to_author": "better"}, **{"If-Match": '"2-v1"'})
    assert same.json()["version"] == 2
    assert (await first.read()).json() == changed.json()
    assert "better" not in (await first.client.get(first.path)).text
    final = await first.write(review(7), **{"If-Match": '"2-v1"'})
    assert final.json()["total"] == 70
    for body in (review(7), {"final": False}):
        closed = await first.write(body, **{"If-Match": final.headers["etag"]})
        assert (closed.status_code, closed.json()["code"]) == (409, "review-final")
    undone = await first.answer("decline")
    assert (undone.status_code, undone.json()["code"]) == (409, "invalid-transition")
    seen = await house.admin.get(f"/v1/review-requests/{first.request['id']}/review")
    assert seen.json() == final.json()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (review(scores=[{"criterion": "impact", "value": 7}]), "/scores"),
        (review(scores=[{"criterion": "beauty", "value": 7}], final=False), "/scores/0/criterion"),
        (review(scores=[{"criterion": "impact", "value": 7}] * 2, final=False), "/scores/1/criterion"),
        (review(11), "/scores/0/value"),
        (review(recommendation=None), "/recommendation"),
        (review(confidence=None), "/confidence"),
        (review(confidence=6), "/confidence"),
        (review() | {"total": 100}, "/total"),
        (review(comments_to_author="x" * 20_001), "/comments_to_author"),
    ],
)
async def test_a_review_that_does_not_fit_is_refused_by_pointer(house: House, body: dict[str, object], pointer: str) -> None:
    panel = await Panel.open(house, cities=4)
    link = await panel.link((await panel.requests(await panel.in_review()))[0])
    await link.accept()
    answer = await link.write(body)
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert await house.rows("SELECT 1 FROM review") == []


async def test_a_double_blind_call_withholds_the_author(house: House) -> None:
    panel = await Panel.open(house, cities=4, blind="double")
    link = await panel.link((await panel.requests(await panel.in_review("Kaohsiung")))[0])
    brief = await link.client.get(link.path)
    assert "Kaohsiung" not in brief.text
    assert panel.cities["Kaohsiung"]["jurisdiction_id"] not in brief.text
    assert "Kaohsiung" not in (await link.client.get(link.page)).text


async def test_the_brief_never_shows_the_assessment(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    link = await panel.link((await panel.requests(await panel.in_review()))[0])
    brief = await link.brief()
    assert not {"total", "band", "findings", "assessment"} & (brief.keys() | brief["practice"].keys())


async def test_nobody_is_asked_or_accepts_beyond_the_load_cap(house: House) -> None:
    panel = await Panel.open(house, cities=4, max_load=2)
    practices = [await panel.in_review("Kaohsiung"), await panel.in_review("Kyoto")]
    third = await panel.in_review("Kaohsiung", title="A third practice")
    plan = (await house.admin.get(f"/v1/calls/{panel.call['id']}/assignments")).json()
    assert [each["practice_id"] for each in plan["run"]["unfilled"]] == [third]
    assert "load cap" in plan["run"]["unfilled"][0]["why"]

    links = [link for each in practices async for link in panel.links(each) if link.request["reviewer"]["jurisdiction"] == "Yokohama"]
    representative = f"/v1/representatives/{links[0].request['reviewer']['representative_id']}"
    changed = await house.admin.patch(representative, json={"max_load": 1}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    answers = await asyncio.gather(*(link.answer("accept") for link in links))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [answer.json()["code"] for answer in answers if answer.status_code == 409] == ["load-cap"]


async def test_whoever_speaks_for_the_author_by_now_neither_accepts_nor_hands_in(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    first, second, _ = [link async for link in panel.links(await panel.in_review("Kaohsiung"))]
    await second.accept()
    where = f"/v1/memberships/{panel.cities['Kaohsiung']['membership_id']}/representatives"
    for link in (first, second):
        email = f"reviewer0+desk@{link.request['reviewer']['jurisdiction'].lower()}.example"  # the same person under another spelling
        named = await house.admin.post(where, json={"name": "Moved", "email": email, "role": "technical"})
        assert named.status_code == 201, named.text
    for refused in (await first.answer("accept"), await second.write(review(8))):
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict-of-interest")


async def test_fifty_accept_the_last_place_and_one_wins(house: House) -> None:
    panel = await Panel.open(house, cities=6, reviewers=10, reviewers_per_practice=1, quorum=1, max_load=9)
    practice_id = await panel.in_review()
    links = []
    for _ in range(50):
        [link] = [link async for link in panel.links(practice_id)]
        await link.answer("decline")
        await panel.work()
        links.append(link)
    answers = await asyncio.gather(*(link.answer("accept") for link in links))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"place-taken"}
    assert len(await panel.requests(practice_id, status="accepted")) == 1


async def test_a_double_submit_has_one_winner(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    link = await panel.link((await panel.requests(await panel.in_review()))[0])
    await link.accept()
    answers = await asyncio.gather(*(link.write(review(value % 11)) for value in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"review-final"}
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'review.submitted'")) == 1


async def test_two_reviewers_may_use_the_same_idempotency_key(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    first, second, _ = [link async for link in panel.links(await panel.in_review())]
    answers = [
        await link.client.post(f"{link.path}/transitions", json={"action": "accept"}, headers={"Idempotency-Key": "one"})
        for link in (first, second, first)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[2].headers["idempotency-replayed"] == "true"
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_nothing_that_an_author_sees_names_a_reviewer(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice_id = await panel.in_review("Kaohsiung")
    author = panel.cities["Kaohsiung"]["key"]
    before = await author.get(f"/v1/practices/{practice_id}")
    await panel.review_all(practice_id, 9, 8, 7)
    after = await author.get(f"/v1/practices/{practice_id}")
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])  # nothing moves when reviewers act
    await panel.tick()
    requests = await panel.requests(practice_id)
    secrets = {str(value) for each in requests for value in (each["id"], *each["reviewer"].values())} - {practice_id}
    secrets |= {str(row["id"]) for row in await house.rows("SELECT id FROM review")}
    seen = [await author.get(path) for path in (f"/v1/practices/{practice_id}", f"/v1/practices/{practice_id}/reviews", "/v1/recognitions")]
    for answer in seen:
        assert answer.status_code == 200
        assert not [secret for secret in secrets if secret in answer.text]
    assert {each["released_at"][10:] for each in seen[1].json()["items"]} == {"T00:00:00.000000Z"}
    for path in (f"/v1/calls/{panel.call['id']}/assignments", "/v1/review-requests", f"/v1/review-requests/{requests[0]['id']}"):
        assert (await author.get(path)).status_code == 403
    other = panel.cities["Yokohama"]["key"]
    foreign = await other.get(f"/v1/practices/{practice_id}/reviews")
    assert foreign.status_code == 404
    assert (await house.client(None).get(f"/v1/practices/{practice_id}/reviews")).status_code == 401
    everything = (await house.admin.get(f"/v1/practices/{practice_id}/reviews")).json()["items"]
    assert {each["reviewer"]["name"] for each in everything} == {each["reviewer"]["name"] for each in requests}
