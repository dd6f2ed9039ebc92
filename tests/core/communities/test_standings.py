"""Sets of standings that a registry sends: the same machine and guards as for everybody, a few statements, one event each."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.core.communities import service
from services.core.communities.schemas import AgreementPut, RepresentativeCreate, Standing
from services.core.communities.service import JudgedStanding
from services.core.kit.actor import EVERYWHERE, Actor, Reach
from services.core.kit.errors import Problem
from tests.fixtures.cohort import SIGNED, Cohort, representative
from tests.fixtures.house import House
from tests.fixtures.statements import Counter

ICLEI = Actor(kind="platform", id="iclei", label="ICLEI", reaches={"sync:write": EVERYWHERE})
AGREEMENT = AgreementPut.model_validate(SIGNED)


def people(city: str, **fields: Any) -> list[RepresentativeCreate]:
    return [RepresentativeCreate.model_validate(representative(role, city, **fields)) for role in ("political", "technical")]


async def wanted(cohort: Cohort, city: str, **fields: Any) -> Standing:
    """A jurisdiction that is not known yet, as an active member with all that this needs."""
    place = UUID(await cohort.jurisdiction(city))
    whole: dict[str, Any] = {"kind": "member", "standing": "active", "agreement": AGREEMENT, "representatives": people(city)}
    return Standing(jurisdiction_id=place, community_id=UUID(cohort.community["id"]), **(whole | fields))


async def sync(house: House, items: Sequence[Standing], *, actor: Actor = ICLEI, write: bool = True) -> list[JudgedStanding]:
    async with house.database.transaction() as session:
        judged = await service.judge_standings(session, actor, "iclei", items)
        if write:
            await service.write_standings(session, actor, judged)
    return judged


def told(judged: Sequence[JudgedStanding]) -> list[str]:
    return [item.problem.code if item.problem else item.status for item in judged]


async def statuses(house: House, cohort: Cohort) -> list[str]:
    return [item["status"] for item in (await house.admin.get(cohort.path, params={"limit": 200})).json()["items"]]


async def test_a_set_makes_members_and_the_same_set_again_changes_nothing(house: House) -> None:
    cohort = await Cohort.found(house)
    items = [
        await wanted(cohort, "Kaohsiung", kind="chair"),
        await wanted(cohort, "Yokohama"),
        await wanted(cohort, "Kyoto", standing="suspended"),
        await wanted(cohort, "Goyang", standing="withdrawn"),
        await wanted(cohort, "Observatory", kind="observer"),
    ]
    dry = await sync(house, items, write=False)
    assert told(dry) == ["created", "created", "created", "unchanged", "created"]
    assert await statuses(house, cohort) == []
    judged = await sync(house, items)
    assert told(judged) == told(dry)
    assert await statuses(house, cohort) == ["active", "active", "suspended", "active"]
    for item in (judged[0], judged[2]):
        shown = (await house.admin.get(f"/v1/memberships/{item.membership_id}")).json()
        assert (shown["version"], shown["activated_at"] is not None, shown["kind"]) == (item.version, True, item.standing.kind)
        agreement = (await house.admin.get(f"/v1/memberships/{item.membership_id}/agreement")).json()
        assert agreement["signatories"] == SIGNED["signatories"]
        named = (await house.admin.get(f"/v1/memberships/{item.membership_id}/representatives")).json()["items"]
        assert [one["role"] for one in named] == ["political", "technical"]
        history = (await house.admin.get(f"/v1/memberships/{item.membership_id}/history")).json()["items"]
        assert [(one["type"], one["before"], one["reason"]) for one in history] == [
            ("membership.status_changed", None, "sync from iclei"),
        ]
        assert history[0]["after"] == {"status": shown["status"], "kind": shown["kind"]}
        assert history[0]["action"] == {"active": "activate", "suspended": "suspend"}[shown["status"]]
    community = (await house.admin.get(f"/v1/communities/{cohort.community['id']}")).json()
    assert (community["chair_jurisdiction_id"], community["version"]) == (str(items[0].jurisdiction_id), 2)
    before = await house.rows("SELECT id FROM event")
    again = await sync(house, items)
    assert told(again) == ["unchanged"] * 5
    assert [(item.membership_id, item.version) for item in again] == [(item.membership_id, item.version) for item in judged]
    assert await house.rows("SELECT id FROM event") == before
    assert not await house.rows("SELECT 1 FROM membership WHERE version > 1")


async def test_a_guard_that_fails_is_the_problem_of_its_item_and_nothing_of_it_is_written(house: House) -> None:
    cohort = await Cohort.found(house, capacity=2)
    signed_later = AgreementPut.model_validate({"signatories": [one | {"signed_on": "2099-01-01"} for one in SIGNED["signatories"]]})
    over = people("Suwon", mandate_ends_on="2020-01-01")
    items = [
        await wanted(cohort, "Unsigned", agreement=None),
        await wanted(cohort, "Half", agreement=AgreementPut.model_validate({"signatories": SIGNED["signatories"][:1]})),
        await wanted(cohort, "Late", agreement=signed_later),
        await wanted(cohort, "Unheard", representatives=people("Unheard")[:1]),
        await wanted(cohort, "Suwon", representatives=over),
        await wanted(cohort, "Kaohsiung", kind="chair"),
        await wanted(cohort, "Yokohama", kind="chair"),
        await wanted(cohort, "Kyoto"),
        await wanted(cohort, "Goyang"),
        await wanted(cohort, "Observatory", kind="observer"),
    ]
    items.append(replace(items[5], kind="member"))
    items.append(replace(items[5], community_id=UUID(int=5)))
    judged = await sync(house, items)
    assert told(judged) == [
        "agreement-incomplete", "agreement-incomplete", "agreement-dated-after-activation", "representatives-missing",
        "representatives-missing", "created", "chair-taken", "created", "capacity-reached", "created", "conflict", "invalid-body",
    ]  # fmt: skip
    assert judged[11].problem is not None
    assert judged[11].problem.errors[0].pointer == "/membership/community_id"
    assert len(await house.rows("SELECT 1 FROM membership")) == 3
    assert len(await house.rows("SELECT 1 FROM representative")) == 6
    assert len(await house.rows("SELECT 1 FROM agreement")) == 3
    assert len(await house.rows("SELECT 1 FROM person")) == 6
    assert len(await house.rows("SELECT 1 FROM event WHERE subject IN ('membership', 'agreement', 'representative')")) == 12


async def test_what_an_item_frees_is_free_for_the_next_one(house: House) -> None:
    cohort = await Cohort.found(house, capacity=1)
    first, second = await wanted(cohort, "Kaohsiung", kind="chair"), await wanted(cohort, "Yokohama", kind="chair")
    assert told(await sync(house, [first])) == ["created"]
    assert told(await sync(house, [second, replace(first, standing="withdrawn")])) == ["capacity-reached", "updated"]
    assert told(await sync(house, [first])) == ["created"]  # what has ended is not revived: a new membership is made
    assert told(await sync(house, [replace(first, standing="withdrawn"), second])) == ["updated", "created"]
    assert await statuses(house, cohort) == ["withdrawn", "withdrawn", "active"]
    community = (await house.admin.get(f"/v1/communities/{cohort.community['id']}")).json()
    assert community["chair_jurisdiction_id"] == str(second.jurisdiction_id)


async def test_a_part_of_a_judged_set_cannot_take_what_the_rest_was_to_free(house: House) -> None:
    cohort = await Cohort.found(house, capacity=1)
    for kind, code in (("chair", "chair-taken"), ("member", "capacity-reached")):
        first, second = await wanted(cohort, f"{kind} 1", kind=kind), await wanted(cohort, f"{kind} 2", kind=kind)
        await sync(house, [first])
        async with house.database.transaction() as session:
            judged = await service.judge_standings(session, ICLEI, "iclei", [replace(first, standing="withdrawn"), second])
            assert told(judged) == ["updated", "created"]
            with pytest.raises(Problem) as refused:
                async with session.begin_nested():
                    await service.write_standings(session, ICLEI, judged[1:])
        assert refused.value.code == code
        await sync(house, [replace(first, standing="withdrawn")])


async def test_the_registry_goes_on_from_wherever_a_membership_is(house: House) -> None:
    cohort = await Cohort.found(house)
    for number, status in enumerate(("draft", "expressed_interest", "under_review", "invited", "agreement_sent", "signed", "active")):
        member = await cohort.member(f"City {number}", until=status)
        item = Standing(UUID(member["jurisdiction_id"]), UUID(cohort.community["id"]), "member", "active")
        judged = (await sync(house, [item]))[0]
        assert (judged.status, str(judged.membership_id)) == ("unchanged" if status == "active" else "updated", member["id"])
        shown = (await house.admin.get(f"/v1/memberships/{member['id']}")).json()
        assert (shown["status"], shown["version"], "expression" in shown) == ("active", judged.version, True)
        if status == "signed":
            last = (await house.admin.get(f"/v1/memberships/{member['id']}/history")).json()["items"][-1]
            assert (last["before"], last["after"], last["action"]) == ({"status": "signed"}, {"status": "active"}, "activate")


async def test_an_active_member_keeps_its_kind_and_leaves_when_the_registry_says_so(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung")
    item = Standing(UUID(member["jurisdiction_id"]), UUID(cohort.community["id"]), "member", "active")
    assert told(await sync(house, [replace(item, kind="observer")])) == ["conflict"]
    for standing in ("suspended", "active", "withdrawn", "withdrawn"):
        expected = "unchanged" if (await house.admin.get(f"/v1/memberships/{member['id']}")).json()["status"] == standing else "updated"
        assert told(await sync(house, [replace(item, standing=standing)])) == [expected]
    drafted = await cohort.member("Kyoto", until="draft")
    as_observer = Standing(UUID(drafted["jurisdiction_id"]), UUID(cohort.community["id"]), "observer", "active")
    assert told(await sync(house, [as_observer])) == ["updated"]
    last = (await house.admin.get(f"/v1/memberships/{drafted['id']}/history")).json()["items"][-1]
    assert (last["before"], last["after"]) == ({"status": "draft", "kind": "member"}, {"status": "active", "kind": "observer"})


async def test_representatives_are_added_and_changed_in_what_was_sent_and_never_removed(house: House) -> None:
    cohort = await Cohort.found(house)
    item = await wanted(cohort, "Kaohsiung")
    judged = (await sync(house, [item]))[0]
    path = f"/v1/memberships/{judged.membership_id}/representatives"
    political = (await house.admin.get(path)).json()["items"][0]
    ours = {"reviewer": True, "max_load": 7, "mandate_ends_on": "2099-01-01"}
    await house.admin.patch(f"/v1/representatives/{political['id']}", json=ours, headers={"If-Match": "*"})
    renamed = RepresentativeCreate.model_validate(
        {"name": "Another Name", "email": "Political+x@Kaohsiung.example", "role": "political", "languages": ["zh"]}
    )
    press = RepresentativeCreate.model_validate(representative("communications", "Kaohsiung"))
    changed = replace(item, representatives=[renamed, press])
    assert told(await sync(house, [changed])) == ["updated"]
    found = (await house.admin.get(path)).json()["items"]
    assert [one["role"] for one in found] == ["political", "technical", "communications"]
    assert found[0]["id"] == political["id"]
    assert {name: found[0][name] for name in ("name", "email", "languages", *ours)} == {
        "name": "Another Name", "email": "Political+x@kaohsiung.example", "languages": ["zh"], **ours,
    }  # fmt: skip
    assert found[0]["version"] == political["version"] + 2
    assert told(await sync(house, [changed])) == ["unchanged"]
    events = await house.rows("SELECT data->>'action' AS action, reason FROM event WHERE type = 'representative.changed' ORDER BY seq")
    assert [tuple(row) for row in events] == [
        ("name", "sync from iclei"), ("name", "sync from iclei"), ("amend", None),
        ("amend", "sync from iclei"), ("name", "sync from iclei"),
    ]  # fmt: skip
    over = renamed.model_copy(update={"mandate_ends_on": date(2020, 1, 1)})
    assert told(await sync(house, [replace(item, representatives=[over])])) == ["representatives-missing"]


async def test_an_agreement_in_force_changes_and_stays_complete(house: House) -> None:
    cohort = await Cohort.found(house)
    item = await wanted(cohort, "Kaohsiung")
    first = (await sync(house, [item]))[0]
    corrected = [SIGNED["signatories"][0] | {"title": "Mayor"}, SIGNED["signatories"][1]]
    changed = replace(item, agreement=AgreementPut.model_validate({"signatories": corrected}))
    assert told(await sync(house, [changed, replace(changed, jurisdiction_id=UUID(int=9), standing="withdrawn")])) == [
        "updated",
        "unchanged",
    ]
    shown = (await house.admin.get(f"/v1/memberships/{first.membership_id}/agreement")).json()
    assert (shown["signatories"], shown["version"], "document" in shown) == (corrected, 2, False)
    events = await house.rows("SELECT subject_id::text FROM event WHERE type = 'agreement.changed'")
    assert [row["subject_id"] for row in events] == [shown["id"]] * 2
    assert len(await house.rows("SELECT 1 FROM event WHERE subject = 'membership'")) == 1
    torn = replace(item, agreement=AgreementPut.model_validate({"signatories": corrected[:1]}))
    assert told(await sync(house, [torn])) == ["agreement-incomplete"]


async def test_a_registry_of_some_jurisdictions_knows_no_others(house: House) -> None:
    cohort = await Cohort.found(house)
    mine, other = await wanted(cohort, "Kaohsiung"), await wanted(cohort, "Yokohama")
    bound = replace(ICLEI, reaches={"sync:write": Reach(jurisdictions=frozenset({mine.jurisdiction_id}))})
    assert told(await sync(house, [other], actor=bound)) == ["not-found"]


async def test_a_registry_of_some_jurisdictions_is_not_the_secretariat(house: House) -> None:
    cohort = await Cohort.found(house)
    mine = await wanted(cohort, "Kaohsiung")
    bound = replace(ICLEI, reaches={"sync:write": Reach(jurisdictions=frozenset({mine.jurisdiction_id}))})
    [refused] = await sync(house, [mine], actor=bound)
    assert refused.problem is not None
    assert [error.pointer for error in refused.problem.errors] == ["/membership/standing"]
    assert (refused.problem.code, await statuses(house, cohort)) == ("forbidden", [])

    assert told(await sync(house, [mine])) == ["created"]
    assert told(await sync(house, [mine], actor=bound)) == ["unchanged"]
    forged = [entry | {"name": "Somebody else"} for entry in SIGNED["signatories"]]
    another = replace(mine, agreement=AgreementPut.model_validate(SIGNED | {"signatories": forged}))
    assert told(await sync(house, [another], actor=bound)) == ["forbidden"]
    assert told(await sync(house, [replace(mine, standing="suspended")])) == ["updated"]
    assert told(await sync(house, [mine], actor=bound)) == ["forbidden"]
    assert told(await sync(house, [replace(mine, standing="withdrawn")], actor=bound)) == ["updated"]
    assert await statuses(house, cohort) == ["withdrawn"]


async def test_a_registry_of_some_jurisdictions_signs_for_them_alone(house: House) -> None:
    cohort = await Cohort.found(house)
    membership = await cohort.member("Kaohsiung", until="agreement_sent")
    place = UUID(membership["jurisdiction_id"])
    bound = replace(ICLEI, reaches={"sync:write": Reach(jurisdictions=frozenset({place}))})
    forged = [entry | {"name": "Somebody else"} for entry in SIGNED["signatories"]]
    agreement = AgreementPut.model_validate(SIGNED | {"signatories": forged})
    item = Standing(jurisdiction_id=place, community_id=UUID(cohort.community["id"]), kind="member", standing="active", agreement=agreement)
    assert told(await sync(house, [item], actor=bound)) == ["forbidden"]


async def test_the_number_of_statements_does_not_grow_with_the_set(house: House, counter: Counter) -> None:
    cohort = await Cohort.found(house, capacity=100)
    few = [await wanted(cohort, f"Few {n}") for n in range(3)]
    many = [await wanted(cohort, f"Many {n}") for n in range(40)]
    await sync(house, few[:1])
    counts = []
    for items in (few[1:], many):
        with counter.count() as statements:
            assert set(told(await sync(house, items))) == {"created"}
        counts.append(len(statements.asked))
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_sets_no_place_is_given_twice_and_a_repetition_changes_nothing(house: House, seed: int) -> None:
    chance = random.Random(seed)
    cohorts = [await Cohort.found(house, capacity=capacity, name=f"Term {capacity}") for capacity in (1, 3)]
    pool = [await wanted(chance.choice(cohorts), f"City {number}") for number in range(8)]
    for _ in range(12):
        items = [
            replace(
                one, kind=chance.choice(("chair", "member", "observer")),
                standing=chance.choice(("active", "active", "suspended", "withdrawn")),
                agreement=chance.choice((AGREEMENT, AGREEMENT, None)), representatives=chance.choice((one.representatives, ())),
            )
            for one in chance.sample(pool, chance.randint(1, 8))
        ]  # fmt: skip
        judged = await sync(house, items)
        for cohort in cohorts:
            shown = (await house.admin.get(cohort.path, params={"limit": 200})).json()["items"]
            counted = [one for one in shown if one["status"] == "active" and one["kind"] != "observer"]
            chairs = [one["jurisdiction_id"] for one in shown if one["status"] in ("active", "suspended") and one["kind"] == "chair"]
            community = (await house.admin.get(f"/v1/communities/{cohort.community['id']}")).json()
            assert len(counted) <= community["capacity"]
            assert chairs == ([community["chair_jurisdiction_id"]] if community["chair_jurisdiction_id"] else [])
        good = [item.standing for item in judged if item.problem is None]
        before = await house.rows("SELECT count(*) AS n FROM event")
        assert told(await sync(house, good)) == ["unchanged"] * len(good)
        assert await house.rows("SELECT count(*) AS n FROM event") == before
