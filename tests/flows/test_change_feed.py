"""Who only ever follows the change feed ends with the state of the database, however writers commit."""

import asyncio
import copy
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import BigInteger, select
from sqlalchemy.sql.selectable import Select

from services.core.communities import service as communities
from services.core.communities.queries import changes as feed_queries
from services.core.communities.schemas import (
    AgreementPut,
    MembershipCreate,
    MembershipPatch,
    MembershipTransition,
    RepresentativeCreate,
    RepresentativePatch,
)
from services.core.jurisdictions import service as jurisdictions
from services.core.jurisdictions.schemas import JurisdictionCreate, JurisdictionPatch
from services.core.kit.actor import SYSTEM
from services.core.kit.db import Database, Session
from services.core.kit.statements import param
from services.core.ledger.feed import Feed
from services.core.ledger.models import EventRow
from tests.fixtures.cohort import EXPRESSION, SIGNED, Cohort, representative
from tests.fixtures.house import House

Json = dict[str, Any]
CHANGES = "/v1/membership/changes"
WRITERS = 8
CHANGES_EACH = 260
SEED = 20250321


class ChangedMyMindError(Exception):
    """A transaction that is rolled back after everything was written."""


class Traffic:
    """Who is slow waits, inside an open transaction, until others have committed some more."""

    def __init__(self, writers: int) -> None:
        self.commits = 0
        self.held = 0
        self._running = writers
        self._slow: list[tuple[int, asyncio.Event]] = []

    async def hold(self, commits: int) -> None:
        """Wait for ``commits`` commits of others; at once when too few others are left to make them."""
        if self._running - len(self._slow) > WRITERS // 2:
            self.held += 1
            released = asyncio.Event()
            self._slow.append((self.commits + commits, released))
            await released.wait()

    def committed(self) -> None:
        self.commits += 1
        self._release()

    def finished(self) -> None:
        self._running -= 1
        self._release()

    def _release(self) -> None:
        is_alone = self._running <= len(self._slow)
        for entry in list(self._slow):
            if is_alone or entry[0] <= self.commits:
                self._slow.remove(entry)
                entry[1].set()


@dataclass
class Member:
    """What a writer knows of a member that it writes."""

    jurisdiction: UUID
    membership: UUID
    status: str
    representatives: list[UUID] = field(default_factory=list)


@dataclass
class Writer:
    """Changes what is its own: jurisdictions, and their memberships and representatives in a community of its own."""

    database: Database
    traffic: Traffic
    chance: random.Random
    community: UUID
    members: list[Member] = field(default_factory=list)
    changes: int = 0
    rolled_back: int = 0

    async def prepare(self) -> None:
        """Three members that are ready to be activated."""
        for _ in range(3):
            async with self.database.transaction() as session:
                member = await self._new_member(session)
                for role in ("political", "technical"):
                    await self._name(session, member, role)
                agreement = AgreementPut.model_validate(SIGNED)
                await communities.put_agreement(session, SYSTEM, member.membership, agreement, version=None, matches=False)
                for action in ("submit", "review", "invite", "send_agreement", "sign"):
                    await self._step(session, member, action)
                member.status = "signed"
                self.members.append(member)

    async def run(self) -> None:
        """Write until enough has changed; some transactions are slow, some are rolled back."""
        try:
            while self.changes < CHANGES_EACH:
                members, done = copy.deepcopy(self.members), self.chance.randint(1, 3)
                try:
                    await self._write(members, done)
                except ChangedMyMindError:
                    self.rolled_back += 1
                else:
                    self.members = members
                    self.changes += done
                    self.traffic.committed()
        finally:
            self.traffic.finished()

    async def _write(self, members: list[Member], count: int) -> None:
        async with self.database.transaction() as session:
            for _ in range(count):
                await self._change(session, members)
            mood = self.chance.random()
            if mood < 0.1:
                session.before_commit.append(self._hold)
            elif mood < 0.2:
                session.before_commit.append(self._change_mind)

    async def _hold(self, _: Session) -> None:
        await self.traffic.hold(self.chance.randint(1, 12))

    async def _change_mind(self, _: Session) -> None:
        await asyncio.sleep(0)
        raise ChangedMyMindError

    async def _change(self, session: Session, members: list[Member]) -> None:
        member = self.chance.choice(members)
        what = self.chance.randrange(10)
        if what == 0 and len(members) < 15:
            members.append(await self._new_member(session))
        elif what in (1, 2) and member.status in ("signed", "active", "suspended"):
            await self._move(session, member)
        elif what in (3, 4) and member.status == "draft":
            patch = MembershipPatch.model_validate({"expression": EXPRESSION | {"motivation": str(uuid4())}})
            await communities.amend_membership(session, SYSTEM, member.membership, patch, None)
        elif what in (5, 6) and member.status != "withdrawn" and len(member.representatives) < 5:
            await self._name(session, member, "communications")
        elif what in (7, 8) and member.representatives:
            await self._touch_representative(session, member)
        else:
            patch_of_facts = JurisdictionPatch.model_validate({"website": f"https://city.example/{uuid4()}"})
            await jurisdictions.amend(session, SYSTEM, member.jurisdiction, patch_of_facts, None)

    async def _new_member(self, session: Session) -> Member:
        given = JurisdictionCreate.model_validate({"name": f"City {uuid4().hex[:8]}", "level": "city", "country": "TW"})
        jurisdiction = await jurisdictions.create(session, SYSTEM, given)
        draft = MembershipCreate.model_validate({"jurisdiction_id": str(jurisdiction), "kind": "member", "expression": EXPRESSION})
        return Member(jurisdiction, await communities.draft_membership(session, SYSTEM, self.community, draft), "draft")

    async def _move(self, session: Session, member: Member) -> None:
        ways = {"signed": {"activate": "active"}, "suspended": {"reinstate": "active"}}
        ways["active"] = {"suspend": "suspended"} if self.chance.random() < 0.7 else {"withdraw": "withdrawn"}
        [(action, status)] = ways[member.status].items()
        await self._step(session, member, action)
        member.status = status

    async def _step(self, session: Session, member: Member, action: str) -> None:
        step = MembershipTransition.model_validate({"action": action, "reason": "it had to be"})
        await communities.take_step(session, SYSTEM, member.membership, step)

    async def _name(self, session: Session, member: Member, role: str) -> None:
        given = RepresentativeCreate.model_validate(representative(role, email=f"{uuid4().hex}@city.example"))
        member.representatives.append(await communities.name_representative(session, SYSTEM, member.membership, given))

    async def _touch_representative(self, session: Session, member: Member) -> None:
        one = self.chance.choice(member.representatives)
        if self.chance.random() < 0.4 and member.representatives.index(one) >= 2:
            await communities.remove_representative(session, SYSTEM, one, None)
            member.representatives.remove(one)
        else:
            patch = RepresentativePatch.model_validate({"name": f"Someone {uuid4().hex[:8]}"})
            await communities.amend_representative(session, SYSTEM, one, patch, None)


class Consumer:
    """Follows the feed and knows nothing else."""

    def __init__(self, client: httpx.AsyncClient, chance: random.Random) -> None:
        self.client = client
        self.state: dict[tuple[str, str], Json] = {}
        self.deleted = 0
        self._chance = chance
        self._cursor: str | None = None

    async def read(self) -> bool:
        """One page of random size; whether there was anything on it."""
        cursor = {"cursor": self._cursor} if self._cursor else {}
        answer = await self.client.get(CHANGES, params={"limit": self._chance.randint(1, 15), **cursor})
        assert answer.status_code == 200, answer.text
        for item in answer.json()["items"]:
            key = (item["resource"], item["id"])
            if item["op"] == "upsert":
                self.state[key] = item["data"]
            else:
                self.deleted += 1
                self.state.pop(key, None)
        self._cursor = answer.json()["next_cursor"]
        return bool(answer.json()["items"])

    async def follow(self, writers: "asyncio.Future[Any]") -> None:
        """Read at random moments until the writers have finished, then to the end."""
        while not writers.done():
            await self.read()
            for _ in range(self._chance.randrange(40)):
                await asyncio.sleep(0)
        while await self.read():
            pass


async def items(client: httpx.AsyncClient, path: str) -> list[Json]:
    """All of a list; nothing where the caller may not read it."""
    found: list[Json] = []
    query: Json = {"limit": 200}
    while True:
        answer = await client.get(path, params=query)
        if answer.status_code == 404:
            return []
        found += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return found
        query["cursor"] = answer.json()["next_cursor"]


async def state_of(client: httpx.AsyncClient) -> dict[tuple[str, str], Json]:
    """What the API answers this caller."""
    state = {("jurisdiction", each["id"]): each for each in await items(client, "/v1/jurisdictions")}
    for community in await items(client, "/v1/communities"):
        for membership in await items(client, f"/v1/communities/{community['id']}/memberships"):
            state["membership", membership["id"]] = membership
            named = await items(client, f"/v1/memberships/{membership['id']}/representatives")
            state |= {("representative", each["id"]): each for each in named}
    return state


async def test_who_only_follows_the_feed_ends_with_the_state_of_the_database(house: House) -> None:
    traffic = Traffic(WRITERS)
    places = [(await Cohort.found(house, capacity=1000)).community["id"] for _ in range(WRITERS)]
    writers = [Writer(house.database, traffic, random.Random(SEED + n), UUID(place)) for n, place in enumerate(places)]
    for writer in writers:
        await writer.prepare()
    own = [writer.members[0].jurisdiction for writer in writers[:3]]
    bound = await house.platform("memberships:read", jurisdictions=[str(each) for each in own])
    consumers = [Consumer(client, random.Random(SEED)) for client in (house.admin, bound)]
    writing = asyncio.gather(*(writer.run() for writer in writers))
    await asyncio.gather(writing, *(consumer.follow(writing) for consumer in consumers))

    assert sum(writer.changes for writer in writers) >= 2_000
    assert (await house.rows("SELECT count(*) FROM event WHERE subject IN ('jurisdiction', 'membership', 'representative')"))[0][0] >= 2_000
    assert min(writer.rolled_back for writer in writers) > 0
    assert traffic.held > 50
    disorder = "SELECT count(*) FROM (SELECT xid, lag(xid) OVER (ORDER BY seq) AS before FROM event) e WHERE xid < before"
    assert (await house.rows(disorder))[0][0] > 50, "events are numbered in another order than they commit"
    for consumer in consumers:
        truth = await state_of(consumer.client)
        assert consumer.state.keys() == truth.keys()
        assert consumer.state == truth
        assert consumer.deleted > 0, "some of what was told before is gone"
        assert {kind for kind, _ in truth} == {"jurisdiction", "membership", "representative"}
    everything, mine = consumers
    assert len(everything.state) > len(mine.state) > len(own)


class NaiveFeed(Feed):
    """A feed that follows the number of events: what the one above must be able to tell from ours."""

    def _next(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(self._is_mine, EventRow.seq > param("seq", BigInteger)).order_by(EventRow.seq)


@pytest.mark.parametrize("is_naive", [False, True])
async def test_a_consumer_of_a_feed_by_number_alone_would_miss_what_commits_late(
    house: House, monkeypatch: pytest.MonkeyPatch, *, is_naive: bool
) -> None:
    if is_naive:
        naive = NaiveFeed("membership", "jurisdiction", "membership", "representative", resync=())
        statement = naive.statement(feed_queries._known, feed_queries._tell)
        monkeypatch.setattr(feed_queries, "_CHANGES", statement)
    consumer = Consumer(house.admin, random.Random(SEED))
    has_written, may_commit = asyncio.Event(), asyncio.Event()

    async def hold(_: Session) -> None:
        has_written.set()
        await may_commit.wait()

    async def write_slowly() -> None:
        async with house.database.transaction() as session:
            await jurisdictions.create(
                session, SYSTEM, JurisdictionCreate.model_validate({"name": "Late", "level": "city", "country": "TW"})
            )
            session.before_commit.append(hold)

    slow = asyncio.create_task(write_slowly())
    await has_written.wait()
    await (await Cohort.found(house)).jurisdiction("Early")
    await consumer.read()
    may_commit.set()
    await slow
    while await consumer.read():
        pass
    truth = await state_of(house.admin)
    assert {each["name"] for each in truth.values()} == {"Late", "Early"}
    assert (consumer.state == truth) is not is_naive
