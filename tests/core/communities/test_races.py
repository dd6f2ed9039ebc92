"""Two who act at once: one wins, the others are told why, nobody waits in a circle."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.core.communities import service
from services.core.communities.schemas import AgreementPut, Standing
from services.core.kit.actor import EVERYWHERE, Actor
from tests.fixtures.cohort import SIGNED, Cohort, representative, take
from tests.fixtures.house import House

Json = dict[str, Any]
ICLEI = Actor(kind="platform", id="iclei", label="ICLEI", reaches={"sync:write": EVERYWHERE})
ROUNDS = 4
MATCH = {"If-Match": "*"}


async def insist(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Ask as a patient caller does: 503 means “not now”."""
    answer = await ask()
    for _ in range(200):
        if answer.status_code != 503:
            break
        await asyncio.sleep(0.02)
        answer = await ask()
    return answer


async def at_once(*asks: Callable[[], Awaitable[httpx.Response]]) -> list[httpx.Response]:
    return list(await asyncio.gather(*(insist(ask) for ask in asks)))


def told(answers: list[httpx.Response]) -> Counter[str]:
    return Counter("ok" if answer.is_success else answer.json()["code"] for answer in answers)


async def clone(house: House, member: Json, kind: str, count: int) -> list[Json]:
    """More memberships like ``member``, with jurisdictions, agreements and representatives of their own, straight into the tables."""
    rows = await house.rows(
        """
        WITH j AS (INSERT INTO jurisdiction (id, name, names, level, country, languages, version)
                   SELECT gen_random_uuid(), 'City ' || n, '{}', 'city', 'TW', '{}', 1 FROM generate_series(1, $2) n RETURNING id),
             m AS (INSERT INTO membership (id, community_id, jurisdiction_id, kind, status, version)
                   SELECT gen_random_uuid(), o.community_id, j.id, $3, o.status, 1 FROM j, membership o WHERE o.id = $1 RETURNING id),
             a AS (INSERT INTO agreement (id, membership_id, signatories, version)
                   SELECT gen_random_uuid(), m.id, o.signatories, 1 FROM m, agreement o WHERE o.membership_id = $1),
             r AS (INSERT INTO representative (id, membership_id, person_id, name, email, role, locale, time_zone, languages, themes,
                                               reviewer, max_load, version)
                   SELECT gen_random_uuid(), m.id, o.person_id, o.name, o.email, o.role, o.locale, o.time_zone, o.languages, o.themes,
                          o.reviewer, o.max_load, 1 FROM m, representative o WHERE o.membership_id = $1)
        SELECT id::text FROM m
        """,
        UUID(member["id"]), count, kind,
    )  # fmt: skip
    return [{"id": row["id"]} for row in rows]


@pytest.mark.parametrize("capacity", [1, 15])
async def test_of_twenty_for_the_last_place_one_gets_it(house: House, capacity: int) -> None:
    cohort = await Cohort.found(house, capacity=capacity)
    first = await cohort.member("Kaohsiung", until="signed")
    for member in await clone(house, first, "member", capacity - 1):
        await cohort.step(member, "activate")
    for _ in range(ROUNDS):
        ready = await clone(house, first, "member", 20)
        answers = await at_once(*(partial(take, house.admin, one, "activate") for one in ready))
        assert told(answers) == {"ok": 1, "capacity-reached": 19}
        active = (await house.admin.get(cohort.path, params={"status": "active"})).json()["items"]
        assert len(active) == capacity
        winner = next(one for one, answer in zip(ready, answers, strict=True) if answer.is_success)
        another = next(one for one in ready if one is not winner)
        left, _ = await at_once(partial(take, house.admin, winner, "withdraw"), partial(take, house.admin, another, "activate"))
        assert left.is_success
        for one in ready:
            await take(house.admin, one, "withdraw")


async def test_of_twenty_for_the_chair_one_gets_it(house: House) -> None:
    cohort = await Cohort.found(house, capacity=100)
    where = f"/v1/communities/{cohort.community['id']}"
    first = await cohort.member("Kaohsiung", until="signed")
    for _ in range(ROUNDS):
        ready = await clone(house, first, "chair", 20)
        answers = await at_once(*(partial(take, house.admin, one, "activate") for one in ready))
        assert told(answers) == {"ok": 1, "chair-taken": 19}
        winner = next(answer.json() for answer in answers if answer.is_success)
        assert (await house.admin.get(where)).json()["chair_jurisdiction_id"] == winner["jurisdiction_id"]
        for one in ready:
            await take(house.admin, one, "withdraw")
        assert (await house.admin.get(where)).json()["chair_jurisdiction_id"] is None


async def test_of_two_opposite_steps_both_happen_in_some_order_or_one_is_refused(house: House) -> None:
    cohort = await Cohort.found(house)
    for number in range(ROUNDS):
        drafted = await cohort.draft(f"City {number}")
        submit, withdraw = await at_once(*(partial(take, house.admin, drafted, action) for action in ("submit", "withdraw")))
        assert withdraw.is_success
        history = (await house.admin.get(f"/v1/memberships/{drafted['id']}/history")).json()["items"]
        assert [entry["action"] for entry in history] == ["draft", *(["submit"] if submit.is_success else []), "withdraw"]
        assert submit.is_success or submit.json()["code"] == "invalid-transition"
    judged = await cohort.member("Kyoto", until="under_review")
    for pair in (("invite", "reject"), ("reject", "return")):
        one = (await clone(house, judged, "member", 1))[0]
        answers = await at_once(*(partial(take, house.admin, one, action) for action in pair))
        assert told(answers) == {"ok": 1, "invalid-transition": 1}


async def test_of_two_who_read_the_same_version_one_is_told_so(house: House) -> None:
    cohort = await Cohort.found(house)
    drafted = await cohort.draft("Kaohsiung")
    where, community = f"/v1/memberships/{drafted['id']}", f"/v1/communities/{cohort.community['id']}"
    for _ in range(ROUNDS):
        for path, bodies in (
            (where, [{"expression": {"motivation": f"Reason {n} {random.random()}"}} for n in range(8)]),
            (community, [{"capacity": random.randint(20, 1000), "name": f"Name {n}"} for n in range(8)]),
        ):
            tag = {"If-Match": (await house.admin.get(path)).headers["etag"]}
            answers = await at_once(*(partial(house.admin.patch, path, json=body, headers=tag) for body in bodies))
            assert told(answers) == {"ok": 1, "version-mismatch": 7}
    tag = {"If-Match": (await house.admin.get(where)).headers["etag"]}
    asks = [partial(house.admin.post, f"{where}/transitions", json={"action": "submit"}, headers=tag)] * 8
    assert told(await at_once(*asks)) == {"ok": 1, "version-mismatch": 7}


async def test_of_two_last_representatives_who_leave_at_once_one_stays(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung")
    path = f"/v1/memberships/{member['id']}/representatives"
    for number in range(ROUNDS):
        await house.admin.post(path, json=representative("political", "Kaohsiung", email=f"second{number}@kaohsiung.example"))
        pair = [one["id"] for one in (await house.admin.get(path)).json()["items"] if one["role"] == "political"]
        asks = [partial(house.admin.delete, f"/v1/representatives/{one}", headers=MATCH) for one in pair]
        assert told(await at_once(*asks)) == {"ok": 1, "representatives-missing": 1}


async def test_of_many_renewals_and_drafts_at_once_one_is_made(house: House) -> None:
    cohort = await Cohort.found(house)
    member = await cohort.member("Kaohsiung")
    for number in range(ROUNDS):
        following = await Cohort.found(house, name=f"Term {number}")
        body = {"jurisdiction_id": member["jurisdiction_id"], "kind": "member"}
        renewals = [partial(take, house.admin, member, "renew", community_id=following.community["id"])] * 6
        drafts = [partial(house.admin.post, following.path, json=body)] * 6
        assert told(await at_once(*renewals, *drafts)) == {"ok": 1, "already-exists": 11}
        assert len((await house.admin.get(following.path)).json()["items"]) == 1


@dataclass
class Turmoil:
    """Two communities, and all that may happen to the same memberships at the same time."""

    house: House
    cohorts: list[Cohort]
    members: list[Json] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    @classmethod
    async def begin(cls, house: House) -> "Turmoil":
        made = cls(house, [await Cohort.found(house, capacity=4, name=name) for name in ("One", "Two")])
        for cohort in made.cohorts:
            first = await cohort.member(f"First of {cohort.community['name']}", until="signed")
            made.members += [first, *(await clone(house, first, "chair", 2)), *(await clone(house, first, "member", 4))]
        agreement = AgreementPut.model_validate(SIGNED)
        for row in await house.rows("SELECT jurisdiction_id, community_id, kind FROM membership ORDER BY id"):
            made.standings.append(Standing(row["jurisdiction_id"], row["community_id"], row["kind"], "active", agreement))
        made.people = [row["id"] for row in await house.rows("SELECT id::text FROM representative")]
        return made

    async def step(self) -> None:
        await insist(
            partial(take, self.house.admin, self.chance.choice(self.members), self.chance.choice(("activate", "suspend", "reinstate")))
        )

    async def name(self) -> None:
        where, body = f"/v1/representatives/{self.chance.choice(self.people)}", {"name": f"Name {self.chance.random()}"}
        await insist(partial(self.house.admin.patch, where, json=body, headers=MATCH))

    async def resize(self) -> None:
        where, body = f"/v1/communities/{self.chance.choice(self.cohorts).community['id']}", {"capacity": self.chance.randint(4, 6)}
        await insist(partial(self.house.admin.patch, where, json=body, headers=MATCH))

    async def sync(self) -> None:
        some = self.chance.sample(self.standings, 8)
        wanted = [replace(one, standing=self.chance.choice(("active", "suspended"))) for one in some]
        async with self.house.database.transaction() as session:
            await service.write_standings(session, ICLEI, await service.judge_standings(session, ICLEI, "iclei", wanted))

    async def end(self) -> None:
        async with self.house.database.transaction() as session:
            await service.end_term(session, UUID(self.cohorts[1].community["id"]), date(2099, 12, 31))

    async def check(self) -> None:
        for cohort in self.cohorts:
            community = (await self.house.admin.get(f"/v1/communities/{cohort.community['id']}")).json()
            shown = (await self.house.admin.get(cohort.path)).json()["items"]
            assert sum(one["status"] == "active" for one in shown) <= community["capacity"]
            chairs = [one["jurisdiction_id"] for one in shown if one["kind"] == "chair" and one["status"] in ("active", "suspended")]
            assert chairs == ([community["chair_jurisdiction_id"]] if community["chair_jurisdiction_id"] else [])


async def test_steps_sets_ends_and_representatives_at_once_never_wait_in_a_circle(house: House) -> None:
    turmoil = await Turmoil.begin(house)
    for number in range(ROUNDS):
        kinds = [turmoil.step] * 12 + [turmoil.name] * 6 + [turmoil.resize] * 2 + [turmoil.sync] * 4
        kinds += [turmoil.end] * (number == ROUNDS - 1)
        turmoil.chance.shuffle(kinds)
        await asyncio.wait_for(asyncio.gather(*(kind() for kind in kinds)), timeout=60)
        await turmoil.check()
    deadlocks = await house.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks[0]["deadlocks"] == 0
