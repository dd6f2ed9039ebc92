"""Near-duplicates of earlier practices: what an author is told, of whose practice, and what counts as earlier."""

import random
from typing import Any

import httpx

from tests.fixtures import prose
from tests.fixtures.calls import PRACTICE, Season, call_body, patch, step, where
from tests.fixtures.house import House
from tests.fixtures.statements import Counter

Json = dict[str, Any]

WORDS = prose.text(random.Random("a practice that others copy"), 200)
CHINESE = (
    "市府在二〇二三年邀集四十家工廠成立淨零大聯盟，由大廠帶領供應鏈廠商完成第一次溫室氣體盤查，並派專家到廠輔導節能改善。"
    "工廠最缺的是會盤查的人，所以要先辦訓練，再談減量目標；大廠帶小廠比政府逐家拜訪有效得多。"
)


class Neighbour:
    """Another member of the same call, with a key of its own."""

    def __init__(self, season: Season, jurisdiction: str, client: httpx.AsyncClient) -> None:
        self.season, self.jurisdiction, self.client = season, jurisdiction, client

    @classmethod
    async def joins(cls, season: Season, name: str = "Yokohama") -> "Neighbour":
        member = await season.cohort.member(name)
        client = await season.house.platform("practices:write", jurisdictions=[member["jurisdiction_id"]])
        return cls(season, member["jurisdiction_id"], client)

    async def submitted(self, **fields: Any) -> Json:
        body = PRACTICE | {"call_id": self.season.call["id"], "jurisdiction_id": self.jurisdiction} | fields
        made: Json = (await self.client.post("/v1/practices", json=body)).json()
        assert (await step(self.client, made, "submit")).status_code == 200
        return made


async def told(season: Season, practice: Json, client: httpx.AsyncClient | None = None) -> list[Json]:
    """What the newest assessment says that the practice resembles, once the worker has done its work."""
    await season.house.work("practices")
    rows = await season.house.rows("SELECT inputs FROM assessment WHERE practice_id = $1 ORDER BY number DESC LIMIT 1", practice["id"])
    found: list[Json] = (await (client or season.author).get(f"{where(practice)}/assessment")).json()["inputs"]["resembling"]
    assert len(rows) == 1
    return found


async def codes(client: httpx.AsyncClient, practice: Json) -> dict[str, str]:
    findings = (await client.get(f"{where(practice)}/assessment")).json()["findings"]
    return {finding["code"]: finding["severity"] for finding in findings if "duplicate" in finding["code"]}


async def test_the_same_text_twice_in_a_call_is_told_and_names_the_first(house: House) -> None:
    season = await Season.begin(house)
    first = await season.submitted(actions=WORDS)
    second = await season.submitted(actions=WORDS, title="The same under another name")
    [resembling] = await told(season, second)
    assert resembling == {"relation": "same-call", "share": 1, "practice_id": first["id"], "title": PRACTICE["title"]}
    assert (await season.read(second))["status"] == "assessed"
    assert await codes(season.author, second) == {"duplicate-in-call": "warning"}
    assert (await season.read(first))["status"] == "assessed"
    assert await told(season, first) == []


async def test_a_translation_of_it_is_recognised_in_its_own_language(house: House) -> None:
    season = await Season.begin(house)
    neighbour = await Neighbour.joins(season)
    await season.submitted(actions=WORDS, translations={"zh-Hant": {"actions": CHINESE}})
    edited = CHINESE.replace("四十家", "五十家")
    nothing_else = dict.fromkeys(("summary", "problem", "lessons", "transfer_conditions"), "")
    copied = await neighbour.submitted(language="zh-Hant", translations={}, actions=edited, **nothing_else)
    [resembling] = await told(season, copied, neighbour.client)
    assert resembling["relation"] == "other"
    assert 0.9 < resembling["share"] < 1


async def test_of_another_citys_unpublished_practice_only_the_share_is_told(house: House) -> None:
    season = await Season.begin(house)
    neighbour = await Neighbour.joins(season)
    first = await season.submitted(actions=WORDS)
    copied = await neighbour.submitted(actions=WORDS)
    assert await told(season, copied, neighbour.client) == [{"relation": "other", "share": 1, "practice_id": None, "title": None}]
    assert await codes(neighbour.client, copied) == {"near-duplicate": "warning"}
    everything = (await neighbour.client.get(f"{where(copied)}/assessment")).text
    assert not [secret for secret in (first["id"], season.jurisdiction, "Kaohsiung") if secret in everything]
    await house.rows("UPDATE practice SET status = 'recognised' WHERE id = $1", first["id"])
    published = await neighbour.submitted(actions=WORDS, title="Once more")
    found = await told(season, published, neighbour.client)
    assert [(each["relation"], each["practice_id"]) for each in found] == [("same-call", copied["id"]), ("other", first["id"])]


async def test_without_consent_a_recognised_practice_is_not_named(house: House) -> None:
    season = await Season.begin(house)
    neighbour = await Neighbour.joins(season)
    first = await season.submitted(actions=WORDS)
    await house.rows("UPDATE practice SET status = 'recognised', consent_to_publish = false WHERE id = $1", first["id"])
    [resembling] = await told(season, await neighbour.submitted(actions=WORDS), neighbour.client)
    assert (resembling["practice_id"], resembling["title"]) == (None, None)


async def test_a_resubmission_does_not_resemble_itself_nor_what_was_copied_from_it(house: House) -> None:
    season = await Season.begin(house)
    neighbour = await Neighbour.joins(season)
    first = await season.submitted(actions=WORDS, problem="")
    assert await told(season, first) == []
    copied = await neighbour.submitted(actions=WORDS)
    assert len(await told(season, copied, neighbour.client)) == 1
    repaired = await patch(season.author, await season.read(first), problem="Most emissions come from heavy industry.")
    assert (await step(season.author, repaired.json(), "submit")).json()["submissions"] == 2
    assert await told(season, first) == []


async def test_who_copies_in_a_revision_is_told_though_an_earlier_version_had_some_of_it(house: House) -> None:
    season = await Season.begin(house)
    neighbour = await Neighbour.joins(season)
    begun = WORDS[: len(WORDS) // 2] + prose.text(random.Random("the rest"), 60)
    second = await season.submitted(actions=begun, problem="")
    await neighbour.submitted(actions=WORDS)
    assert await told(season, second) == []
    common = "SELECT 1 FROM practice_sketch a JOIN practice_sketch b ON a.keys && b.keys AND a.practice_id < b.practice_id"
    assert await house.rows(common)
    revised = await patch(season.author, await season.read(second), actions=WORDS, problem="Heavy industry emits most.")
    await step(season.author, revised.json(), "submit")
    assert [each["relation"] for each in await told(season, second)] == ["other"]


async def test_a_thin_practice_twice_in_a_call_is_told(house: House) -> None:
    season = await Season.begin(house)
    thin = dict.fromkeys(("summary", "problem", "lessons", "transfer_conditions"), "") | {"actions": prose.text(random.Random("thin"), 36)}
    first = await season.submitted(**thin)
    second = await season.submitted(**thin, title="Another title")
    [resembling] = await told(season, second)
    assert (resembling["share"], resembling["practice_id"]) == (1, first["id"])
    assert await codes(season.author, second) == {"duplicate-in-call": "warning"}


async def test_the_share_is_that_of_this_text_in_a_longer_one(house: House) -> None:
    season = await Season.begin(house)
    nothing_else = dict.fromkeys(("summary", "problem", "lessons", "transfer_conditions"), "")
    longer = f"{WORDS} {prose.text(random.Random('as much again'), 200)}"
    await season.submitted(**nothing_else, actions=longer)
    [resembling] = await told(season, await season.submitted(**nothing_else, actions=WORDS))
    assert resembling["share"] == 1


async def test_a_repaired_copy_is_still_a_copy_and_a_withdrawn_practice_is_none(house: House) -> None:
    season = await Season.begin(house)
    first, second = await season.submitted(actions=WORDS), await season.submitted(actions=WORDS, consent_to_publish=False)
    assert len(await told(season, second)) == 1
    assert (await step(season.author, second, "submit")).json()["submissions"] == 2
    assert len(await told(season, second)) == 1
    await step(season.author, first, "withdraw")
    assert (await step(season.author, second, "submit")).json()["submissions"] == 3
    assert await told(season, second) == []


async def test_what_another_practice_said_before_its_revision_does_not_count(house: House) -> None:
    season = await Season.begin(house)
    first = await season.submitted(actions=WORDS, problem="")
    await house.work("practices")
    changed = await patch(season.author, await season.read(first), actions=prose.own_words(150), problem="Heavy industry emits most.")
    await step(season.author, changed.json(), "submit")
    assert await told(season, await season.submitted(actions=WORDS)) == []


async def test_the_same_citys_practice_of_another_call_is_named_and_only_a_warning(house: House) -> None:
    season = await Season.begin(house)
    first = await season.submitted(actions=WORDS)
    other_call = await house.admin.post(f"/v1/communities/{season.cohort.community['id']}/calls", json=call_body(title="Second call"))
    season.call = other_call.json()
    await season.turn("open")
    again = await season.submitted(actions=WORDS)
    [resembling] = await told(season, again)
    assert (resembling["relation"], resembling["practice_id"]) == ("own", first["id"])
    assert await codes(season.author, again) == {"near-duplicate": "warning"}


async def test_at_most_five_are_told_those_of_the_same_call_first(house: House) -> None:
    season = await Season.begin(house)
    neighbour = await Neighbour.joins(season)
    for number in range(6):
        await neighbour.submitted(actions=WORDS, title=f"Copy {number}")
    await season.submitted(actions=f"{WORDS} {prose.own_words(30)}")
    found = await told(season, await season.submitted(actions=WORDS))
    assert [each["relation"] for each in found] == ["same-call", "other", "other", "other", "other"]


async def test_a_group_of_submissions_costs_as_many_statements_as_one(house: House, counter: Counter) -> None:
    season = await Season.begin(house)
    await season.submitted()
    await house.work("practices")  # the first on each connection asks a little more
    await season.submitted()
    with counter.count() as one:
        await house.work("practices")
    for _ in range(20):
        await season.submitted()
    with counter.count() as many:
        await house.work("practices")
    assert await house.rows("SELECT 1 FROM practice WHERE status = 'submitted'") == []
    assert len(many.asked) == len(one.asked)


async def test_versions_from_before_there_were_sketches_resemble_nothing(house: House) -> None:
    season = await Season.begin(house)
    await season.submitted(actions=WORDS)
    await house.rows("TRUNCATE practice_sketch")
    assert await told(season, await season.submitted(actions=WORDS)) == []
