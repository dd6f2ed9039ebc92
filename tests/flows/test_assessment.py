"""From a draft to an assessed practice: what the worker finds, returns, scores, and never does twice."""

import asyncio
from typing import Any
from uuid import UUID

from services.core.kit.db import Database
from services.core.ledger.drain import Drain
from services.core.practices import queries, service
from services.worker.tasks import HANDLERS as WORKER
from tests.fixtures.calls import PRACTICE, Season, patch, step, where, window
from tests.fixtures.house import House

Json = dict[str, Any]


async def events(house: House) -> list[tuple[str, str]]:
    rows = await house.rows("SELECT type, actor_kind FROM event WHERE subject = 'practice' AND NOT type = 'practice.changed' ORDER BY id")
    return [(row["type"], row["actor_kind"]) for row in rows]


async def test_a_practice_is_returned_repaired_and_assessed(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft(indicators=[], consent_to_publish=False, partners=[])
    assert (await season.author.get(f"{where(draft)}/assessment")).status_code == 404
    await step(season.author, draft, "submit")
    await house.work("practices")
    returned = await season.read(draft)
    assert (returned["status"], returned["allowed_actions"]) == ("returned", ["submit", "withdraw"])
    found = (await season.author.get(f"{where(draft)}/assessment")).json()
    assert {(f["code"], f["severity"], f["pointer"]) for f in found["findings"]} == {
        ("no-measured-result", "blocking", "/indicators"),
        ("consent-missing", "blocking", "/consent_to_publish"),
        ("few-partners", "warning", "/partners"),
    }
    repaired = await patch(
        season.author, returned, consent_to_publish=True, indicators=PRACTICE["indicators"], partners=PRACTICE["partners"]
    )
    assert repaired.status_code == 200
    assert (await step(season.author, draft, "submit")).json()["submissions"] == 2
    await house.work("practices")
    practice = await season.read(draft)
    assert (practice["status"], practice["allowed_actions"]) == ("assessed", ["withdraw"])
    answer = await season.author.get(f"{where(draft)}/assessment")
    assessment = answer.json()
    assert (assessment["number"], assessment["findings"], assessment["rubric_version"]) == (2, [], season.call["rubric_version"])
    assert 0 < found["total"] < assessment["total"] <= 100
    assert assessment["band"] in ("disclosure", "awareness", "management", "leadership")
    shares = sum(c["weight"] * c["points"] / c["max"] for c in assessment["criteria"])
    assert abs(shares - assessment["total"]) < 0.01
    assert all(c["reasons"] for c in assessment["criteria"])
    assert (await house.admin.get(f"{where(draft)}/assessment")).json() == assessment
    same = await season.author.get(f"{where(draft)}/assessment", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    assert await events(house) == [
        ("practice.submitted", "platform"),
        ("practice.returned", "system"),
        ("practice.submitted", "platform"),
        ("practice.assessed", "system"),
    ]


async def test_a_second_run_of_the_same_task_changes_nothing(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    await house.work("practices")
    before = await house.rows("SELECT * FROM assessment"), await season.read(practice), await events(house)
    await house.rows("UPDATE task SET state = 'pending', attempts = 0 WHERE handler = 'practices.assess'")
    assert await house.work("practices") == 1
    assert (await house.rows("SELECT * FROM assessment"), await season.read(practice), await events(house)) == before
    assert not await house.rows("SELECT 1 FROM task WHERE state = 'dead' OR last_error IS NOT NULL AND queue = 'practices'")


async def test_two_workers_assess_a_submission_once(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()

    async def assess(database: Database) -> None:
        async with database.transaction() as session:
            await service.assess(session, [(UUID(practice["id"]), 1)])

    await asyncio.gather(*(assess(house.database) for _ in range(4)))
    assert len(await house.rows("SELECT 1 FROM assessment")) == 1
    assert await events(house) == [("practice.submitted", "platform"), ("practice.assessed", "system")]


async def test_many_submissions_are_assessed_in_groups_each_once(house: House) -> None:
    season = await Season.begin(house)
    practices = [await season.submitted(title=f"Practice {n}", lessons="" if n % 2 else "Ask early.") for n in range(30)]
    await season.submitted(title="incomplete", problem="")
    await house.work("practices")
    rows = await house.rows("SELECT status, count(*) AS n FROM practice GROUP BY status ORDER BY status")
    assert [tuple(row) for row in rows] == [("assessed", 30), ("returned", 1)]
    assert len(await house.rows("SELECT DISTINCT practice_id FROM assessment")) == len(practices) + 1
    assert len(await house.rows("SELECT 1 FROM event WHERE type IN ('practice.assessed', 'practice.returned')")) == 31


async def test_a_submission_that_cannot_be_assessed_takes_no_other_along(house: House) -> None:
    season = await Season.begin(house)
    practices = [await season.submitted() for _ in range(4)]
    broken = practices[1]["id"]
    [frozen] = await house.rows("SELECT content FROM practice_version WHERE practice_id = $1", broken)
    await house.rows("UPDATE practice_version SET content = '{}' WHERE practice_id = $1", broken)
    await Drain(house.worker, WORKER, house.settings)("practices")
    rows = await house.rows("SELECT status, count(*) AS n FROM practice GROUP BY status ORDER BY status")
    assert [tuple(row) for row in rows] == [("assessed", 3), ("submitted", 1)]
    assert await house.rows("SELECT 1 FROM task WHERE handler = 'practices.assess' AND state = 'pending' AND last_error LIKE 'KeyError%'")
    await house.rows("UPDATE practice_version SET content = $2::jsonb WHERE practice_id = $1", broken, frozen["content"])
    await house.rows("UPDATE task SET due_at = domain_now() WHERE state = 'pending' AND handler = 'practices.assess'")
    await house.work("practices")
    assert [each["number"] for each in await house.rows("SELECT number FROM assessment WHERE practice_id = $1", broken)] == [1]
    assert len(await events(house)) == 8


async def test_a_summary_of_151_words_is_kept_as_a_draft_and_returned_when_submitted(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft(summary="word " * 151)
    assert draft["status"] == "draft"
    exact = await season.draft(summary="word " * 150)
    for practice in (draft, exact):
        assert (await step(season.author, practice, "submit")).status_code == 200
    await house.work("practices")
    assert (await season.read(exact))["status"] == "assessed"
    assert (await season.read(draft))["status"] == "returned"
    findings = (await season.author.get(f"{where(draft)}/assessment")).json()["findings"]
    assert [(f["code"], f["severity"], f["pointer"]) for f in findings] == [("summary-too-long", "blocking", "/summary")]


async def test_what_was_frozen_is_assessed_not_what_changed_since(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted()
    await house.rows("UPDATE practice SET title = '' WHERE id = $1", practice["id"])
    await house.work("practices")
    assert (await season.read(practice))["status"] == "assessed"


async def test_what_was_returned_is_handed_in_again_until_reviewing_begins(house: House) -> None:
    season = await Season.begin(house)
    practices = [await season.submitted(problem=""), await season.submitted(problem="")]
    await house.work("practices")
    await house.shift(days=11)
    await house.work("practices")
    assert (await house.admin.get(season.path)).json()["status"] == "closed"
    first = await season.read(practices[0])
    await patch(season.author, first, problem="Most emissions come from heavy industry.")
    assert (await step(season.author, first, "submit")).status_code == 200
    await house.work("practices")
    assert (await season.read(first))["status"] == "assessed"
    await season.turn("review")
    late = await step(season.author, practices[1], "submit")
    assert (late.status_code, late.json()["code"]) == (409, "call-not-open")


async def test_the_call_opens_takes_practices_and_closes_by_the_clock(house: House) -> None:
    season = await Season.begin(house, is_open=False, **window(opens_at=1))
    body = {"call_id": season.call["id"], "jurisdiction_id": season.jurisdiction}
    assert (await season.author.post("/v1/practices", json=body)).status_code == 422
    await house.shift(days=1.5)
    await house.work("practices")
    practice, forgotten = await season.submitted(), await season.draft()
    await house.shift(days=10)
    await house.work("practices")
    assert (await step(season.author, forgotten, "submit")).json()["code"] == "call-not-open"
    assert (await season.read(practice))["status"] == "assessed"


async def test_letters_and_reviewers_are_told_what_was_handed_in(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted(problem="")
    await house.work("practices")
    async with house.database.transaction() as session:
        brief = await queries.brief(session, practice["id"])
    assert (brief.title, brief.jurisdiction_name, brief.call_title) == (PRACTICE["title"], "Kaohsiung", "Founding call")
    assert (brief.status, brief.number, [f["code"] for f in brief.findings]) == ("returned", 1, ["problem-missing"])
    async with house.database.read() as connection:
        content = await queries.content_for_review(connection, practice["id"], 1)
        blind = await queries.content_for_review(connection, practice["id"], 1, blind=True)
    assert (content["title"], content["jurisdiction"]["name"]) == (PRACTICE["title"], "Kaohsiung")
    assert not {"status", "total", "findings", "needs_decision"} & set(content)
    assert not {"jurisdiction", "jurisdiction_id", "commitment_ids"} & set(blind)
    assert [c["weight"] for c in queries.review_criteria("2026-1")]
