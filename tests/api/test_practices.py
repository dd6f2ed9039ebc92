"""Practices through HTTP: drafts, who sees them, what changes when, and how they are handed in."""

import asyncio
from typing import Any

import httpx
import pytest

from services.core.kit.actor import SYSTEM
from services.core.practices import service
from tests.fixtures.calls import PRACTICE, Season, patch, step, where
from tests.fixtures.house import House

Json = dict[str, Any]
COMMITMENT = """
INSERT INTO commitment (id, jurisdiction_id, title, target_type, target_year, sector, gases, scopes, measures, findings, progress,
                        visibility, version)
VALUES (gen_random_uuid(), $1, 'A target', 'fixed_level', 2030, 'all', '{}', '{}', '[]', '[]', '{}', 'private', 1) RETURNING id
"""
NOBODY = "00000000-0000-7000-8000-000000000000"


async def test_a_draft_needs_no_more_than_its_call_and_its_jurisdiction(house: House) -> None:
    season = await Season.begin(house)
    made = await season.author.post("/v1/practices", json={"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction})
    assert made.status_code == 201
    draft = made.json()
    assert made.headers["location"] == where(draft)
    assert (draft["status"], draft["allowed_actions"], draft["title"], draft["theme"]) == ("draft", ["submit", "withdraw"], "", "")
    assert (draft["submissions"], draft["submitted_at"], draft["needs_decision"]) == (0, None, False)
    assert "finance" not in draft
    unchanged = await season.author.get(where(draft), headers={"If-None-Match": made.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    anew = await season.author.get(where(draft), headers={"If-None-Match": '"1-v1"'})
    assert (anew.status_code, anew.headers["etag"]) == (200, made.headers["etag"]), "it was shown without the members that it has now"


async def test_what_was_written_is_read_as_it_was_written(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft(actions=PRACTICE["actions"])
    for name, value in PRACTICE.items():
        if name not in ("translations", "indicators"):
            assert draft[name] == value, name
    assert draft["translations"]["zh-Hant"] | {"title": "產業淨零大聯盟", "problem": ""} == draft["translations"]["zh-Hant"]
    assert draft["indicators"] == [PRACTICE["indicators"][0] | {"method": "", "evidence_id": None}]
    assert (await season.author.get("/v1/practices", params={"theme": "energy_transition"})).json()["items"] == [draft]


async def test_a_draft_changes_member_by_member_or_as_a_whole(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    missing = await season.author.patch(where(draft), json={"title": "New"})
    assert (missing.status_code, missing.json()["code"]) == (428, "version-needed")
    changes = {"finance": {"cost": None}, "translations": {"de": {"title": "Allianz"}}, "emissions_avoided_t_per_year": None}
    patched = await patch(season.author, draft, **changes)
    now = patched.json()
    assert now["finance"] == PRACTICE["finance"] | {"cost": None}
    assert sorted(now["translations"]) == ["de", "zh-Hant"]
    assert (now["emissions_avoided_t_per_year"], now["version"]) == (None, 2)
    stale = await patch(season.author, draft, title="Lost")
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    removed = (await patch(season.author, now, translations={"de": None}, finance=None)).json()
    assert sorted(removed["translations"]) == ["zh-Hant"]
    assert "finance" not in removed
    idle = await patch(season.author, removed, title=removed["title"])
    assert idle.json() == removed
    body = {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction, "title": "Whole"}
    whole = await season.author.put(where(draft), json=body, headers={"If-Match": idle.headers["etag"]})
    assert (whole.json()["title"], whole.json()["summary"], whole.json()["partners"]) == ("Whole", "", [])
    moved = await season.author.put(where(draft), json=body | {"jurisdiction_id": NOBODY}, headers={"If-Match": "*"})
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (422, "/jurisdiction_id")
    events = await house.rows("SELECT data->>'action' AS action, data->'changed' AS changed FROM event WHERE type = 'practice.changed'")
    assert [row["action"] for row in events] == ["draft", "amend", "amend", "amend"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": "x" * 201}, "/title"),
        ({"title": "two\nlines"}, "/title"),
        ({"title": None}, "/title"),
        ({"summary": "x" * 20_001}, "/summary"),
        ({"theme": "space_travel"}, "/theme"),
        ({"language": "no language"}, "/language"),
        ({"translations": {"no language": {}}}, "/translations/no language"),
        ({"translations": {"de": {"novel": "x"}}}, "/translations/de/novel"),
        ({"finance": {"currency": "XYZ"}}, "/finance/currency"),
        ({"finance": {"cost": "12"}}, "/finance/cost"),
        ({"finance": {"cost": -1}}, "/finance/cost"),
        ({"indicators": [{"year": 1492}]}, "/indicators/0/year"),
        ({"indicators": [{"evidence_id": NOBODY}]}, "/indicators/0/evidence_id"),
        ({"indicators": [{}] * 51}, "/indicators"),
        ({"partners": [{"name": ""}]}, "/partners/0/name"),
        ({"commitment_ids": [NOBODY]}, "/commitment_ids/0"),
        ({"consent_to_publish": 1}, "/consent_to_publish"),
        ({"status": "recognised"}, "/status"),
        ({"call_id": NOBODY}, "/call_id"),
    ],
)
async def test_bad_input_is_named_by_its_pointer(house: House, fields: Json, pointer: str) -> None:
    season = await Season.begin(house)
    body = {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction} | PRACTICE | fields
    refused = await season.author.post("/v1/practices", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body"), refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert await house.rows("SELECT 1 FROM practice") == []


async def test_a_practice_takes_a_mebibyte_and_not_more(house: House) -> None:
    season = await Season.begin(house)
    text = "long " * 3_900
    languages = [f"{a}{b}" for a in "abcd" for b in "abcde"]
    translations = {language: dict.fromkeys(("problem", "actions"), text) for language in languages}
    draft = await season.draft(translations=translations)
    assert len((await season.author.get(where(draft))).content) > 700_000
    huge = {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction, "problem": "x" * 1024 * 1024}
    refused = await season.author.post("/v1/practices", json=huge)
    assert (refused.status_code, refused.json()["code"]) == (413, "payload-too-large")


async def test_commitments_must_be_the_jurisdictions_own(house: House) -> None:
    season = await Season.begin(house)
    other = await season.cohort.jurisdiction("Kyoto")
    mine, theirs = [str((await house.rows(COMMITMENT, of))[0]["id"]) for of in (season.jurisdiction, other)]
    body = {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction, "commitment_ids": [mine, theirs]}
    refused = await season.author.post("/v1/practices", json=body)
    assert [entry["pointer"] for entry in refused.json()["errors"]] == ["/commitment_ids/1"]
    assert (await season.draft(commitment_ids=[mine]))["commitment_ids"] == [mine]


async def test_a_foreign_practice_answers_like_one_that_does_not_exist(house: House, anonymous: httpx.AsyncClient) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    await house.work("practices")
    kyoto = (await season.cohort.member("Kyoto"))["jurisdiction_id"]
    stranger = await house.platform("practices:write", jurisdictions=[kyoto])
    for client in (stranger, anonymous):
        assert (await client.get("/v1/practices")).json()["items"] == []
        seen, unknown = await client.get(where(practice)), await client.get(f"/v1/practices/{NOBODY}")
        assert seen.status_code == 404
        assert {**seen.json(), "request_id": "", "instance": ""} == {**unknown.json(), "request_id": "", "instance": ""}
    for refused in (
        await stranger.get(f"{where(practice)}/assessment"),
        await patch(stranger, practice, title="Mine"),
        await stranger.put(where(practice), json={"call_id": NOBODY, "jurisdiction_id": NOBODY}, headers={"If-Match": "*"}),
        await step(stranger, practice, "withdraw"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert (await anonymous.get(f"{where(practice)}/assessment")).status_code == 401
    reader = await house.platform("practices:read", jurisdictions=[season.jurisdiction])
    assert (await step(reader, practice, "withdraw")).status_code == 403


async def test_what_was_recognised_is_public_when_its_author_consents(house: House, anonymous: httpx.AsyncClient) -> None:
    season = await Season.begin(house)
    outcomes = {"recognised": True, "commended": True, "declined": False, "revise": False}
    found = {outcome: await season.submitted(title=outcome) for outcome in outcomes}
    silent = await season.submitted(title="silent")
    await house.work("practices")
    for outcome, practice in [*found.items(), ("recognised", silent)]:
        await decide(house, practice, outcome)
    await house.rows("UPDATE practice SET consent_to_publish = false WHERE id = $1", silent["id"])
    stranger = await house.platform("practices:write", jurisdictions=[await season.cohort.jurisdiction("Kyoto")])
    for client in (anonymous, stranger):
        listed = {entry["title"] for entry in (await client.get("/v1/practices")).json()["items"]}
        assert listed == {"recognised", "commended"}
        for outcome, practice in found.items():
            assert (await client.get(where(practice))).status_code == (200 if outcomes[outcome] else 404), outcome
        assert (await client.get(where(silent))).status_code == 404
    theirs = await patch(stranger, found["recognised"], title="Mine")
    assert (theirs.status_code, theirs.json()["code"]) == (403, "forbidden"), "they may see it, and not change it"
    own = await season.read(found["declined"])
    assert (own["status"], own["allowed_actions"]) == ("declined", [])


async def decide(house: House, practice: Json, outcome: str) -> None:
    """What the reviews room tells."""
    async with house.database.transaction() as session:
        await service.begin_review(session, SYSTEM, practice["id"])
        await service.release(session, SYSTEM, practice["id"], outcome=outcome, reason="The reviewers say so.")


async def test_reviewers_move_nothing_that_an_author_sees(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    await house.work("practices")
    async with house.database.transaction() as session:
        await service.begin_review(session, SYSTEM, practice["id"])
    before = await season.author.get(where(practice))
    listed = await season.author.get("/v1/practices")
    tag = (await house.admin.get(where(practice))).headers["etag"]
    async with house.database.transaction() as session:
        await service.flag_needs_decision(session, practice["id"], value=True)
    after = await season.author.get(where(practice))
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert (await season.author.get(where(practice), headers={"If-None-Match": before.headers["etag"]})).status_code == 304
    again = await season.author.get("/v1/practices")
    assert (again.content, again.headers["etag"]) == (listed.content, listed.headers["etag"])
    secretariat = await house.admin.get(where(practice), headers={"If-None-Match": tag})
    assert (secretariat.status_code, secretariat.json()["needs_decision"]) == (200, True)
    async with house.database.transaction() as session:
        await service.release(session, SYSTEM, practice["id"], outcome="declined", reason="Not yet.")
    assert (await house.admin.get(where(practice))).json()["needs_decision"] is False
    decided = await house.rows("SELECT data->>'outcome', data->>'number', reason FROM event WHERE type = 'practice.decided'")
    assert [tuple(row) for row in decided] == [("declined", "1", "Not yet.")]


async def test_submitting_freezes_a_version_and_says_so_once(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    answers = [await step(season.author, draft, "submit", reason="Done."), await step(season.author, draft, "submit")]
    assert (answers[0].json()["status"], answers[0].json()["allowed_actions"], answers[0].json()["submissions"]) == (
        "submitted", ["withdraw"], 1,
    )  # fmt: skip
    assert (answers[1].status_code, answers[1].json()["code"]) == (409, "invalid-transition")
    versions = await house.rows("SELECT number, content->>'title' AS title FROM practice_version")
    assert [tuple(row) for row in versions] == [(1, PRACTICE["title"])]
    events = await house.rows("SELECT data->>'number', reason FROM event WHERE type = 'practice.submitted'")
    assert [tuple(row) for row in events] == [("1", "Done.")]
    assert len(await house.rows("SELECT 1 FROM task WHERE handler = 'practices.assess'")) == 1
    frozen = await patch(season.author, answers[0].json(), title="Too late")
    assert (frozen.status_code, frozen.json()["code"]) == (409, "conflict")
    assert (frozen.json()["current_status"], frozen.json()["allowed_actions"]) == ("submitted", ["withdraw"])


async def test_of_two_parallel_submits_one_wins(house: House) -> None:
    season = await Season.begin(house)
    for _ in range(5):
        draft = await season.draft()
        answers = await asyncio.gather(*(step(season.author, draft, "submit") for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert next(a.json()["code"] for a in answers if a.status_code == 409) == "invalid-transition"
    assert len(await house.rows("SELECT 1 FROM practice_version")) == 5
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'practice.submitted'")) == 5


async def test_a_repeated_submit_with_its_key_gives_the_first_answer(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    sent: Json = {"url": f"{where(draft)}/transitions", "json": {"action": "submit"}, "headers": {"Idempotency-Key": "once"}}
    first, again = await season.author.post(**sent), await season.author.post(**sent)
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (200, first.content, "true")
    assert len(await house.rows("SELECT 1 FROM practice_version")) == 1


async def test_a_practice_is_taken_back_for_good(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    stale = await season.author.post(f"{where(practice)}/transitions", json={"action": "withdraw"}, headers={"If-Match": '"1-v1"'})
    assert stale.status_code == 412
    gone = (await step(season.author, practice, "withdraw", reason="The mayor asked.")).json()
    assert (gone["status"], gone["allowed_actions"]) == ("withdrawn", [])
    for action in ("submit", "withdraw"):
        assert (await step(season.author, practice, action)).json()["code"] == "invalid-transition"
    await house.work("practices")
    assert (await season.author.get(f"{where(practice)}/assessment")).status_code == 404
    assert (await season.read(practice))["status"] == "withdrawn"
    events = await house.rows("SELECT type FROM event WHERE subject = 'practice' ORDER BY id")
    assert [row["type"] for row in events] == ["practice.changed", "practice.submitted", "practice.withdrawn"]


async def test_a_step_that_is_ours_cannot_be_named(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    for action in ("assess", "recognise", "fly"):
        refused = await step(house.admin, practice, action)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/action")


async def test_drafts_are_written_for_calls_that_the_author_sees(house: House) -> None:
    season = await Season.begin(house, is_open=False)
    body = {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction}
    unseen = await season.author.post("/v1/practices", json=body)
    unknown = await season.author.post("/v1/practices", json=body | {"call_id": NOBODY})
    assert (unseen.status_code, unseen.json()["errors"]) == (422, unknown.json()["errors"])
    early = (await house.admin.post("/v1/practices", json=body)).json()
    refused = await step(season.author, early, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "call-not-open")
    await season.turn("open")
    await season.turn("close")
    late = await season.author.post("/v1/practices", json=body)
    assert (late.status_code, late.json()["code"]) == (409, "call-not-open")


async def test_nobody_writes_for_a_jurisdiction_that_is_foreign_or_unknown(house: House) -> None:
    season = await Season.begin(house)
    stranger = await house.platform("practices:write", jurisdictions=[await season.cohort.jurisdiction("Kyoto")])
    foreign = await stranger.post("/v1/practices", json={"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction})
    unknown = await house.admin.post("/v1/practices", json={"call_id": season.call["id"], "jurisdiction_id": NOBODY})
    assert (foreign.status_code, foreign.json()["errors"]) == (422, unknown.json()["errors"])
    assert foreign.json()["errors"][0]["pointer"] == "/jurisdiction_id"


async def test_drafts_are_handed_in_within_the_window(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    await house.shift(days=11)
    late = await step(season.author, draft, "submit")
    assert (late.status_code, late.json()["code"]) == (409, "call-not-open"), "even before the clock has closed it"
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "closed"
    assert (await step(season.author, draft, "submit")).json()["code"] == "call-not-open"
    assert (await season.read(draft))["submissions"] == 0


async def test_only_active_members_hand_in(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    members = (await house.admin.get(season.cohort.path)).json()["items"]
    await season.cohort.step(members[0], "suspend")
    refused = await step(season.author, draft, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "membership-not-active")
    await season.cohort.step(members[0], "reinstate")
    assert (await step(season.author, draft, "submit")).status_code == 200


async def test_a_list_is_paged_and_filtered(house: House) -> None:
    season = await Season.begin(house)
    titles = [(await season.draft(title=f"Practice {number}"))["title"] for number in range(5)]
    seen: list[str] = []
    params: Json = {"limit": 2, "call_id": season.call["id"], "jurisdiction_id": season.jurisdiction, "status": "draft"}
    while True:
        page = (await season.author.get("/v1/practices", params=params)).json()
        seen += [entry["title"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == titles
    assert (await season.author.get("/v1/practices", params={"status": "assessed"})).json()["items"] == []
    assert (await season.author.get("/v1/practices", params={"call_id": NOBODY, "include": "total"})).json()["total"] == 0
    hidden = await season.author.get("/v1/practices", params={"needs_decision": "true"})
    unknown = await season.author.get("/v1/practices", params={"shoe_size": "true"})
    assert (hidden.status_code, hidden.json()["code"]) == (unknown.status_code, unknown.json()["code"]) == (422, "invalid-parameter")


async def test_what_is_to_be_revised_is_handed_in_until_the_call_is_decided(house: House) -> None:
    season = await Season.begin(house)
    practices = [await season.submitted(), await season.submitted()]
    await house.work("practices")
    for practice in practices:
        await decide(house, practice, "revise")
    for action in ("close", "review"):
        await season.turn(action)
    revised = await season.read(practices[0])
    assert (await patch(season.author, revised, lessons="We asked the workers too.")).status_code == 200
    again = await step(season.author, revised, "submit")
    assert (again.json()["status"], again.json()["submissions"]) == ("submitted", 2)
    await season.turn("decide")
    late = await step(season.author, practices[1], "submit")
    assert (late.status_code, late.json()["code"]) == (409, "call-not-open")
