"""Another rubric over a whole call: beside what stands, each practice once, with a report of what moved; killed in the middle."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import httpx
import pytest

from services.core.accounts import service as accounts
from services.core.accounts.schemas import PersonCreate
from services.core.kit.actor import SYSTEM
from services.core.ledger.drain import Drain
from services.core.practices import moved
from services.core.practices.service import rescoring
from services.worker.tasks import HANDLERS
from tests.fixtures.calls import PRACTICE, Season, patch, step, where
from tests.fixtures.cohort import COMMUNITY
from tests.fixtures.house import House
from tests.fixtures.rubrics import OLD, publish_another

Json = dict[str, Any]
SVG = "{http://www.w3.org/2000/svg}"
ASSESSMENTS = "SELECT * FROM assessment ORDER BY practice_id, number, rubric_version"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> str:
    """The version of a second rubric."""
    return publish_another(monkeypatch)


async def start(season: Season, version: str, client: httpx.AsyncClient | None = None, **more: Any) -> httpx.Response:
    """Ask for a rescoring of the season's call, with a key of its own."""
    headers = {"Idempotency-Key": f"rescore {uuid4()}"}
    return await (client or season.house.admin).post(f"{season.path}/rescorings", json={"rubric_version": version, **more}, headers=headers)


async def told(season: Season, version: str, **more: Any) -> Json:
    """The report of a rescoring that must succeed."""
    answer = await start(season, version, **more)
    assert answer.status_code == 202, answer.text
    await season.house.work("rescoring")
    job = (await season.house.admin.get(answer.headers["location"])).json()
    assert job["status"] == "succeeded", job
    report: Json = (await season.house.admin.get(job["result_url"])).json()
    return report


async def secretariat_of(house: House, community_id: str) -> httpx.AsyncClient:
    """Somebody who runs the calls of one community, signed in."""
    email = f"secretariat-{uuid4().hex[:8]}@people.example"
    role = {"role": "secretariat", "community_id": community_id}
    given = PersonCreate.model_validate({"email": email, "name": "Someone", "roles": [role]})
    async with house.database.transaction() as session:
        person_id = await accounts.create_person(session, SYSTEM, given)
    return await house.signed_in(str(person_id))


async def a_call(house: House) -> tuple[Season, dict[str, Json]]:
    """A call with a practice of every kind: good, weak, returned, withdrawn after its assessment, and never handed in."""
    season = await Season.begin(house, rubric_version=OLD)
    practices = {
        "good": await season.submitted(co_benefits=["air", "jobs", "water"]),
        "weak": await season.submitted(title="Weak", lessons="", partners=[], sdg_targets=[], obstacles=[]),
        "returned": await season.submitted(title="Returned", indicators=[]),
        "withdrawn": await season.submitted(title="Withdrawn"),
    }
    await house.work("practices")
    await step(season.author, practices["withdrawn"], "withdraw")
    practices["draft"] = await season.draft(title="Draft")
    return season, practices


async def test_a_rescoring_stands_beside_and_tells_what_moved(house: House, other: str) -> None:
    season, practices = await a_call(house)
    shown = {name: await season.author.get(f"{where(each)}/assessment") for name, each in practices.items()}
    events = "SELECT id FROM event WHERE type NOT LIKE 'call.%'"
    states = await house.rows("SELECT id, status, version FROM practice ORDER BY id"), await house.rows(events)
    letters = await house.rows("SELECT id FROM task WHERE queue = 'letters'")
    started = await start(season, other, reason="Is the new one fair?")
    assert (started.status_code, started.json()["progress"]) == (202, {"done": 0, "total": 3})
    result = f"/v1/rescorings/{started.json()['id']}"
    assert (await house.admin.get(result)).status_code == 404
    await house.work("rescoring")
    job = (await house.admin.get(started.headers["location"])).json()
    assert (job["status"], job["progress"], job["result_url"]) == ("succeeded", {"done": 3, "total": 3}, result)
    report = (await house.admin.get(result)).json()
    assert (report["call_id"], report["rubric_version"], report["against"]) == (season.call["id"], other, OLD)
    assert report["counts"] | {"practices": 3, "assessed": 3, "kept": 0, "returned_would_be": 1} == report["counts"]
    assert sum(each["practices"] for each in report["bands"]) == 3
    entries = {each["practice_id"]: each for each in report["moved"]}
    good = entries[practices["good"]["id"]]
    assert (good["title"], good["jurisdiction_id"], good["number"]) == (PRACTICE["title"], season.jurisdiction, 1)
    assert {each["code"] for each in good["criteria"]} == {"impact", "inclusion"}  # the two whose weights differ
    assert [abs(each["delta"]) for each in report["moved"]] == sorted((abs(each["delta"]) for each in report["moved"]), reverse=True)
    for name in ("good", "weak", "returned"):
        entry, place = entries[practices[name]["id"]], f"{where(practices[name])}/assessment"
        assert entry["delta"] == pytest.approx(entry["after"]["total"] - entry["before"]["total"])
        assert sum(each["after"] - each["before"] for each in entry["criteria"]) == pytest.approx(entry["delta"], abs=0.02)
        beside = (await season.author.get(place, params={"rubric_version": other})).json()
        assert (beside["total"], beside["band"]) == (entry["after"]["total"], entry["after"]["band"])
        summaries = (await season.author.get(f"{place}s")).json()["items"]
        assert [(each["rubric_version"], each["job_id"]) for each in summaries] == [(OLD, None), (other, job["id"])]
    # what counts is what counted
    for name in ("good", "weak", "returned"):
        assert (await season.author.get(f"{where(practices[name])}/assessment")).content == shown[name].content
    assert (await house.rows("SELECT id, status, version FROM practice ORDER BY id"), await house.rows(events)) == states
    assert await house.rows("SELECT id FROM task WHERE queue = 'letters'") == letters
    [said] = await house.rows("SELECT subject_id, reason, data, actor_kind FROM event WHERE type = 'call.rescored'")
    assert (str(said["subject_id"]), said["reason"], said["actor_kind"]) == (season.call["id"], "Is the new one fair?", "platform")


async def test_what_was_assessed_under_a_rubric_before_is_kept(house: House, other: str) -> None:
    season, _ = await a_call(house)
    first, rows = await told(season, other), await house.rows(ASSESSMENTS)
    late = await season.submitted(title="Late")
    await house.work("practices")
    again = await told(season, other)
    assert again["counts"] | {"practices": 4, "assessed": 1, "kept": 3} == again["counts"]
    assert [each for each in again["moved"] if each["practice_id"] != late["id"]] == first["moved"]
    assert [row for row in await house.rows(ASSESSMENTS) if str(row["practice_id"]) != late["id"]] == rows


async def test_only_the_rubric_differs(house: House, other: str) -> None:
    season = await Season.begin(house, rubric_version=OLD)
    with_inputs, without = await season.submitted(), await season.submitted(title="Older")
    await house.work("practices")
    twin = '{"relation": "own", "share": 0.5, "practice_id": null, "title": null}'
    inputs = f'{{"year": 2020, "themes": ["energy_transition"], "resembling": [{twin}]}}'
    await house.rows("UPDATE assessment SET inputs = $2::jsonb WHERE practice_id = $1", UUID(with_inputs["id"]), inputs)
    await house.rows("UPDATE assessment SET inputs = NULL WHERE practice_id = $1", UUID(without["id"]))
    new_year = datetime(2029, 12, 31, 20, tzinfo=UTC)  # 2030 has begun in Taipei, the call's time zone
    await house.rows("UPDATE practice_version SET submitted_at = $2 WHERE practice_id = $1", UUID(without["id"]), new_year)
    await told(season, other)
    made = [
        (await season.author.get(f"{where(each)}/assessment", params={"rubric_version": other})).json() for each in (with_inputs, without)
    ]
    assert made[0]["inputs"]["year"] == 2020
    assert [each["share"] for each in made[0]["inputs"]["resembling"]] == [0.5]
    assert "result-year-in-future" in {each["code"] for each in made[0]["findings"]}  # 2023, seen from 2020
    assert made[1]["inputs"] == {"year": 2030, "themes": season.call["themes"], "resembling": []}
    assert made[1]["findings"] == []
    assert "inputs" not in (await season.author.get(f"{where(without)}/assessment")).json()


async def test_a_practice_is_taken_as_it_stood_when_the_job_began(house: House, other: str) -> None:
    season, practices = await a_call(house)
    answer = await start(season, other)
    await patch(season.author, await season.read(practices["returned"]), indicators=PRACTICE["indicators"])
    await step(season.author, practices["returned"], "submit")
    await step(season.author, practices["weak"], "withdraw")
    await house.work("practices")
    await house.work("rescoring")
    report = (await house.admin.get(f"/v1/rescorings/{answer.json()['id']}")).json()
    assert report["counts"] | {"practices": 2, "assessed": 2, "returned_would_be": 1} == report["counts"]
    rows = await house.rows("SELECT practice_id, number FROM assessment WHERE rubric_version = $1", other)
    assert {(str(row["practice_id"]), row["number"]) for row in rows} == {
        (practices["good"]["id"], 1), (practices["returned"]["id"], 1),
    }  # fmt: skip
    later = await told(season, other)
    assert later["counts"] | {"practices": 2, "assessed": 1, "kept": 1, "returned_would_be": 0} == later["counts"]


async def test_killed_in_the_middle_it_goes_on_and_doubles_nothing(house: House, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    season = await Season.begin(house, rubric_version=OLD)
    for number in range(7):
        await season.submitted(title=f"Practice {number}", co_benefits=["air"] * (number % 3))
    await house.work("practices")
    monkeypatch.setattr(rescoring, "PART", 2)
    answer = await start(season, other)
    real = moved.counts
    calls: list[int] = []

    def counts_until_it_dies(entries: Any, *, kept: int) -> dict[str, int]:
        calls.append(1)
        if len(calls) in (2, 3):
            raise asyncio.CancelledError  # the process goes, after the part's writes and before its commit
        return real(entries, kept=kept)

    monkeypatch.setattr(moved, "counts", counts_until_it_dies)
    drain = Drain(house.worker, HANDLERS, house.settings)
    for _ in range(2):
        with pytest.raises(asyncio.CancelledError):
            await drain.until_empty("rescoring")
        job = (await house.admin.get(answer.headers["location"])).json()
        assert (job["status"], job["progress"]) == ("running", {"done": 2, "total": 7})
        assert len(await house.rows("SELECT id FROM assessment WHERE rubric_version = $1", other)) == 2
        await house.rows("UPDATE task SET lease_until = now() - interval '1 second' WHERE state = 'pending' RETURNING id")
    await house.work("rescoring")
    job = (await house.admin.get(answer.headers["location"])).json()
    assert (job["status"], job["progress"]) == ("succeeded", {"done": 7, "total": 7})
    report = (await house.admin.get(job["result_url"])).json()
    assert report["counts"] | {"practices": 7, "assessed": 7, "kept": 0} == report["counts"]
    rows = await house.rows("SELECT DISTINCT practice_id FROM assessment WHERE rubric_version = $1 AND job_id = $2", other, UUID(job["id"]))
    assert len(rows) == len(await house.rows("SELECT id FROM assessment WHERE rubric_version = $1", other)) == 7
    assert len(await house.rows("SELECT 1 FROM event WHERE type = 'call.rescored'")) == 1


async def test_two_rescorings_of_one_call_at_once_double_nothing(house: House, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    season, _ = await a_call(house)
    monkeypatch.setattr(rescoring, "PART", 1)
    answers = await asyncio.gather(*(start(season, other) for _ in range(3)))
    drains = [Drain(house.worker, HANDLERS, house.settings) for _ in range(2)]
    await asyncio.gather(*(drain.until_empty("rescoring") for drain in drains))
    await house.shift(seconds=20)
    await house.work("rescoring")
    reports = [(await house.admin.get(f"/v1/rescorings/{each.json()['id']}")).json()["counts"] for each in answers]
    assert sorted((each["assessed"], each["kept"]) for each in reports) == [(0, 3), (0, 3), (3, 0)]
    assert not await house.rows("SELECT 1 FROM task WHERE queue = 'rescoring' AND last_error IS NOT NULL")


async def test_a_call_without_practices_ends_as_well(house: House, other: str) -> None:
    season = await Season.begin(house, is_open=False, rubric_version=OLD)
    report = await told(season, other)
    assert set(report["counts"].values()) == {0}
    assert (report["moved"], report["reason"]) == ([], None)


async def test_what_is_asked_for_must_be_another_published_rubric_and_needs_a_key(house: House, other: str) -> None:
    season, _ = await a_call(house)
    for version in (OLD, "1999-1"):
        refused = await start(season, version)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/rubric_version")
    bare = await house.admin.post(f"{season.path}/rescorings", json={"rubric_version": other})
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency-key-needed")
    headers = {"Idempotency-Key": "once"}
    once = [await house.admin.post(f"{season.path}/rescorings", json={"rubric_version": other}, headers=headers) for _ in range(2)]
    assert once[0].json()["id"] == once[1].json()["id"]
    assert len(await house.rows("SELECT id FROM job WHERE kind = 'rescoring'")) == 1


async def test_who_runs_the_calls_of_the_community_starts_and_reads_it(house: House, other: str) -> None:
    season, _ = await a_call(house)
    elsewhere = (await house.admin.post("/v1/communities", json=COMMUNITY | {"name": "Another"})).json()["id"]
    here, colleague = [await secretariat_of(house, season.call["community_id"]) for _ in range(2)]
    stranger = await secretariat_of(house, elsewhere)
    started = await start(season, other, here)
    assert started.status_code == 202
    await house.work("rescoring")
    result = f"/v1/rescorings/{started.json()['id']}"
    assert (await colleague.get(result)).json() == (await here.get(result)).json()
    missing = await stranger.get(f"/v1/rescorings/{uuid4()}")
    hidden = await stranger.get(result)
    assert (hidden.status_code, hidden.json()["detail"]) == (404, missing.json()["detail"])
    assert (await season.author.get(result)).status_code == 403
    assert (await start(season, other, stranger)).status_code == 403
    assert (await start(season, other, season.author)).status_code == 403
    kept = await here.get(result, headers={"If-None-Match": (await here.get(result)).headers["etag"]})
    assert kept.status_code == 304
    draft = await Season.begin(house, is_open=False, rubric_version=OLD)
    assert (await start(draft, other, stranger)).status_code == 404


async def test_who_lost_the_right_meanwhile_goes_no_further(house: House, other: str) -> None:
    season, _ = await a_call(house)
    here = await secretariat_of(house, season.call["community_id"])
    started = await start(season, other, here)
    await house.rows("DELETE FROM role_grant WHERE role = 'secretariat' AND community_id = $1", UUID(season.call["community_id"]))
    await house.work("rescoring")
    job = (await house.admin.get(f"/v1/jobs/{started.json()['id']}")).json()
    assert (job["status"], job["problem"]["code"]) == ("failed", "forbidden")
    assert await house.rows("SELECT id FROM assessment WHERE rubric_version = $1", other) == []
    assert await house.rows("SELECT id FROM event WHERE type = 'call.rescored'") == []


async def test_the_picture_says_what_the_report_says_in_the_readers_language(house: House, other: str) -> None:
    season, _ = await a_call(house)
    started = await start(season, other)
    place = f"/v1/rescorings/{started.json()['id']}/moved.svg"
    assert (await house.admin.get(place)).status_code == 404
    await house.work("rescoring")
    counts = (await house.admin.get(f"/v1/rescorings/{started.json()['id']}")).json()["counts"]
    drawn = await house.admin.get(place)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
    root = ET.fromstring(drawn.content)  # noqa: S314  our own
    assert root.findtext(f"{SVG}title") == season.call["title"]
    told = root.findtext(f"{SVG}desc") or ""
    same = 3 - counts["up"] - counts["down"]
    for number, words in ((counts["up"], "higher"), (counts["down"], "lower"), (same, "with the same total")):
        assert (f" {number} {words}." in told) == (number > 0)
    assert f"{OLD} → {other}. Scores under two rubrics, 3 practices." in told
    assert "1 would go back to their authors." in told
    kinds = {each.get("class") for each in root.iter(f"{SVG}g")} & {"up", "down", "same"}
    assert kinds == {kind for kind, number in (("up", counts["up"]), ("down", counts["down"]), ("same", same)) if number}
    again = await house.admin.get(place, headers={"If-None-Match": drawn.headers["etag"]})
    assert again.status_code == 304
    chinese = await house.admin.get(place, headers={"Accept-Language": "zh-TW", "If-None-Match": drawn.headers["etag"]})
    assert (chinese.status_code, chinese.headers["content-language"]) == (200, "zh-Hant")
    assert "共 3 件實踐" in (ET.fromstring(chinese.content).findtext(f"{SVG}desc") or "")  # noqa: S314  our own
    assert (await season.author.get(place)).status_code == 403


async def test_the_picture_of_an_empty_call_says_that_there_is_nothing(house: House, other: str) -> None:
    season = await Season.begin(house, is_open=False, rubric_version=OLD)
    started = await start(season, other)
    await house.work("rescoring")
    drawn = await house.admin.get(f"/v1/rescorings/{started.json()['id']}/moved.svg")
    assert "No practice was assessed in this call." in (ET.fromstring(drawn.content).findtext(f"{SVG}desc") or "")  # noqa: S314  our own
