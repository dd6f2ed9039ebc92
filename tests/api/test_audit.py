"""The audit: exactly one event per change, with who, through what, before, after, reason and request; read within one's rights."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.core.ledger.event import Event
from tests.fixtures.cohort import COMMUNITY, EXPRESSION, SIGNED, Cohort, representative
from tests.fixtures.house import House
from tests.fixtures.panel import Panel
from tests.fixtures.world import World

Json = dict[str, Any]
AUDIT = "/v1/audit"


async def audit(client: httpx.AsyncClient, **query: Any) -> list[Json]:
    """All pages."""
    found: list[Json] = []
    cursor: Json = {}
    while True:
        answer = await client.get(AUDIT, params={"limit": 200, **query, **cursor})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return found
        cursor = {"cursor": answer.json()["next_cursor"]}


@dataclass
class Clerk:
    """Does one thing after another as one client, and reads in the audit what was recorded of it."""

    client: httpx.AsyncClient
    actor: Json
    via: str

    async def do(self, method: str, path: str, body: Json | None, kind: str, states: str | None, **expected: Any) -> httpx.Response:
        """A request that must succeed; ``states`` names what its one event about a ``kind`` holds, None: nothing is recorded."""
        request_id = f"request-{uuid4().hex}"
        headers = {"X-Request-ID": request_id} | ({"If-Match": "*"} if method in ("PUT", "PATCH", "DELETE") else {})
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        assert answer.headers["x-request-id"] == request_id
        told = [entry for entry in await audit(self.client) if entry["request_id"] == request_id and entry["type"] != "person.invited"]
        where = f"{method} {path}: {[entry['type'] for entry in told]}"
        assert {entry["subject"]["kind"] for entry in told} <= {kind, "person"}, where
        about = [entry for entry in told if entry["subject"]["kind"] == kind]
        if states is None:
            assert not told, where
            return answer
        [entry] = about
        assert (entry["actor"], entry["via"]) == (self.actor, self.via), where
        assert [name for name in ("before", "after") if entry[name] is not None] == states.split(), where
        assert {name: entry[name] for name in expected} == expected, where
        return answer


@pytest.fixture
async def clerk(house: House) -> Clerk:
    """The secretariat's client, under the name that events give it."""
    made = (await house.admin.post("/v1/communities", json=COMMUNITY)).json()
    [entry] = await audit(house.admin, subject=made["id"])
    key_id = house.admin.headers["x-api-key"].split("_")[2]
    assert entry["actor"]["kind"] == "platform"
    assert entry["via"] == f"key:{key_id}"
    return Clerk(house.admin, entry["actor"], entry["via"])


async def test_every_change_of_a_jurisdiction_or_a_community_is_one_event(clerk: Clerk) -> None:
    city = {"name": "Kaohsiung", "level": "city", "country": "TW"}
    where = (await clerk.do("POST", "/v1/jurisdictions", city, "jurisdiction", "after")).headers["location"]
    await clerk.do("PATCH", where, {"population": 5}, "jurisdiction", "before after")
    await clerk.do("PATCH", where, {"population": 5}, "jurisdiction", None)
    await clerk.do("PUT", where, city, "jurisdiction", "before after")
    await clerk.do("PUT", where, city, "jurisdiction", None)
    where = (await clerk.do("POST", "/v1/communities", COMMUNITY, "community", "after")).headers["location"]
    await clerk.do("PATCH", where, {"capacity": 14}, "community", "before after")
    await clerk.do("PATCH", where, {"capacity": 14}, "community", None)
    await clerk.do("PUT", where, COMMUNITY, "community", "before after")
    await clerk.do("PUT", where, COMMUNITY, "community", None)


async def test_every_change_of_a_membership_and_its_people_is_one_event(house: House, clerk: Clerk) -> None:
    cohort = await Cohort.found(house)
    draft = {"jurisdiction_id": await cohort.jurisdiction("Kaohsiung"), "kind": "member", "expression": EXPRESSION}
    where = (await clerk.do("POST", cohort.path, draft, "membership", "after", action="draft")).headers["location"]
    await clerk.do("PATCH", where, {"kind": "observer"}, "membership", "before after", action="amend")
    await clerk.do("PATCH", where, {"kind": "observer"}, "membership", None)
    named = representative("technical")
    await clerk.do("POST", f"{where}/representatives", representative("political"), "representative", "after", action="name")
    person = (await clerk.do("POST", f"{where}/representatives", named, "representative", "after", action="name")).headers["location"]
    await clerk.do("PATCH", person, {"max_load": 2}, "representative", "before after", action="amend")
    await clerk.do("PATCH", person, {"max_load": 2}, "representative", None)
    await clerk.do("PUT", person, named | {"languages": ["ja"]}, "representative", "before after", action="amend")
    first = await house.admin.put(f"{where}/agreement", json=SIGNED)
    assert first.status_code == 200
    [entry] = await audit(house.admin, type="agreement.changed")
    assert (entry["request_id"], entry["via"]) == (first.headers["x-request-id"], clerk.via)
    assert entry["before"] != entry["after"]
    await clerk.do("PUT", f"{where}/agreement", SIGNED, "agreement", None)
    await clerk.do("PUT", f"{where}/agreement", {"signatories": []}, "agreement", "before after")
    await clerk.do("PUT", f"{where}/agreement", SIGNED, "agreement", "before after")
    for action in ("submit", "review", "invite", "send_agreement", "sign", "activate", "suspend", "reinstate", "withdraw"):
        step = {"action": action, "reason": f"so that it is {action}"}
        path = f"{where}/transitions"
        await clerk.do("POST", path, step, "membership", "before after", action=action, reason=step["reason"])
    await clerk.do("DELETE", person, None, "representative", "before", action="remove")


async def test_every_change_of_a_person_or_a_client_is_one_event(clerk: Clerk) -> None:
    someone = {"email": "someone@city.example", "name": "Someone"}
    where = (await clerk.do("POST", "/v1/people", someone, "person", "after", action="create")).headers["location"]
    await clerk.do("PATCH", where, {"roles": [{"role": "reviewer"}]}, "person", "before after", action="amend")
    await clerk.do("PATCH", where, {"roles": [{"role": "reviewer"}]}, "person", None)
    await clerk.do("DELETE", where, None, "person", "before", action="remove")
    client = {"name": "a platform", "scopes": ["practices:read"], "jurisdiction_ids": ["*"]}
    where = (await clerk.do("POST", "/v1/api-clients", client, "client", "after")).headers["location"]
    key = (await clerk.do("POST", f"{where}/keys", None, "client", "after")).json()
    await clerk.do("DELETE", f"{where}/keys/{key['key_id']}", None, "client", "before")
    await clerk.do("DELETE", where, None, "client", "before")


async def test_what_a_person_does_is_recorded_with_their_session(house: House) -> None:
    panel = Panel(house, await Cohort.found(house), {})
    city = await panel.cohort.jurisdiction("Kaohsiung")
    person = await World(house, panel).person("mayor", {"role": "jurisdiction_admin", "jurisdiction_id": city})
    assert (await person.patch(f"/v1/jurisdictions/{city}", json={"population": 7}, headers={"If-Match": "*"})).status_code == 200
    entry = (await audit(person, type="jurisdiction.changed"))[-1]
    assert (entry["actor"]["kind"], entry["via"].partition(":")[0]) == ("person", "session")
    assert entry["after"]["population"] == 7


async def test_who_may_not_read_the_audit_is_refused(house: House, anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(AUDIT)).status_code == 401
    for scope in ("memberships:write", "practices:write", "reviews:write"):
        assert (await (await house.platform(scope)).get(AUDIT)).status_code == 403
    reviewer = await World(house, Panel(house, await Cohort.found(house), {})).person("reviewer", {"role": "reviewer"})
    assert (await reviewer.get(AUDIT)).status_code == 403


async def test_the_audit_is_filtered_and_paged(house: House) -> None:
    cohort = await Cohort.found(house)
    first = await cohort.jurisdiction("Kaohsiung")
    await house.shift(days=3)
    middle = datetime.now(UTC) + timedelta(days=2)
    member = await cohort.member("Yokohama")
    everything = await audit(house.admin)
    assert [entry["id"] for entry in everything] == sorted(entry["id"] for entry in everything)
    assert [entry["id"] for entry in await audit(house.admin, limit=3)] == [entry["id"] for entry in everything]
    assert {entry["subject"]["id"] for entry in await audit(house.admin, subject=first)} == {first}
    steps = await audit(house.admin, subject=member["id"], type="membership.status_changed")
    assert [entry["action"] for entry in steps] == ["review", "invite", "send_agreement", "sign", "activate"]
    later = await audit(house.admin, since=middle.isoformat())
    assert first not in {entry["subject"]["id"] for entry in later}
    assert [*await audit(house.admin, until=middle.isoformat()), *later] == everything
    mine = everything[-1]["actor"]
    by_kind = await audit(house.admin, actor=f"{mine['kind']}:{mine['id']}")
    assert by_kind == await audit(house.admin, actor=mine["id"]) == [entry for entry in everything if entry["actor"] == mine]
    assert await audit(house.admin, actor=f"person:{mine['id']}") == []
    assert await audit(house.admin, actor="nobody", since=middle.isoformat(), type="x", subject=first) == []
    counted = await house.admin.get(AUDIT, params={"include": "total", "limit": 1})
    assert counted.json()["total"] == len(everything)
    tag = (await house.admin.get(AUDIT, params={"limit": 1})).headers["etag"]
    unchanged = await house.admin.get(AUDIT, params={"limit": 1}, headers={"If-None-Match": tag})
    assert unchanged.status_code == 304


@pytest.mark.parametrize(
    "query",
    [
        "subject=x",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=9999-12-31T23:59:59-14:00",
        "limit=0",
        "who=me",
    ],
)
async def test_a_filter_that_does_not_fit_is_refused(house: House, query: str) -> None:
    assert (await house.admin.get(f"{AUDIT}?{query}")).status_code == 422


AUTHOR_SIDE = {
    "agreement.changed", "commitment.assessed", "commitment.made", "commitment.progress_reported", "commitment.revised",
    "commitment.weakened", "community.changed", "jurisdiction.band_changed", "jurisdiction.changed",
    "membership.changed", "membership.expressed_interest", "membership.status_changed",
    "practice.assessed", "practice.changed", "practice.decided", "practice.returned", "practice.submitted", "practice.withdrawn",
    "recognition.granted", "recognition.revoked", "representative.changed",
}  # fmt: skip
"""What a jurisdiction may read. Before a line is added: does it tell who reviews, how many were asked, or when they acted?"""


def test_what_a_jurisdiction_may_read_is_said_class_by_class() -> None:
    kinds = set(Event.__subclasses__())
    assert {kind.type for kind in kinds if kind.author_side} == AUTHOR_SIDE
    hidden = {kind.type for kind in kinds if not kind.author_side}
    assert {"review.requested", "review.accepted", "assignment.made", "practice.decision_made", "practice.review_begun"} <= hidden


async def test_who_reviews_is_in_no_event_that_an_author_can_see(house: House) -> None:
    panel = await Panel.open(house, cities=4)
    practice = await panel.in_review()
    requests = await panel.requests(practice)
    await panel.review_all(practice, 9, 9, 9)
    await panel.tick()
    world = World(house, panel)
    own, here = panel.cities["Kaohsiung"]["jurisdiction_id"], panel.cohort.community["id"]
    author = await world.person("mayor", {"role": "jurisdiction_admin", "jurisdiction_id": own})
    chair = await world.person("chair", {"role": "chair", "community_id": here})
    both = await world.person("both", {"role": "chair", "community_id": here}, {"role": "jurisdiction_admin", "jurisdiction_id": own})
    secretariat = await world.person("secretariat", {"role": "secretariat", "community_id": here})
    stranger = await world.person("stranger", {"role": "secretariat", "community_id": (await Cohort.found(house)).community["id"]})
    everything = await audit(house.admin)
    assert {"review.requested", "review.accepted", "review.submitted", "practice.decision_made"} <= {entry["type"] for entry in everything}
    secrets = {entry["actor"]["id"] for entry in everything if entry["actor"]["kind"] == "reviewer"}
    secrets |= {request["id"] for request in requests}
    for reader in (author, chair, both):
        seen = await audit(reader)
        assert {entry["type"] for entry in seen} <= AUTHOR_SIDE
        assert {"practice.submitted", "practice.decided", "recognition.granted"} <= {entry["type"] for entry in seen}
        text = str(seen)
        assert not [secret for secret in secrets if secret in text]
    assert {entry["jurisdiction_id"] for entry in await audit(author)} == {own}
    assert len({entry["jurisdiction_id"] for entry in await audit(chair)}) > 1
    assert {entry["community_id"] for entry in await audit(secretariat)} == {here}
    assert "assignment.made" in {entry["type"] for entry in await audit(secretariat)}
    assert {entry["subject"]["kind"] for entry in await audit(stranger)} == {"community"}
    assert await audit(author, subject=requests[0]["id"]) == []
    assert await audit(author, type="review.requested") == []
