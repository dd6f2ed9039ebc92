"""Memberships, representatives and agreements through HTTP: what each caller sees and may do."""

import httpx
import orjson
import pytest

from tests.fixtures.cohort import EXPRESSION, SIGNED, Cohort, representative, take
from tests.fixtures.house import House

UNKNOWN = "01900000-0000-7000-8000-000000000001"


async def test_a_draft_is_seen_by_its_jurisdiction_and_the_secretariat_only(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    mine, other = await cohort.jurisdiction("Kaohsiung"), await cohort.jurisdiction("Yokohama")
    own = await house.platform("memberships:write", jurisdictions=[mine])
    foreign = await house.platform("memberships:write", jurisdictions=[other])
    made = await own.post(cohort.path, json={"jurisdiction_id": mine, "kind": "member", "expression": EXPRESSION})
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["allowed_actions"]) == ("draft", ["submit", "withdraw"])
    assert made.json()["expression"]["leader"]["elected_on"] == "2022-11-26"
    assert "staff_liaison" not in made.json()["expression"]
    where = made.headers["location"]
    assert (await own.get(where)).json() == (await house.admin.get(where)).json() == made.json()
    for client in (foreign, anonymous):
        assert (await client.get(where)).status_code == 404
        assert (await client.get(cohort.path)).json()["items"] == []
    assert (await own.get(cohort.path)).json()["items"] == [made.json()]


async def test_an_active_membership_is_public_without_its_expression(house: House, anonymous: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    active = await cohort.member("Kaohsiung")
    await cohort.draft("Yokohama")
    foreign = await house.platform("memberships:read", jurisdictions=[UNKNOWN])
    where = f"/v1/memberships/{active['id']}"
    for client in (anonymous, foreign):
        seen = (await client.get(where)).json()
        assert seen == {name: value for name, value in active.items() if name != "expression"}
        assert (await client.get(cohort.path)).json()["items"] == [seen]
        assert "mayor" not in (await client.get(cohort.path)).text
    for path in (f"{where}/representatives", f"{where}/history", f"{where}/agreement"):
        assert (await anonymous.get(path)).status_code == 401
        assert (await foreign.get(path)).status_code == 404
        assert (await house.admin.get(path)).status_code == 200


async def test_another_tenants_membership_answers_like_one_that_does_not_exist(house: House) -> None:
    cohort = await Cohort.found(house)
    for membership in (await cohort.member("Kaohsiung"), await cohort.draft("Yokohama")):
        foreign = await house.platform("memberships:write", jurisdictions=[await cohort.jurisdiction("Kyoto")])
        match = {"If-Match": "*"}
        for method, path, body in (
            ("POST", "/v1/memberships/{}/transitions", {"action": "withdraw"}),
            ("PATCH", "/v1/memberships/{}", {"kind": "observer"}),
            ("POST", "/v1/memberships/{}/representatives", representative("technical")),
            ("PUT", "/v1/memberships/{}/agreement", SIGNED),
        ):
            theirs = await foreign.request(method, path.format(membership["id"]), json=body, headers=match)
            nobodys = await foreign.request(method, path.format(UNKNOWN), json=body, headers=match)
            assert (theirs.status_code, nobodys.status_code) == (404, 404)
            assert _told(theirs) == _told(nobodys)


async def test_nobody_drafts_for_a_jurisdiction_of_another(house: House) -> None:
    cohort = await Cohort.found(house)
    bound = await house.platform("memberships:write", jurisdictions=[await cohort.jurisdiction("Kyoto")])
    foreign = await bound.post(cohort.path, json={"jurisdiction_id": await cohort.jurisdiction("Goyang"), "kind": "member"})
    unknown = await bound.post(cohort.path, json={"jurisdiction_id": UNKNOWN, "kind": "member"})
    assert (foreign.status_code, _told(foreign)) == (404, _told(unknown))
    by_admin = await house.admin.post(cohort.path, json={"jurisdiction_id": UNKNOWN, "kind": "member"})
    assert (by_admin.status_code, by_admin.json()["errors"][0]["pointer"]) == (422, "/jurisdiction_id")
    nowhere = await house.admin.post(f"/v1/communities/{UNKNOWN}/memberships", json={"jurisdiction_id": UNKNOWN, "kind": "member"})
    assert nowhere.status_code == 404
    assert (await house.admin.get(f"/v1/communities/{UNKNOWN}/memberships")).status_code == 404


async def test_a_jurisdiction_has_one_living_membership_and_may_come_back(house: House) -> None:
    cohort = await Cohort.found(house)
    first = await cohort.draft("Kaohsiung")
    body = {"jurisdiction_id": first["jurisdiction_id"], "kind": "observer"}
    second = await house.admin.post(cohort.path, json=body)
    assert (second.status_code, second.json()["code"]) == (409, "already-exists")
    await cohort.step(first, "withdraw", reason="not this year")
    assert (await house.admin.post(cohort.path, json=body)).status_code == 201


async def test_the_list_is_filtered_and_paged(house: House) -> None:
    cohort = await Cohort.found(house)
    drafts = [await cohort.draft(name) for name in ("Kaohsiung", "Yokohama", "Kyoto")]
    watcher = await cohort.draft("Goyang", kind="observer")
    await cohort.step(drafts[0], "submit")

    async def ids(**params: str) -> list[str]:
        return [item["id"] for item in (await house.admin.get(cohort.path, params=params)).json()["items"]]

    assert await ids(status="expressed_interest") == [drafts[0]["id"]]
    assert await ids(kind="observer") == [watcher["id"]]
    assert await ids(jurisdiction_id=drafts[1]["jurisdiction_id"]) == [drafts[1]["id"]]
    page = (await house.admin.get(cohort.path, params={"limit": 3, "include": "total"})).json()
    assert page["next_cursor"]
    rest = (await house.admin.get(cohort.path, params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert [item["id"] for item in page["items"] + rest["items"]] == [*(draft["id"] for draft in drafts), watcher["id"]]
    assert (await house.admin.get(cohort.path, params={"status": "sleeping"})).status_code == 422


async def test_the_expression_changes_while_it_is_a_draft_or_returned(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    where = f"/v1/memberships/{draft['id']}"
    patch = {"kind": "observer", "expression": {"leader": {"title": None}, "motivation": "More."}}
    changed = (await house.admin.patch(where, json=patch, headers={"If-Match": '"1"'})).json()
    assert (changed["kind"], changed["version"]) == ("observer", 2)
    assert changed["expression"]["leader"] == EXPRESSION["leader"] | {"title": None, "term_ends_on": None}
    assert changed["expression"]["official_name"] == EXPRESSION["official_name"]
    stale = await house.admin.patch(where, json=patch, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    await cohort.step(draft, "submit")
    late = await house.admin.patch(where, json={"kind": "member"}, headers={"If-Match": "*"})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    await cohort.step(draft, "review")
    await cohort.step(draft, "return", reason="Please name the leader.")
    gone = await house.admin.patch(where, json={"expression": None}, headers={"If-Match": "*"})
    assert "expression" not in gone.json()
    events = await house.rows("SELECT event::text AS whole FROM event WHERE type = 'membership.changed'")
    assert len(events) == 3
    for secret in ("mayor@", "A Mayor", "industry", "More."):
        assert not [event for event in events if secret in event["whole"]]
    amended = await house.rows("SELECT before, after FROM event WHERE data->>'action' = 'amend' ORDER BY seq LIMIT 1")
    assert orjson.loads(amended[0]["before"]) == {
        "kind": "member",
        "expression": {"leader": {"title": "Mayor"}, "motivation": "42 characters"},
    }
    assert orjson.loads(amended[0]["after"]) == {
        "kind": "observer",
        "expression": {"leader": {"title": None}, "motivation": "5 characters"},
    }


async def test_representatives_are_named_changed_and_removed(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    own = await house.platform("memberships:write", jurisdictions=[draft["jurisdiction_id"]])
    path = f"/v1/memberships/{draft['id']}/representatives"
    given = representative(
        "technical", themes=["circular_economy"], reviewer=True, max_load=2, time_zone="Asia/Taipei", mandate_ends_on="2026-12-24"
    )
    made = await own.post(path, json=given)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in given} == given
    where, tag = made.headers["location"], made.headers["etag"]
    again = await own.post(path, json=given)
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    patched = await own.patch(where, json={"mandate_ends_on": None, "reviewer": False}, headers={"If-Match": tag})
    assert (patched.json()["mandate_ends_on"], patched.json()["reviewer"], patched.json()["version"]) == (None, False, 2)
    put = await own.put(where, json=representative("political"), headers={"If-Match": patched.headers["etag"]})
    assert (put.json()["role"], put.json()["themes"], put.json()["max_load"]) == ("political", [], 3)
    assert (put.json()["person_id"] != made.json()["person_id"], put.json()["version"]) == (True, 3)
    assert (await own.get(path)).json()["items"] == [put.json()]
    foreign = await house.platform("memberships:write", jurisdictions=[UNKNOWN])
    assert (await foreign.get(where)).status_code == 404
    assert (await foreign.delete(where, headers={"If-Match": "*"})).status_code == 404
    assert (await own.delete(where)).status_code == 428
    assert (await own.delete(where, headers={"If-Match": tag})).status_code == 412
    assert (await own.delete(where, headers={"If-Match": put.headers["etag"]})).status_code == 204
    assert (await own.get(where)).status_code == 404
    assert (await own.get(path)).json()["items"] == []
    events = await house.rows("SELECT data->>'action' AS action FROM event WHERE type = 'representative.changed' ORDER BY seq")
    assert [event["action"] for event in events] == ["name", "amend", "amend", "remove"]
    told = await house.rows("SELECT event::text AS whole, before, after FROM event WHERE type = 'representative.changed' ORDER BY seq")
    assert not [event for event in told if "liaison" in event["whole"] or "technical@" in event["whole"]]
    assert orjson.loads(told[0]["after"])["email"] == "t***@city.example"
    assert orjson.loads(told[1]["before"]) == {"mandate_ends_on": "2026-12-24", "reviewer": True}
    assert orjson.loads(told[1]["after"]) == {"mandate_ends_on": None, "reviewer": False}
    assert (orjson.loads(told[2]["after"])["role"], orjson.loads(told[3]["before"])["name"]) == ("political", "T***")


async def test_a_political_mandate_ends_with_the_leaders_term_unless_it_is_said(house: House) -> None:
    cohort = await Cohort.found(house)
    leader = {"name": "A Mayor", "elected_on": "2022-11-26", "term_ends_on": "2026-12-25"}
    body = {"jurisdiction_id": await cohort.jurisdiction("Kaohsiung"), "kind": "member", "expression": {"leader": leader}}
    draft = (await house.admin.post(cohort.path, json=body)).json()
    path = f"/v1/memberships/{draft['id']}/representatives"
    for number, (given, stored) in enumerate(
        (
            (representative("political"), "2026-12-25"),
            (representative("political", mandate_ends_on=None), None),
            (representative("political", mandate_ends_on="2027-01-31"), "2027-01-31"),
            (representative("technical"), None),
        )
    ):
        made = await house.admin.post(path, json=given | {"email": f"person{number}@kaohsiung.example"})
        assert made.json()["mandate_ends_on"] == stored
    technical = (await house.admin.get(path)).json()["items"][-1]
    patched = await house.admin.patch(f"/v1/representatives/{technical['id']}", json={"role": "political"}, headers={"If-Match": "*"})
    assert patched.json()["mandate_ends_on"] is None
    bare = await cohort.draft("Yokohama")
    made = await house.admin.post(f"/v1/memberships/{bare['id']}/representatives", json=representative("political"))
    assert made.json()["mandate_ends_on"] is None


async def test_the_last_one_in_a_needed_role_stays_until_a_successor_is_named(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung")
    path = f"/v1/memberships/{member['id']}/representatives"
    political, technical = (await house.admin.get(path)).json()["items"]
    match = {"If-Match": "*"}
    for one in (political, technical):
        where = f"/v1/representatives/{one['id']}"
        for answer in (
            await house.admin.delete(where, headers=match),
            await house.admin.patch(where, json={"role": "communications"}, headers=match),
            await house.admin.put(where, json=representative("communications", "Kaohsiung"), headers=match),
            await house.admin.patch(where, json={"mandate_ends_on": "2020-01-01"}, headers=match),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "representatives-missing")
        assert (await house.admin.get(where)).json() == one
        assert (await house.admin.patch(where, json={"name": "Somebody Else"}, headers=match)).status_code == 200
    successor = await house.admin.post(path, json=representative("technical", "Kaohsiung", email="second@kaohsiung.example"))
    assert (await house.admin.delete(f"/v1/representatives/{technical['id']}", headers=match)).status_code == 204
    answer = await house.admin.delete(successor.headers["location"], headers=match)
    assert answer.json()["code"] == "representatives-missing"
    await cohort.step(member, "suspend")
    assert (await house.admin.delete(successor.headers["location"], headers=match)).status_code == 204
    back = await take(house.admin, member, "reinstate")
    assert (back.status_code, back.json()["code"]) == (409, "representatives-missing")


async def test_one_human_under_two_spellings_is_one_person(house: House) -> None:
    cohort = await Cohort.found(house)
    people = set()
    for city, spelling in (("Kaohsiung", "Ana@高雄.example"), ("Yokohama", "ana+review@XN--DO5A73F.example")):
        draft = await cohort.draft(city)
        made = await house.admin.post(f"/v1/memberships/{draft['id']}/representatives", json=representative("technical", email=spelling))
        assert made.json()["email"].endswith("@xn--do5a73f.example")
        people.add(made.json()["person_id"])
    assert len(people) == 1
    assert len((await house.admin.get("/v1/people")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": "Ana\r\nBcc: everyone@city.example"}, "/name"),
        ({"name": "Ana\u2029Bcc: everyone@city.example"}, "/name"),
        ({"email": "ana at city.example"}, "/email"),
        ({"role": "boss"}, "/role"),
        ({"themes": ["fame"]}, "/themes/0"),
        ({"max_load": 21}, "/max_load"),
        ({"max_load": -1}, "/max_load"),
        ({"max_load": 2.5}, "/max_load"),
        ({"reviewer": "yes"}, "/reviewer"),
        ({"languages": ["english!"]}, "/languages/0"),
        ({"mandate_ends_on": "2026-02-30"}, "/mandate_ends_on"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
    ],
)
async def test_a_representative_that_does_not_fit_is_refused(house: House, fields: dict[str, object], pointer: str) -> None:
    draft = await (await Cohort.found(house)).draft("Kaohsiung")
    answer = await house.admin.post(f"/v1/memberships/{draft['id']}/representatives", json=representative("technical", **fields))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await house.rows("SELECT 1 FROM person") == []


async def test_the_first_agreement_needs_no_version_and_later_ones_do(house: House) -> None:
    cohort = await Cohort.found(house)
    draft = await cohort.draft("Kaohsiung")
    where = f"/v1/memberships/{draft['id']}/agreement"
    assert (await house.admin.get(where)).status_code == 404
    early = await house.admin.put(where, json=SIGNED, headers={"If-Match": '"1"'})
    assert (early.status_code, early.json()["code"]) == (412, "version-mismatch")
    first = await house.admin.put(where, json=SIGNED)
    assert (first.status_code, first.json()["version"]) == (200, 1)
    assert first.json()["document"] == SIGNED["document"]
    bare = await house.admin.put(where, json=SIGNED)
    assert (bare.status_code, bare.json()["code"]) == (428, "version-needed")
    changed = await house.admin.put(where, json={"signatories": []}, headers={"If-Match": first.headers["etag"]})
    assert (changed.json()["version"], "document" in changed.json()) == (2, False)
    assert (await house.admin.put(where, json=SIGNED, headers={"If-Match": first.headers["etag"]})).status_code == 412
    assert (await house.admin.get(where)).json() == changed.json()
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'agreement.changed'")) == 2


async def test_each_party_writes_its_own_signature(house: House) -> None:
    cohort = await Cohort.found(house)
    membership = await cohort.draft("Kaohsiung")
    own = await house.platform("memberships:write", jurisdictions=[membership["jurisdiction_id"]])
    where = f"/v1/memberships/{membership['id']}/agreement"
    forged = await own.put(where, json=SIGNED)
    assert (forged.status_code, forged.json()["code"]) == (403, "forbidden")
    ours, theirs = SIGNED["signatories"]
    first = await own.put(where, json={"signatories": [ours], "document": SIGNED["document"]})
    assert first.status_code == 200
    both = await house.admin.put(where, json=SIGNED, headers={"If-Match": first.headers["etag"]})
    tag = {"If-Match": both.headers["etag"]}
    for swap in (
        {"signatories": [ours, theirs | {"name": "Someone Else"}], "document": SIGNED["document"]},
        {"signatories": [ours], "document": SIGNED["document"]},
        {"signatories": [ours, theirs], "document": {"title": "Another text"}},
    ):
        assert (await own.put(where, json=swap, headers=tag)).status_code == 403
    corrected = {"signatories": [ours | {"title": "Mayor"}, theirs], "document": SIGNED["document"]}
    assert (await own.put(where, json=corrected, headers=tag)).json()["signatories"] == corrected["signatories"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"signatories": [{"party": "press", "name": "A"}]}, "/signatories/0/party"),
        ({"signatories": [{"party": "secretariat", "name": "A\nB"}]}, "/signatories/0/name"),
        ({"signatories": [], "document": {"title": "T", "url": "javascript:alert(1)"}}, "/document/url"),
        ({}, "/signatories"),
    ],
)
async def test_an_agreement_that_does_not_fit_is_refused(house: House, body: dict[str, object], pointer: str) -> None:
    draft = await (await Cohort.found(house)).draft("Kaohsiung")
    answer = await house.admin.put(f"/v1/memberships/{draft['id']}/agreement", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_an_unknown_step_is_no_step(house: House) -> None:
    draft = await (await Cohort.found(house)).draft("Kaohsiung")
    for action in ("expire", "dance", ""):
        assert (await take(house.admin, draft, action)).status_code == 422


def _told(answer: httpx.Response) -> dict[str, object]:
    return {name: value for name, value in answer.json().items() if name not in ("request_id", "instance")}
