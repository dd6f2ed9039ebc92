"""The versions of a practice through HTTP: what was handed in each time, and what differs between two of them."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from services.api.calls import Call
from services.core.kit.statements import Connection
from services.core.practices import differences
from tests.fixtures.calls import PRACTICE, Season, patch, step, where
from tests.fixtures.house import House
from tests.fixtures.panel import Panel

Json = dict[str, Any]
NOBODY = "00000000-0000-7000-8000-000000000000"
REPAIRED: Json = {"title": PRACTICE["title"], "lessons": "Begin with the suppliers of two large factories.", "co_benefits": ["jobs"]}


async def handed_in_twice(house: House) -> tuple[Season, Json]:
    """A practice that was returned, since it had no title, and handed in again with more changes."""
    season = await Season.begin(house)
    practice = await season.submitted(title="")
    await house.work("practices")
    returned = await season.read(practice)
    assert returned["status"] == "returned"
    assert (await patch(season.author, returned, **REPAIRED)).status_code == 200
    again = await step(season.author, practice, "submit")
    assert again.status_code == 200, again.text
    return season, again.json()


async def test_the_versions_are_listed_with_what_changed_and_how_they_stand(house: House) -> None:
    season, practice = await handed_in_twice(house)
    listed = await season.author.get(f"{where(practice)}/versions")
    first, second = listed.json()["items"]
    assert listed.json()["next_cursor"] is None
    assert (first["number"], first["title"], first["changed"], first["is_late"]) == (1, "", [], False)
    assert (first["assessment"]["blocking"], first["assessment"]["rubric_version"]) == (1, season.call["rubric_version"])
    assert (second["number"], second["changed"]) == (2, ["title", "co_benefits", "lessons"])
    assert (second["language"], second["languages"]) == ("en", ["en", "zh-Hant"])
    assert second["words"] - first["words"] == 4, "the title's four words; the lessons are as long as before"
    assert "assessment" not in second, "it still waits for one"
    await house.work("practices")
    after = (await season.author.get(f"{where(practice)}/versions")).json()["items"][1]["assessment"]
    assessment = (await season.author.get(f"{where(practice)}/assessment")).json()
    assert (after["band"], after["total"], after["blocking"]) == (assessment["band"], assessment["total"], 0)
    assert after["warnings"] == [finding["severity"] for finding in assessment["findings"]].count("warning")


async def test_the_list_is_paged_and_each_page_knows_what_came_before(house: House) -> None:
    season = await Season.begin(house)
    practice = await season.submitted(title="")
    for number in range(2, 24):
        await house.rows(
            "INSERT INTO practice_version (practice_id, number, content) "
            "SELECT practice_id, $2, content || jsonb_build_object('problem', $3::text) FROM practice_version "
            "WHERE practice_id = $1 AND number = 1",
            practice["id"], number, f"Version {number}",
        )  # fmt: skip
    whole = (await season.author.get(f"{where(practice)}/versions", params={"limit": 200, "include": "total"})).json()
    assert ([item["number"] for item in whole["items"]], whole["total"]) == (list(range(1, 21)), 23), "each is read whole: 20 at most"
    for limit in (1, 4, 20):
        seen: list[Json] = []
        params: Json = {"limit": limit}
        while params.get("cursor", "") is not None:
            page = (await season.author.get(f"{where(practice)}/versions", params=params)).json()
            seen += page["items"]
            params["cursor"] = page["next_cursor"]
        assert [item["number"] for item in seen] == list(range(1, 24))
        assert [item["changed"] for item in seen] == [[], *([["problem"]] * 22)]


async def test_versions_are_compared_beside_the_loop_and_without_a_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    season, practice = await handed_in_twice(house)
    loop, read = threading.get_ident(), Call.read
    seen: list[tuple[bool, list[Connection]]] = []
    held: list[Connection] = []

    def watched(before: Json, after: Json) -> list[str]:
        seen.append((threading.get_ident() == loop, list(held)))
        return differences.changed(before, after)

    @asynccontextmanager
    async def reading(call: Call) -> AsyncIterator[Connection]:
        async with read(call) as connection:
            held.append(connection)
            yield connection
            held.clear()

    monkeypatch.setattr("services.core.practices.queries.versions.changed", watched)
    monkeypatch.setattr(Call, "read", reading)
    listed = await season.author.get(f"{where(practice)}/versions")
    assert listed.json()["items"][1]["changed"] == ["title", "co_benefits", "lessons"]
    assert seen == [(False, [])]


async def test_a_version_stays_as_it_was_handed_in(house: House) -> None:
    season, practice = await handed_in_twice(house)
    path = f"{where(practice)}/versions/1"
    seen = await season.author.get(path)
    version = seen.json()
    assert (version["practice_id"], version["number"], version["is_late"]) == (practice["id"], 1, False)
    written = version["content"]
    assert (written["title"], written["lessons"], written["evidence"]) == ("", PRACTICE["lessons"], [])
    assert written["finance"] == PRACTICE["finance"]
    assert written["translations"]["zh-Hant"]["machine_translated"] is False
    unchanged = await season.author.get(path, headers={"If-None-Match": seen.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    other = await season.author.get(f"{where(practice)}/versions/2", headers={"If-None-Match": seen.headers["etag"]})
    assert (other.status_code, other.json()["content"]["title"]) == (200, PRACTICE["title"])


async def test_what_was_frozen_before_there_were_flags_and_evidence_is_shown_whole(house: House) -> None:
    season, practice = await handed_in_twice(house)
    await house.rows(
        "UPDATE practice_version "
        "SET content = jsonb_set(content - 'evidence', '{finance}', 'null') #- '{translations,zh-Hant,machine_translated}'"
    )
    await house.rows("UPDATE practice SET translations = translations #- '{zh-Hant,machine_translated}'")
    version = (await season.author.get(f"{where(practice)}/versions/1")).json()["content"]
    assert (version["evidence"], version["translations"]["zh-Hant"]["machine_translated"]) == ([], False)
    assert "finance" not in version
    assert (await season.read(practice))["translations"]["zh-Hant"]["machine_translated"] is False
    assert (await season.author.get(f"{where(practice)}/versions")).status_code == 200
    compared = (await season.author.get(f"{where(practice)}/versions/2/diff")).json()
    assert [change["pointer"] for change in compared["changes"]] == ["/title", "/co_benefits/0", "/lessons"]


async def test_a_version_is_compared_with_the_one_before(house: House) -> None:
    season, practice = await handed_in_twice(house)
    compared = (await season.author.get(f"{where(practice)}/versions/2/diff")).json()
    assert (compared["practice_id"], compared["from"], compared["to"]) == (practice["id"], 1, 2)
    assert compared["summary"] == {"added": 2, "removed": 0, "changed": 1}
    title, benefit, lessons = compared["changes"]
    assert (title["op"], title["pointer"], title["before"], title["after"]) == ("added", "/title", None, PRACTICE["title"])
    assert (benefit["op"], benefit["pointer"], benefit["was_at"], benefit["after"]) == ("added", "/co_benefits/0", None, "jobs")
    assert (lessons["op"], lessons["was_at"]) == ("changed", "/lessons")
    assert "".join(edit["text"] for edit in lessons["words"] if edit["op"] != "delete") == REPAIRED["lessons"]
    assert "".join(edit["text"] for edit in lessons["words"] if edit["op"] != "insert") == PRACTICE["lessons"]


async def test_the_first_is_compared_with_nothing_and_any_with_any(house: House) -> None:
    season, practice = await handed_in_twice(house)
    path = f"{where(practice)}/versions"
    first = (await season.author.get(f"{path}/1/diff")).json()
    assert (first["from"], first["to"], first["summary"]["removed"], first["summary"]["changed"]) == (None, 1, 0, 0)
    assert {change["pointer"] for change in first["changes"]} >= {"/summary", "/partners/0", "/partners/1", "/translations/zh-Hant"}
    backwards = (await season.author.get(f"{path}/1/diff", params={"against": 2})).json()
    assert (backwards["from"], backwards["to"], backwards["summary"]) == (2, 1, {"added": 0, "removed": 2, "changed": 1})
    same = (await season.author.get(f"{path}/2/diff", params={"against": 2})).json()
    assert (same["changes"], same["summary"]) == ([], {"added": 0, "removed": 0, "changed": 0})


async def test_a_comparison_never_changes(house: House) -> None:
    season, practice = await handed_in_twice(house)
    path = f"{where(practice)}/versions"
    tags = {}
    for number, against in ((1, None), (1, 2), (2, 1), (2, 2)):
        params = {} if against is None else {"against": against}
        seen = await season.author.get(f"{path}/{number}/diff", params=params)
        tag = tags[number, against] = seen.headers["etag"]
        unchanged = await season.author.get(f"{path}/{number}/diff", params=params, headers={"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    assert len(set(tags.values())) == 4
    other = await season.author.get(f"{path}/1/diff", params={"against": 2}, headers={"If-None-Match": tags[1, None]})
    assert other.status_code == 200
    assert (await season.author.get(f"{path}/2/diff")).headers["etag"] == tags[2, 1], "the one before, named or not"


async def test_what_is_not_there_is_not_found_and_what_is_no_number_is_refused(house: House) -> None:
    season, practice = await handed_in_twice(house)
    path = f"{where(practice)}/versions"
    unknown_ones = [f"{path}/{which}" for which in ("3", "3/diff", "2/diff?against=3", "0", "x", "99999999999/diff")]
    for unknown in (*unknown_ones, f"/v1/practices/{NOBODY}/versions"):
        answer = await season.author.get(unknown)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), unknown
    named = {"2/diff?against=9": 9, "9/diff": 9, "9/diff?against=1": 9, "8": 8}
    for which, number in named.items():
        assert (await season.author.get(f"{path}/{which}")).json()["detail"] == f"There is no version {number}; there are 1 to 2."
    for wrong in ("against=0", "against=one", "against=99999999999", "with=1"):
        refused = await season.author.get(f"{path}/2/diff?{wrong}")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-parameter"), wrong
        assert refused.json()["errors"][0]["pointer"] == wrong.partition("=")[0]
    draft = await season.draft()
    assert (await season.author.get(f"{where(draft)}/versions")).json() == {"items": [], "next_cursor": None}
    never = await season.author.get(f"{where(draft)}/versions/1")
    assert (never.status_code, never.json()["detail"]) == (404, "There is no version 1; nothing was handed in yet.")
    once = await season.author.get(f"{where(await season.submitted())}/versions/1/diff?against=2")
    assert (once.status_code, once.json()["detail"]) == (404, "There is no version 2; there is only version 1.")


async def test_versions_are_the_authors_and_the_secretariats_even_of_a_published_practice(
    house: House, anonymous: httpx.AsyncClient
) -> None:
    season, practice = await handed_in_twice(house)
    await house.rows("UPDATE practice SET status = 'recognised'")
    kyoto = (await season.cohort.member("Kyoto"))["jurisdiction_id"]
    stranger = await house.platform("practices:write", jurisdictions=[kyoto])
    assert (await stranger.get(where(practice))).status_code == 200, "as it is now, everybody may read it"
    for path in ("versions", "versions/1", "versions/2/diff", "versions/1/diff"):
        refused = await stranger.get(f"{where(practice)}/{path}")
        unknown = await stranger.get(f"/v1/practices/{NOBODY}/{path}")
        assert refused.status_code == unknown.status_code == 404, path
        assert refused.json() | {"request_id": "", "instance": ""} == unknown.json() | {"request_id": "", "instance": ""}
        assert (await anonymous.get(f"{where(practice)}/{path}")).status_code == 401
        for reader in (season.author, house.admin, await house.platform("practices:read", jurisdictions=[season.jurisdiction])):
            assert (await reader.get(f"{where(practice)}/{path}")).status_code == 200, path
    known = await stranger.get(f"{where(practice)}/versions/2/diff", headers={"If-None-Match": '"2-v2.1"'})
    assert known.status_code == 404, "a tag that can be guessed opens nothing"


async def test_a_translation_says_whether_a_machine_made_it(house: House) -> None:
    season = await Season.begin(house)
    draft = await season.draft(
        translations={"ja": {"title": "産業ゼロカーボン同盟", "machine_translated": True}, "de": {"title": "Allianz"}}
    )
    assert {locale: texts["machine_translated"] for locale, texts in draft["translations"].items()} == {"ja": True, "de": False}
    kept = (await patch(season.author, draft, translations={"ja": {"summary": "要約"}})).json()
    assert kept["translations"]["ja"]["machine_translated"] is True, "what is not sent stays"
    checked = (await patch(season.author, kept, translations={"ja": {"machine_translated": False}})).json()
    assert (checked["translations"]["ja"]["machine_translated"], checked["translations"]["ja"]["summary"]) == (False, "要約")
    await step(season.author, checked, "submit")
    [kept_as] = await house.rows("SELECT translations FROM practice")
    [frozen] = await house.rows("SELECT content FROM practice_version")
    for stored in (orjson.loads(kept_as["translations"]), orjson.loads(frozen["content"])["translations"]):
        assert [name for texts in stored.values() for name in texts if name == "machine_translated"] == [], "the code before refuses it"
    checked = await season.read(checked)
    refused = await patch(season.author, checked, translations={"ja": {"machine_translated": "no"}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/translations/ja/machine_translated")


async def test_a_reviewer_reads_which_translation_a_machine_made(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    translations = {"ja": {"title": "廃熱", "machine_translated": True}, "de": {"title": "Abwärme"}}
    practice = await panel.in_review(translations=translations)
    link = await anext(panel.links(practice))
    page = (await link.client.get(link.page)).text
    assert 'In ja (machine translation): <span lang="ja">廃熱</span>' in page
    assert 'In de: <span lang="de">Abwärme</span>' in page


async def test_a_machines_translation_is_assessed_by_its_texts(house: House) -> None:
    season = await Season.begin(house)
    title = {"title": "産業ゼロカーボン同盟"}
    totals = []
    for translation in (title, title | {"machine_translated": True}):
        practice = await season.submitted(translations={"ja": translation})
        await house.work("practices")
        totals.append((await season.author.get(f"{where(practice)}/assessment")).json()["total"])
    assert totals[0] == totals[1]
    empty = await season.submitted(translations={"ja": {"machine_translated": True}})
    await house.work("practices")
    assert (await season.author.get(f"{where(empty)}/versions")).json()["items"][0]["languages"] == ["en"], "no text, no translation"
