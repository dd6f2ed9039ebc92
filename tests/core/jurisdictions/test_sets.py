"""Many jurisdictions that another registry names: judged one by one, written as sets, and nothing done twice."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.core.jurisdictions import queries, service
from services.core.jurisdictions.schemas import JurisdictionPatch
from services.core.jurisdictions.service import Candidate, Judged
from services.core.kit.actor import SYSTEM, Actor, Reach
from tests.fixtures.house import House

KAOHSIUNG = {
    "name": "Kaohsiung",
    "level": "city",
    "country": "TW",
    "area_km2": 2952,
    "location": {"latitude": 22.6, "longitude": 120.3},
    "context": {"gdp_per_capita": 25000, "coastal": True},
    "external_ids": [{"source": "cdp", "value": "31112"}],
}
KYOTO = {"name": "Kyoto", "level": "city", "country": "JP", "population": 1_452_549, "aliases": ["Kioto"]}


async def judge(house: House, *candidates: Candidate, actor: Actor = SYSTEM, source: str = "iclei") -> list[Judged]:
    """Judge and write, as a sync does."""
    async with house.database.transaction() as session:
        judged = await service.judge_many(session, actor, source, candidates)
        await service.write_many(session, actor, judged)
    return judged


async def events(house: House) -> list[Any]:
    return await house.rows("SELECT subject_id, before::text, after::text FROM event WHERE type = 'jurisdiction.changed' ORDER BY id")


def said(judged: list[Judged]) -> list[tuple[str, int]]:
    return [(each.status, each.version) for each in judged]


def pointers(judged: Judged) -> list[str]:
    assert judged.problem is not None
    return [error.pointer for error in judged.problem.errors]


async def test_created_updated_unchanged_and_bad_in_one_set(house: House) -> None:
    first = await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", KYOTO))
    assert said(first) == [("created", 1), ("created", 1)]
    judged = await judge(
        house,
        Candidate("K1", KAOHSIUNG),
        Candidate("K2", {"population": 1_450_000}),
        Candidate("K3", {"name": "Goyang", "level": "city", "country": "KR"}),
        Candidate("K4", {"name": "", "level": "city", "country": "XX", "external_ids": [{"source": "cdp", "value": "no"}]}),
    )
    assert said(judged) == [("unchanged", 1), ("updated", 2), ("created", 1), ("error", 0)]
    assert pointers(judged[3]) == ["/name", "/country", "/external_ids/0/value"]
    assert [each.candidate.external_id for each in judged] == ["K1", "K2", "K3", "K4"]
    counted = Counter(row["subject_id"] for row in await events(house))
    assert counted == {judged[0].id: 1, judged[1].id: 2, judged[2].id: 1}
    last = (await events(house))[-2:]
    assert {(row["before"], row["after"]) for row in last if row["before"]} == {('{"population": 1452549}', '{"population": 1450000}')}
    kyoto = (await house.rows("SELECT version, updated_at > created_at AS later FROM jurisdiction WHERE id = $1", judged[1].id))[0]
    assert (kyoto["version"], kyoto["later"]) == (2, True)


async def test_what_was_written_is_what_the_api_shows(house: House) -> None:
    judged = await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", KYOTO))
    shown = (await house.admin.get(f"/v1/jurisdictions/{judged[0].id}")).json()
    assert (shown["name"], shown["area_km2"], shown["location"]) == ("Kaohsiung", 2952, {"latitude": 22.6, "longitude": 120.3})
    assert (shown["context"]["gdp_per_capita"], shown["context"]["coastal"], shown["context"]["climate_zone"]) == (25000, True, None)
    assert shown["external_ids"] == [{"source": "cdp", "value": "31112"}, {"source": "iclei", "value": "K1"}]
    other = (await house.admin.get(f"/v1/jurisdictions/{judged[1].id}")).json()
    assert (other["aliases"], "location" in other, "context" in other) == (["Kioto"], False, False)
    for typed in ("高雄", "kioto", "K2", "31112"):
        assert len((await house.admin.get("/v1/jurisdictions", params={"q": typed})).json()["items"]) == 1, typed


@pytest.mark.parametrize(
    "again",
    [
        {"area_km2": 2952.0},
        {"area_km2": 2952.0000001},
        {"location": {"latitude": 22.600000, "longitude": 120.3}},
        {"context": {"gdp_per_capita": 25000.0, "coastal": True}},
        {"name": " Kaohsiung "},
        {"external_ids": [{"source": "cdp", "value": "31112"}]},
        {"external_ids": [{"source": "iclei", "value": "K1"}]},
        {"external_ids": []},
        {"parent_id": None, "website": None},
        {},
    ],
)
async def test_the_same_in_other_digits_is_unchanged(house: House, again: dict[str, Any]) -> None:
    await judge(house, Candidate("K1", KAOHSIUNG))
    assert said(await judge(house, Candidate("K1", again))) == [("unchanged", 1)]
    assert len(await events(house)) == 1


@pytest.mark.parametrize(
    ("again", "pointer"),
    [
        ({"population": 5.5}, "/population"),
        ({"context": {"gdp_per_capita": 25000, "coastal": 1}}, "/context/coastal"),
        ({"area_km2": True}, "/area_km2"),
        ({"mayor": "x"}, "/mayor"),
        ({"names": None}, "/names"),
        ({"subdivision": "JP-26"}, "/subdivision"),
        ({"external_ids": [{"source": "gcom", "value": "x"}, {"source": "wikidata", "value": "181557"}]}, "/external_ids/1/value"),
        ({"external_ids": [{"source": "iclei", "value": "K9"}]}, "/external_ids/0/value"),
        ({"external_ids": "31112"}, "/external_ids"),
        ({"parent_id": "01a20d80-7bfa-7215-86ab-a57a1067fab6"}, "/parent_id"),
    ],
)
async def test_a_bad_member_is_named_by_pointer(house: House, again: dict[str, Any], pointer: str) -> None:
    await judge(house, Candidate("K1", KAOHSIUNG))
    bad, good = await judge(house, Candidate("K1", again), Candidate("K2", KYOTO))
    assert (bad.status, bad.version, pointers(bad)) == ("error", 1, [pointer])
    assert good.status == "created"


async def test_an_identifier_that_does_not_fit_its_own_registry_is_refused(house: House) -> None:
    judged = await judge(house, Candidate("not a number", KYOTO), source="cdp")
    assert (judged[0].status, pointers(judged[0])) == ("error", ["/external_ids"])


async def test_identifiers_are_added_and_changed_by_their_source(house: House) -> None:
    await judge(house, Candidate("K1", KAOHSIUNG))
    ids = [{"source": "cdp", "value": "31113"}, {"source": "unlocode", "value": "TW KHH"}]
    judged = await judge(house, Candidate("K1", {"external_ids": ids}))
    assert said(judged) == [("updated", 2)]
    rows = await house.rows("SELECT source || ':' || value AS id FROM external_id ORDER BY 1")
    assert [row["id"] for row in rows] == ["cdp:31113", "iclei:K1", "unlocode:TW KHH"]


async def test_names_and_aliases_are_added_to_those_that_people_gave(house: House) -> None:
    await judge(house, Candidate("K1", KYOTO | {"names": {"ja": "京都市"}}))
    again = await judge(house, Candidate("K1", {"names": {"ko": "교토"}, "aliases": ["Miyako", "Kioto"]}))
    assert said(again) == [("updated", 2)]
    shown = (await house.admin.get(f"/v1/jurisdictions/{again[0].id}")).json()
    assert shown["names"] == {"ja": "京都市", "ko": "교토"}
    assert shown["aliases"] == ["Kioto", "Miyako"]
    assert said(await judge(house, Candidate("K1", {"names": {"ja": "京都市"}, "aliases": ["Miyako"]}))) == [("unchanged", 2)]
    bad = await judge(house, Candidate("K1", {"aliases": ["x" * 300]}), Candidate("K1b", KYOTO | {"aliases": ["x" * 300]}))
    assert [pointers(each) for each in bad] == [["/aliases"], ["/aliases/0"]]


async def test_an_identifier_that_another_carries_is_refused_before_and_by_the_database(house: House) -> None:
    taken = KYOTO | {"external_ids": KAOHSIUNG["external_ids"]}
    first, second = await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", taken))
    assert (first.status, second.status) == ("created", "error")
    later = await judge(house, Candidate("K2", taken))
    for each in (second, *later):
        assert each.problem is not None
        assert (each.problem.code, pointers(each)) == ("already-exists", ["/external_ids/0/value"])
    async with house.database.transaction() as session:
        judged = await service.judge_many(session, SYSTEM, "iclei", [Candidate("K3", KYOTO)])
        assert judged[0].change is not None
        judged[0].change.after["external_ids"]["cdp"] = "31112"  # somebody was quicker than our look
        with pytest.raises(asyncpg.UniqueViolationError) as refused:
            async with session.begin_nested():
                await service.write_many(session, SYSTEM, judged)
        problem = service.explain(refused.value)
    assert (problem.code, problem.errors[0].pointer) == ("already-exists", "/external_ids")
    assert len(await events(house)) == 1


async def test_one_may_take_what_another_gives_up(house: House) -> None:
    await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", KYOTO))
    freed = {"external_ids": [{"source": "cdp", "value": "99999"}]}
    judged = await judge(house, Candidate("K2", {"external_ids": KAOHSIUNG["external_ids"]}), Candidate("K1", freed))
    assert said(judged) == [("updated", 2), ("updated", 2)]


async def test_a_version_that_is_not_the_current_one_is_refused(house: House) -> None:
    await judge(house, Candidate("K1", KAOHSIUNG))
    wanted = [Candidate("K1", {"population": 1}, if_version=2), Candidate("K9", KYOTO, if_version=1)]
    for each in await judge(house, *wanted):
        assert each.problem is not None
        assert (each.status, each.problem.code) == ("error", "version-mismatch")
    assert said(await judge(house, Candidate("K1", {"population": 1}, if_version=1))) == [("updated", 2)]


async def test_a_name_that_stands_twice_counts_once(house: House) -> None:
    judged = await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K1", KYOTO))
    assert [each.status for each in judged] == ["created", "error"]


async def test_who_is_bound_writes_its_own_and_creates_none(house: House) -> None:
    own, other = await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", KYOTO))
    bound = Actor("platform", "p", reaches={"sync:write": Reach(jurisdictions=frozenset({own.id}))})
    judged = await judge(house, *(Candidate(name, {"population": 7}) for name in ("K1", "K2", "K3")), actor=bound)
    codes = [each.problem.code if each.problem else each.status for each in judged]
    assert codes == ["updated", "not-found", "forbidden"]
    async with house.database.transaction() as session:
        assert await service.mark_missing(session, bound, "iclei", ["K1", "K2"]) == 1
    assert await missing(house) == {own.id}
    assert other.id not in await missing(house)


async def missing(house: House) -> set[UUID]:
    return {row["id"] for row in await house.rows("SELECT id FROM jurisdiction WHERE missing_since IS NOT NULL")}


async def test_missing_and_back(house: House) -> None:
    judged = await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", KYOTO))
    where = f"/v1/jurisdictions/{judged[0].id}"
    assert (await house.admin.get(where)).json()["missing_since"] is None
    for expected in (1, 0):
        async with house.database.transaction() as session:
            assert await service.mark_missing(session, SYSTEM, "iclei", ["K1", "K404"]) == expected
            assert await queries.known_external_ids(session, "iclei") == {"K1": True, "K2": False}
    marked = (await house.admin.get(where)).json()
    assert (marked["version"], marked["missing_since"] is not None) == (2, True)
    patched = await house.admin.patch(where, json={"population": 5}, headers={"If-Match": "*"})
    assert patched.json()["missing_since"] == marked["missing_since"]
    assert said(await judge(house, Candidate("K1", KAOHSIUNG))) == [("updated", 4)]
    back = (await house.admin.get(where)).json()
    assert (back["missing_since"], back["population"]) == (None, 5)
    assert said(await judge(house, Candidate("K1", KAOHSIUNG))) == [("unchanged", 4)]
    told = [row["after"] for row in await events(house) if row["subject_id"] == judged[0].id]
    assert len(told) == 4
    assert '"missing_since": null' in told[-1]


async def test_parents_are_checked_within_a_set_too(house: House) -> None:
    one, two = await judge(house, Candidate("A", KAOHSIUNG), Candidate("B", KAOHSIUNG | {"external_ids": []}))
    circle = await judge(house, Candidate("A", {"parent_id": str(two.id)}), Candidate("B", {"parent_id": str(one.id)}))
    assert [each.status for each in circle] == ["updated", "error"]
    assert pointers(circle[1]) == ["/parent_id"]
    abroad = await judge(house, Candidate("C", KYOTO | {"parent_id": str(one.id)}), Candidate("B", {"country": "JP"}))
    assert [pointers(each) for each in abroad] == [["/parent_id"], ["/country"]]
    assert said(await judge(house, Candidate("A", {"parent_id": str(two.id)}))) == [("unchanged", 2)]


async def test_two_that_close_a_circle_together_are_one_too_many(house: House) -> None:
    one, two = await judge(house, Candidate("A", KAOHSIUNG), Candidate("B", KAOHSIUNG | {"external_ids": []}))
    async with house.database.transaction() as session:
        await service.amend(session, SYSTEM, one.id, JurisdictionPatch.model_validate({"parent_id": two.id}), None)
        late = asyncio.create_task(judge(house, Candidate("B", {"parent_id": str(one.id)})))
        while not await house.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"):
            assert not late.done(), "the second did not wait for the first"
    assert pointers((await late)[0]) == ["/parent_id"]


async def test_what_is_being_changed_may_be_named_by_others_meanwhile(house: House) -> None:
    await judge(house, Candidate("A", KAOHSIUNG))
    async with house.database.transaction() as session:
        judged = await service.judge_many(session, SYSTEM, "iclei", [Candidate("A", {"population": 5})])
        async with asyncio.timeout(5), house.database.read() as connection:
            await connection.execute("INSERT INTO external_id VALUES ($1, 'x-other', '1')", judged[0].id)
        await service.write_many(session, SYSTEM, judged)


async def test_ten_statements_write_any_number(house: House) -> None:
    seen: list[str] = []
    many = [Candidate(f"N{number}", KYOTO | {"name": f"Town {number}"}) for number in range(300)]
    async with house.database.transaction() as session:
        connection = await session.driver()
        connection.add_query_logger(lambda query: seen.append(query.query))
        await service.write_many(session, SYSTEM, await service.judge_many(session, SYSTEM, "iclei", many))
        statements = len(seen)
    assert statements <= 10
    assert (await house.rows("SELECT count(*) AS n FROM jurisdiction"))[0]["n"] == 300
    assert len(await events(house)) == 300


async def test_the_same_value_in_another_registry_is_another_identifier(house: House) -> None:
    await judge(house, Candidate("K1", KAOHSIUNG), Candidate("K2", {**KYOTO, "external_ids": [{"source": "gcom", "value": "A7"}]}))
    swapped = [{"source": "gcom", "value": "31112"}, {"source": "iclei", "value": "K9"}]
    judged = await judge(
        house,
        Candidate("K9", {"name": "Goyang", "level": "city", "country": "KR", "external_ids": swapped}),
        Candidate("K8", {"name": "Taken", "level": "city", "country": "KR", "external_ids": [{"source": "gcom", "value": "A7"}]}),
    )
    assert said(judged) == [("created", 1), ("error", 0)]
    assert pointers(judged[1]) == ["/external_ids/0/value"]


async def test_a_new_one_keeps_every_fact_that_was_said_of_it(house: House) -> None:
    """Backslashes, quotes and emptiness too: new ones are written in a way in which these mean something."""
    facts = {
        "name": "A \\N “b” 'c'", "names": {"zh-Hant": "城\\市", "en": 'the "City"'}, "aliases": ["\\.", "NULL"],
        "level": "town", "country": "TW",
        "subdivision": "TW-TPE", "population": 0, "population_year": 2024, "area_km2": 0.000001, "time_zone": "Asia/Taipei",
        "location": {"latitude": -22.123456, "longitude": 0}, "languages": ["zh-Hant", "en"], "website": "https://example.org/a?b=%5C",
        "context": {"gdp_per_capita": 1.5, "coastal": False}, "external_ids": [{"source": "gcom", "value": "a\\b"}],
    }  # fmt: skip
    [created] = await judge(house, Candidate("T\\1", facts))
    assert said([created]) == [("created", 1)]
    again = await judge(house, Candidate("T\\1", facts))
    assert said(again) == [("unchanged", 1)]
    assert again[0].id == created.id
