"""Evidence through HTTP: what may be added and taken away when, and who sees it."""

from typing import Any

import httpx
import pytest

from services.core.kit.actor import SYSTEM
from services.core.practices import service
from tests.fixtures.calls import Season, patch, step, where
from tests.fixtures.evidence_files import pdf, png
from tests.fixtures.house import House

Json = dict[str, Any]
NOBODY = "00000000-0000-7000-8000-000000000000"
LINK: Json = {"kind": "link", "title": "The city's report", "url": "https://city.example/report?year=2024"}
ANY = {"If-Match": "*"}


async def link(client: httpx.AsyncClient, practice: Json, **fields: Any) -> httpx.Response:
    return await client.post(f"{where(practice)}/evidence", json=LINK | fields)


async def file(client: httpx.AsyncClient, practice: Json, name: str = "report.pdf", content: bytes = b"", **fields: str) -> httpx.Response:
    return await client.post(f"{where(practice)}/evidence", files={"file": (name, content or pdf())}, data=fields)


async def listed(client: httpx.AsyncClient, practice: Json) -> list[Json]:
    answer = await client.get(f"{where(practice)}/evidence")
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def published(house: House, practice: Json, outcome: str = "recognised") -> None:
    """What the reviews room tells."""
    await house.work("practices")
    async with house.database.transaction() as session:
        await service.begin_review(session, SYSTEM, practice["id"])
        await service.release(session, SYSTEM, practice["id"], outcome=outcome, reason="The reviewers say so.")


async def test_a_link_and_a_file_are_read_as_they_were_added(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    made = await link(season.author, draft)
    assert made.status_code == 201, made.text
    first = made.json()
    expected: Json = {
        "id": first["id"], "practice_id": draft["id"], **LINK, "name": None, "media_type": None, "size": None, "sha256": None,
        "content_url": None, "in_versions": [], "removed_at": None, "created_at": first["created_at"], "version": 1,
    }  # fmt: skip
    assert first == expected
    assert made.headers["location"] == f"/v1/evidence/{first['id']}"
    sent = await file(season.author, draft, "Jahresbericht Zürich.pdf")
    second = sent.json()
    assert (second["kind"], second["title"], second["name"], second["media_type"]) == (
        "file", "Jahresbericht Zürich.pdf", "Jahresbericht Zürich.pdf", "application/pdf",
    )  # fmt: skip
    assert (second["size"], second["url"], second["content_url"]) == (len(pdf()), None, f"/v1/evidence/{second['id']}/content")
    titled = (await file(season.author, draft, "a.png", png(), title=" A picture ", kind="file")).json()
    assert (titled["title"], titled["media_type"]) == ("A picture", "image/png")
    assert await listed(season.author, draft) == [first, second, titled]
    assert (await season.author.get(sent.headers["location"])).json() == second
    unchanged = await season.author.get(sent.headers["location"], headers={"If-None-Match": sent.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    page = await season.author.get(f"{where(draft)}/evidence", params={"limit": 2, "include": "total"})
    assert (len(page.json()["items"]), page.json()["total"]) == (2, 3)
    rest = await season.author.get(f"{where(draft)}/evidence", params={"limit": 2, "cursor": page.json()["next_cursor"]})
    assert rest.json() == {"items": [titled], "next_cursor": None}
    events = await house.rows("SELECT data->>'action' AS action, data->'changed' AS changed FROM event WHERE type = 'practice.changed'")
    assert [row["action"] for row in events] == ["draft", *["add_evidence"] * 3]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"url": "ftp://city.example/x"}, "/url"),
        ({"url": "https://user:secret@city.example/"}, "/url"),
        ({"url": "https://city.example/" + "x" * 2_000}, "/url"),
        ({"title": "two\nlines"}, "/title"),
        ({"title": ""}, "/title"),
        ({"kind": "file"}, "/kind"),
        ({"sha256": "0" * 64}, "/sha256"),
    ],
)
async def test_a_link_that_does_not_fit_is_named_by_its_pointer(house: House, fields: Json, pointer: str) -> None:
    season = await Season.begin(house)
    refused = await link(season.author, await season.draft(), **fields)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-body"), refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert await house.rows("SELECT 1 FROM evidence") == []


async def test_there_are_ten_links_and_three_files_and_none_twice(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    for number in range(10):
        assert (await link(season.author, draft, url=f"https://city.example/{number}")).status_code == 201
    known = await listed(season.author, draft)
    again = await link(season.author, draft, url="https://city.example/3", title="Another title")
    assert (again.status_code, again.json()["code"], again.json()["evidence_id"]) == (409, "evidence-known", known[3]["id"])
    eleventh = await link(season.author, draft)
    assert (eleventh.status_code, eleventh.json()["code"]) == (409, "evidence-limit")
    for number in range(3):
        assert (await file(season.author, draft, content=pdf(b"%d" % number))).status_code == 201
    known = await listed(season.author, draft)
    again = await file(season.author, draft, "renamed.pdf", pdf(b"1"))
    assert (again.status_code, again.json()["code"], again.json()["evidence_id"]) == (409, "evidence-known", known[11]["id"])
    fourth = await file(season.author, draft)
    assert (fourth.status_code, fourth.json()["code"]) == (409, "evidence-limit")
    await season.author.delete(f"/v1/evidence/{known[11]['id']}", headers=ANY)
    assert (await file(season.author, draft)).status_code == 201


async def test_a_repeat_with_its_key_adds_nothing(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    path, key = f"{where(draft)}/evidence", {"Idempotency-Key": "once"}
    first = await season.author.post(path, files={"file": ("a.pdf", pdf())}, headers=key)
    again = await season.author.post(path, files={"file": ("a.pdf", pdf())}, headers=key)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    renamed = await season.author.post(path, files={"file": ("b.pdf", pdf())}, headers=key)
    assert (renamed.status_code, renamed.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await listed(season.author, draft)) == 1


async def test_evidence_changes_only_while_the_practice_lies_with_its_author(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    made = (await link(season.author, draft)).json()
    assert (await step(season.author, draft, "submit")).status_code == 200
    for refused in (
        await link(season.author, draft, url="https://city.example/late"),
        await file(season.author, draft),
        await season.author.delete(f"/v1/evidence/{made['id']}", headers=ANY),
    ):
        assert (refused.status_code, refused.json()["code"], refused.json()["current_status"]) == (409, "conflict", "submitted")


async def test_what_no_submission_holds_goes_for_good(house: House) -> None:
    season = await Season.begin(house)
    made = (await link(season.author, await season.draft())).json()
    path = f"/v1/evidence/{made['id']}"
    assert (await season.author.delete(path)).status_code == 428
    assert (await season.author.delete(path, headers={"If-Match": '"9-v1"'})).status_code == 412
    gone = await season.author.delete(path, headers={"If-Match": '"1-v1.0"'})
    assert (gone.status_code, gone.content) == (204, b"")
    for after in (await season.author.get(path), await season.author.delete(path, headers=ANY)):
        assert after.status_code == 404
    assert await house.rows("SELECT 1 FROM evidence") == []
    events = await house.rows("SELECT data->>'action' AS action FROM event WHERE type = 'practice.changed'")
    assert events[-1]["action"] == "remove_evidence"


async def test_what_a_submission_holds_stays_with_it(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    kept = (await file(season.author, draft)).json()
    await step(season.author, draft, "submit")
    before = await season.author.get(f"/v1/evidence/{kept['id']}")
    assert before.json()["in_versions"] == [1]
    assert (await season.author.get(f"/v1/evidence/{kept['id']}", headers={"If-None-Match": '"1-v2.0"'})).status_code == 200
    await published(house, draft, "revise")
    added = (await link(season.author, draft)).json()
    assert (await season.author.delete(f"/v1/evidence/{kept['id']}", headers={"If-Match": before.headers["etag"]})).status_code == 204
    await house.work("practices")
    assert await listed(season.author, draft) == [added]
    removed = (await season.author.get(f"/v1/evidence/{kept['id']}")).json()
    assert removed["removed_at"] is not None
    assert (await season.author.get(kept["content_url"])).content == pdf()
    assert (await season.author.delete(f"/v1/evidence/{kept['id']}", headers=ANY)).status_code == 404, "it was removed before"
    assert (await file(season.author, draft)).status_code == 201, "the same file may come again"
    await step(season.author, draft, "submit")
    versions = await house.rows("SELECT content->'evidence'->0->>'id' AS id FROM practice_version ORDER BY number")
    assert [row["id"] for row in versions] == [kept["id"], added["id"]]
    assert [each["in_versions"] for each in await listed(season.author, draft)] == [[2], [2]]


async def test_an_indicator_names_evidence_of_its_own_practice(house: House) -> None:
    season = await Season.begin(house)
    draft, other = await season.draft(), await season.draft()
    mine, theirs = (await link(season.author, draft)).json(), (await link(season.author, other)).json()
    indicators = [draft["indicators"][0] | {"evidence_id": mine["id"]}, {"evidence_id": theirs["id"]}, {"evidence_id": NOBODY}]
    refused = await patch(season.author, draft, indicators=indicators)
    assert [entry["pointer"] for entry in refused.json()["errors"]] == ["/indicators/1/evidence_id", "/indicators/2/evidence_id"]
    now = (await patch(season.author, draft, indicators=indicators[:1])).json()
    assert now["indicators"][0]["evidence_id"] == mine["id"]
    named = await season.author.delete(f"/v1/evidence/{mine['id']}", headers=ANY)
    assert (named.status_code, named.json()["errors"][0]["pointer"]) == (409, "/indicators/0/evidence_id")
    free = (await patch(season.author, now, indicators=[])).json()
    assert (await season.author.delete(f"/v1/evidence/{mine['id']}", headers=ANY)).status_code == 204
    assert (await patch(season.author, free, indicators=indicators[:1])).status_code == 422


async def test_everyone_sees_what_the_newest_submission_of_a_published_practice_holds(house: House, anonymous: httpx.AsyncClient) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    early, later = (await file(season.author, draft)).json(), (await link(season.author, draft)).json()
    stranger = await house.platform("practices:write", jurisdictions=[await season.cohort.jurisdiction("Kyoto")])
    await step(season.author, draft, "submit")
    await published(house, draft, "revise")
    assert (await season.author.delete(f"/v1/evidence/{early['id']}", headers=ANY)).status_code == 204
    picture = (await file(season.author, draft, "a.png", png())).json()
    await step(season.author, draft, "submit")
    paths = (f"{where(draft)}/evidence", f"/v1/evidence/{later['id']}", f"/v1/evidence/{picture['id']}", picture["content_url"])
    for client in (anonymous, stranger):
        for path in paths:
            assert (await client.get(path)).status_code == 404, "it is not published yet"
    await published(house, draft)
    for client in (anonymous, stranger):
        assert [each["id"] for each in await listed(client, draft)] == [later["id"], picture["id"]]
        assert (await client.get(picture["content_url"])).content == png()
        for hidden in (f"/v1/evidence/{early['id']}", early["content_url"]):
            assert (await client.get(hidden)).status_code == 404, "an earlier submission held it"
    theirs = await stranger.delete(f"/v1/evidence/{early['id']}", headers=ANY)
    assert theirs.status_code == 404
    seen = await stranger.delete(f"/v1/evidence/{later['id']}", headers=ANY)
    assert (seen.status_code, seen.json()["code"]) == (403, "forbidden"), "they may see it, and not change it"
    await house.rows("UPDATE practice SET consent_to_publish = false WHERE id = $1", draft["id"])
    for path in paths:
        assert (await anonymous.get(path)).status_code == 404
    assert (await season.author.get(early["content_url"])).content == pdf()


async def test_foreign_evidence_answers_like_what_does_not_exist(house: House, anonymous: httpx.AsyncClient) -> None:
    season = await Season.begin(house)
    draft = await season.draft()
    made = (await file(season.author, draft)).json()
    stranger = await house.platform("practices:write", jurisdictions=[await season.cohort.jurisdiction("Kyoto")])
    reader = await house.platform("practices:read", jurisdictions=[season.jurisdiction])

    def plain(answer: httpx.Response) -> Json:
        return {**answer.json(), "request_id": "", "instance": ""}

    for client in (stranger, anonymous):
        for path in ("/v1/evidence/{}", "/v1/evidence/{}/content", "/v1/practices/{}/evidence"):
            known = draft["id"] if "practices" in path else made["id"]
            seen, unknown = await client.get(path.format(known)), await client.get(path.format(NOBODY))
            assert (seen.status_code, plain(seen)) == (404, plain(unknown))
    for attempt in (link, file):
        seen, unknown = await attempt(stranger, draft), await attempt(stranger, {"id": NOBODY})
        assert (seen.status_code, plain(seen)) == (404, plain(unknown))
        assert (await attempt(reader, draft)).status_code == 403
        assert (await attempt(anonymous, draft)).status_code == 401
    seen, unknown = [await stranger.delete(f"/v1/evidence/{each}", headers=ANY) for each in (made["id"], NOBODY)]
    assert (seen.status_code, plain(seen)) == (404, plain(unknown))
    assert (await reader.get(made["content_url"])).content == pdf()
    assert (await house.admin.get(made["content_url"])).content == pdf()
    assert (await season.author.get(f"/v1/evidence/{(await link(season.author, draft)).json()['id']}/content")).status_code == 404
