"""Reading assessments: the one that counts, those of other submissions and rubrics, what would be found now; and the rubrics themselves."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.core.kit.actor import SYSTEM
from services.core.practices import queries, rubric
from tests.fixtures.calls import PRACTICE, Season, patch, step, where
from tests.fixtures.house import House
from tests.fixtures.rubrics import OLD, OTHER, data

Json = dict[str, Any]
UNDER_ANOTHER = """
INSERT INTO assessment (id, practice_id, number, rubric_version, inputs_hash, findings, band, total, criteria, job_id)
VALUES (gen_random_uuid(), $1, $2, $3, 'another', '[{"code": "other", "severity": "info", "pointer": "", "message": "Another rubric."}]',
        'leadership', 99, '[]', gen_random_uuid())
"""


async def handed_in_twice(house: House) -> tuple[Season, Json]:
    """A practice that was returned, repaired and assessed."""
    season = await Season.begin(house, rubric_version=OLD)
    practice = await season.submitted(indicators=[])
    await house.work("practices")
    await patch(season.author, await season.read(practice), indicators=PRACTICE["indicators"])
    await step(season.author, practice, "submit")
    await house.work("practices")
    return season, practice


async def test_without_parameters_it_is_the_one_that_counts(house: House) -> None:
    season, practice = await handed_in_twice(house)
    place = f"{where(practice)}/assessment"
    shown = await season.author.get(place)
    assert (shown.json()["number"], shown.json()["rubric_version"]) == (2, OLD)
    assert shown.json()["inputs"] | {"themes": season.call["themes"], "resembling": []} == shown.json()["inputs"]
    await house.rows(UNDER_ANOTHER, UUID(practice["id"]), 2, OTHER)
    again = await season.author.get(place, headers={"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    assert (await season.author.get(place)).json() == shown.json()


async def test_each_combination_of_parameters_has_its_own_answer_and_tag(house: House) -> None:
    season, practice = await handed_in_twice(house)
    for number in (1, 2):
        await house.rows(UNDER_ANOTHER, UUID(practice["id"]), number, OTHER)
    place = f"{where(practice)}/assessment"
    wanted: list[tuple[Json, tuple[int, str]]] = [
        ({"number": 1}, (1, OLD)),
        ({"number": 2}, (2, OLD)),
        ({"rubric_version": OTHER}, (2, OTHER)),
        ({"number": 1, "rubric_version": OTHER}, (1, OTHER)),
    ]
    answers = [await season.author.get(place, params=params) for params, _ in wanted]
    assert [(each.json()["number"], each.json()["rubric_version"]) for each in answers] == [expected for _, expected in wanted]
    for (params, _), own in zip(wanted, answers, strict=True):
        for other in answers:
            answer = await season.author.get(place, params=params, headers={"If-None-Match": other.headers["etag"]})
            assert answer.status_code == (304 if other is own else 200), params
    assert "inputs" not in answers[2].json()
    refused: list[tuple[Json, int]] = [
        ({"number": 3}, 404), ({"rubric_version": "1999-1"}, 404), ({"number": 0}, 422), ({"number": 2**31}, 422),
        ({"rubric_version": "x" * 81}, 422), ({"version": 1}, 422),
    ]  # fmt: skip
    for asked, status in refused:
        assert (await season.author.get(place, params=asked)).status_code == status, asked


async def test_all_assessments_are_listed_for_who_may_see_the_practice(house: House) -> None:
    season, practice = await handed_in_twice(house)
    await house.rows(UNDER_ANOTHER, UUID(practice["id"]), 1, OTHER)
    place = f"{where(practice)}/assessments"
    first = (await season.author.get(place, params={"limit": 2})).json()
    rest = (await season.author.get(place, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    items = [*first["items"], *rest["items"]]
    assert {(each["number"], each["rubric_version"]) for each in items} == {(1, OLD), (2, OLD), (1, OTHER)}
    assert (len(items), rest["next_cursor"]) == (3, None)
    for each in items:
        which = {"number": each["number"], "rubric_version": each["rubric_version"]}
        whole = (await house.admin.get(f"{where(practice)}/assessment", params=which)).json()
        assert {name: value for name, value in each.items() if name != "job_id"}.items() <= whole.items()
        assert (each["job_id"] is None) == (each["rubric_version"] == OLD)
    draft = await season.draft()
    assert (await season.author.get(f"{where(draft)}/assessments")).json()["items"] == []
    stranger = await house.platform("practices:read", jurisdictions=[await season.cohort.jurisdiction("Elsewhere")])
    for name in ("assessment", "assessments", "readiness"):
        hidden, missing = [await stranger.get(f"/v1/practices/{each}/{name}") for each in (practice["id"], uuid4())]
        assert (hidden.status_code, hidden.json()["detail"]) == (404, missing.json()["detail"]), name


async def test_a_letter_quotes_the_findings_that_count(house: House) -> None:
    season = await Season.begin(house, rubric_version=OLD)
    practice = await season.submitted(indicators=[])
    await house.work("practices")
    await house.rows("INSERT INTO practice_version SELECT practice_id, 2, content FROM practice_version")
    await house.rows(UNDER_ANOTHER, UUID(practice["id"]), 2, OTHER)
    async with house.notifier.transaction() as session:
        brief = await queries.brief(session, UUID(practice["id"]))
    assert "no-measured-result" in {each["code"] for each in brief.findings}


async def test_readiness_tells_what_the_assessment_will_say(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft(indicators=[], consent_to_publish=False, finance=None)
    place = f"{where(draft)}/readiness"
    told = (await season.author.get(place)).json()
    assert told["ready"] is False
    assert {"no-measured-result", "consent-missing"} <= {each["code"] for each in told["findings"]}
    assert (await house.admin.get(place)).json() == told
    assert await house.rows("SELECT id FROM assessment") == []
    await step(season.author, draft, "submit")
    submitted = await season.author.get(place)
    assert (submitted.status_code, submitted.json()["code"], submitted.json()["current_status"]) == (409, "conflict", "submitted")
    await house.work("practices")
    found = (await season.author.get(f"{where(draft)}/assessment")).json()
    assert _same(told, found)
    repaired = {"indicators": PRACTICE["indicators"], "consent_to_publish": True, "finance": PRACTICE["finance"]}
    await patch(season.author, await season.read(draft), **repaired)
    ready = (await season.author.get(place)).json()
    assert (ready["ready"], ready["total"] > told["total"]) == (True, True)
    await step(season.author, draft, "submit")
    await house.work("practices")
    assert _same(ready, (await season.author.get(f"{where(draft)}/assessment")).json())
    assert (await season.author.get(place)).status_code == 409


def _same(told: Json, found: Json) -> bool:
    return all(told[name] == found[name] for name in ("rubric_version", "findings", "band", "total", "criteria"))


async def test_the_working_copy_is_what_a_version_would_hold(house: House) -> None:
    season = await Season.begin(house)
    evidence_id = uuid4()
    draft = await season.draft(emissions_avoided_t_per_year=1200.25, finance={"cost": 0.000001, "currency": "EUR"})
    await house.rows(
        "INSERT INTO evidence (id, practice_id, kind, title, url, version) VALUES ($1, $2, 'link', 'Report', 'https://city.example', 1)",
        evidence_id,
        UUID(draft["id"]),
    )
    await house.rows(
        "INSERT INTO evidence (id, practice_id, kind, title, url, removed_at, version) "
        "VALUES (gen_random_uuid(), $1, 'link', 'Gone', 'https://city.example/gone', now(), 1)",
        UUID(draft["id"]),
    )
    async with house.database.read_as_author() as connection:
        row = await queries.WORKING_COPY.one(connection, id=UUID(draft["id"]), **queries.seen_by(SYSTEM))
    assert row is not None
    await step(season.author, draft, "submit")
    [version] = await house.rows("SELECT content::text AS content FROM practice_version")
    frozen = json.loads(version["content"])
    assert json.loads(row["content"]) | {"evidence": json.loads(row["evidence"])} == frozen
    assert [each["id"] for each in frozen["evidence"]] == [str(evidence_id)]


def _numbers(value: Any) -> Any:
    """A rubric's file with its exact decimals as numbers."""
    if isinstance(value, dict):
        return {name: entry if name in ("version", "code", "says") else _numbers(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_numbers(entry) for entry in value]
    is_number = isinstance(value, str) and value.replace(".", "", 1).isdigit()
    return float(value) if is_number else value


@pytest.mark.parametrize("version", rubric.versions())
async def test_a_rubric_is_shown_whole(anonymous: httpx.AsyncClient, version: str) -> None:
    shown = await anonymous.get(f"/v1/rubrics/{version}")
    assert shown.json() == _numbers(data(version))
    same = await anonymous.get(f"/v1/rubrics/{version}", headers={"If-None-Match": shown.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_everyone_reads_which_rubrics_there_are(anonymous: httpx.AsyncClient) -> None:
    page = (await anonymous.get("/v1/rubrics")).json()
    assert queries.rubrics() is queries.rubrics(), "no file is read for each that asks"
    assert [each["version"] for each in page["items"]] == rubric.versions()
    assert [each["is_newest"] for each in page["items"]] == [False] * (len(rubric.versions()) - 1) + [True]
    for each in page["items"]:
        assert (await anonymous.get(each["url"])).json()["sources"] == each["sources"]
    for unknown in ("1999-1", "..%2F..%2Fsettings", "x" * 90):
        assert (await anonymous.get(f"/v1/rubrics/{unknown}")).status_code in (404, 422), unknown
