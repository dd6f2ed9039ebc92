"""Batches through HTTP: the envelope, one result per item, small ones at once and large ones as jobs."""

from typing import Any

import httpx
import pytest

from tests.fixtures.batches import PATH, events, item, member, send, told
from tests.fixtures.cohort import SIGNED, Cohort, representative
from tests.fixtures.house import House

Json = dict[str, Any]
UNKNOWN = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
async def iclei(house: House) -> httpx.AsyncClient:
    """The registry's client."""
    return await house.platform("sync:write", "jurisdictions:read", "memberships:read")


async def test_what_is_new_is_created_what_differs_is_updated_and_the_rest_is_left_alone(house: House, iclei: httpx.AsyncClient) -> None:
    first = await told(house, iclei, [item(1), item(2), item(3)])
    assert first["counts"] == {"created": 3, "updated": 0, "unchanged": 0, "error": 0}
    assert [each["version"] for each in first["results"]] == [1, 1, 1]
    second = await told(house, iclei, [item(3), item(2, population=5), item(4)])
    assert [each["status"] for each in second["results"]] == ["unchanged", "updated", "created"]
    assert [each["version"] for each in second["results"]] == [1, 2, 1]
    assert [each["external_id"] for each in second["results"]] == ["C3", "C2", "C4"]
    stored = (await iclei.get(f"/v1/jurisdictions/{second['results'][1]['id']}")).json()
    assert (stored["population"], stored["version"], stored["external_ids"]) == (5, 2, [{"source": "iclei", "value": "C2"}])
    assert second["results"][0]["id"] == first["results"][2]["id"]


async def test_a_batch_needs_an_idempotency_key_and_answers_the_same_again(house: House, iclei: httpx.AsyncClient) -> None:
    body = {"source": "iclei", "mode": "merge", "items": [item(1)]}
    bare = await iclei.post(PATH, json=body)
    assert (bare.status_code, bare.json()["code"]) == (400, "idempotency-key-needed")
    assert await events(house, "jurisdiction.changed") == 0
    first = await send(iclei, [item(1)], key="again")
    second = await send(iclei, [item(1)], key="again")
    assert (first.status_code, second.status_code, second.json()) == (200, 200, first.json())
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json()["counts"]["created"] == 1
    other = await send(iclei, [item(2)], key="again")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_only_who_syncs_hands_over_batches(house: House, anonymous: httpx.AsyncClient) -> None:
    reader = await house.platform("jurisdictions:write", "memberships:write")
    assert (await send(anonymous, [item(1)])).status_code == 401
    refused = await send(reader, [item(1)])
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await send(house.admin, [item(1)])).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": {}}, "/items"),
        ({"mode": "overwrite"}, "/mode"),
        ({"max_deactivations": 1.5}, "/max_deactivations"),
        ({"max_deactivations": "0.05"}, "/max_deactivations"),
        ({"dry_run": "yes"}, "/dry_run"),
        ({"source": "Not a source"}, "/source"),
        ({"colour": "green"}, "/colour"),
    ],
)
async def test_the_envelope_is_refused_as_a_whole(iclei: httpx.AsyncClient, change: Json, pointer: str) -> None:
    body = {"source": "iclei", "mode": "merge", "items": [item(1)]} | change
    answer = await iclei.post(PATH, json=body, headers={"Idempotency-Key": "envelope"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_every_bad_item_says_why_and_where_and_spoils_no_other(house: House, iclei: httpx.AsyncClient) -> None:
    community = (await Cohort.found(house)).community["id"]

    def standing(number: int, **fields: Any) -> Json:
        return item(number) | {"membership": {"community_id": community, "kind": "member", "standing": "active"} | fields}

    bad: list[tuple[Any, str, str]] = [
        (item(1, country="XX"), "invalid-body", "/jurisdiction"),
        (item(2, population="many"), "invalid-body", "/jurisdiction/population"),
        (item(3, colour="green"), "invalid-body", "/jurisdiction/colour"),
        (item(4) | {"external_id": ""}, "invalid-body", "/external_id"),
        (item(5) | {"external_id": 5}, "invalid-body", "/external_id"),
        (item(6) | {"external_id": "x" * 201}, "invalid-body", "/external_id"),
        ({"external_id": "C7"}, "invalid-body", "/jurisdiction"),
        ("C8", "invalid-body", ""),
        (item(9) | {"if_version": 3}, "version-mismatch", "/if_version"),
        (item(10) | {"if_version": "3"}, "invalid-body", "/if_version"),
        (item(11) | {"colour/": 1}, "invalid-body", "/colour~1"),
        (item(12) | {"representatives": [representative("political")]}, "invalid-body", "/representatives"),
        (standing(13, community_id=UNKNOWN), "invalid-body", "/membership/community_id"),
        (standing(14, kind="boss"), "invalid-body", "/membership/kind"),
        (standing(15), "agreement-incomplete", "/membership"),
        (item(0), "duplicate-item", "/external_id"),
        (item(17, parent_id=UNKNOWN), "invalid-body", "/jurisdiction/parent_id"),
        (item(18, external_ids=[{"source": "wikidata", "value": "nonsense"}]), "invalid-body", "/jurisdiction"),
        (item(19, name="a\nb"), "invalid-body", "/jurisdiction/name"),
    ]  # fmt: skip
    items = [item(0), *(each for each, _, _ in bad), item(99)]
    result = await told(house, iclei, items)
    assert result["counts"] == {"created": 2, "updated": 0, "unchanged": 0, "error": len(bad)}
    assert [result["results"][0]["status"], result["results"][-1]["status"]] == ["created", "created"]
    for index, (_, code, pointer) in enumerate(bad, 1):
        one = result["results"][index]
        assert (one["status"], one["id"], one["version"]) == ("error", None, None)
        problem = one["problem"]
        assert (index, problem["code"], problem["status"] >= 400) == (index, code, True)
        assert problem["errors"][0]["pointer"].startswith(f"/items/{index}{pointer}"), (index, problem)
    assert len(await house.rows("SELECT id FROM jurisdiction")) == 2
    assert [result["results"][index]["external_id"] for index in (4, 5, 6, 8)] == [None] * 4


async def test_an_item_is_taken_whole_or_not_at_all(house: House, iclei: httpx.AsyncClient) -> None:
    community = (await Cohort.found(house, capacity=1)).community["id"]
    result = await told(house, iclei, [member(1, community), member(2, community), item(3)])
    assert [each["status"] for each in result["results"]] == ["created", "error", "created"]
    assert result["results"][1]["problem"]["code"] == "capacity-reached"
    assert result["results"][1]["problem"]["errors"][0]["pointer"] == "/items/1/membership"
    names = [row["name"] for row in await house.rows("SELECT name FROM jurisdiction ORDER BY name")]
    assert names == ["City 1", "City 3"]
    listed = (await iclei.get(f"/v1/communities/{community}/memberships")).json()["items"]
    assert [(each["status"], each["jurisdiction_id"]) for each in listed] == [("active", result["results"][0]["id"])]
    assert await events(house, "membership.status_changed") == 1


async def test_a_standing_goes_on_changes_and_ends(house: House, iclei: httpx.AsyncClient) -> None:
    community = (await Cohort.found(house)).community["id"]
    await told(house, iclei, [member(1, community)])
    for standing, status in (("suspended", "suspended"), ("active", "active"), ("withdrawn", "withdrawn")):
        result = await told(house, iclei, [member(1, community, standing=standing)])
        assert (result["results"][0]["status"], result["results"][0]["version"]) == ("updated", 1)
        assert [row["status"] for row in await house.rows("SELECT status FROM membership")] == [status]
    assert (await told(house, iclei, [member(1, community, standing="withdrawn")]))["counts"]["unchanged"] == 1


async def test_what_is_repeated_is_unchanged_and_a_change_by_hand_is_never_hidden(house: House, iclei: httpx.AsyncClient) -> None:
    community = (await Cohort.found(house)).community["id"]
    sent = [member(1, community), item(2)]
    first = await told(house, iclei, sent)
    before = await events(house)
    again = await told(house, iclei, sent)
    assert (again["counts"]["unchanged"], await events(house)) == (2, before)
    assert [(each["id"], each["version"]) for each in again["results"]] == [(each["id"], each["version"]) for each in first["results"]]
    city = f"/v1/jurisdictions/{first['results'][1]['id']}"
    changed = await house.admin.patch(city, json={"population": 7}, headers={"If-Match": "*"})
    assert changed.status_code == 200
    assert (await told(house, iclei, sent))["results"][1]["status"] == "updated"
    assert (await house.admin.get(city)).json()["population"] == 100_002
    where = (await house.admin.get(f"/v1/communities/{community}/memberships")).json()["items"][0]["id"]
    person = (await house.admin.get(f"/v1/memberships/{where}/representatives")).json()["items"][0]
    by_hand = {"name": "Somebody Else"}
    renamed = await house.admin.patch(f"/v1/representatives/{person['id']}", json=by_hand, headers={"If-Match": "*"})
    assert renamed.status_code == 200
    assert (await told(house, iclei, sent))["results"][0]["status"] == "updated"
    other = SIGNED | {"document": None}
    assert (await house.admin.put(f"/v1/memberships/{where}/agreement", json=other, headers={"If-Match": "*"})).status_code == 200
    assert (await told(house, iclei, sent))["results"][0]["status"] == "updated"
    assert (await told(house, iclei, sent))["counts"]["unchanged"] == 2


async def test_a_withdrawal_is_asked_anew_each_time(house: House, iclei: httpx.AsyncClient) -> None:
    cohort = await Cohort.found(house)
    gone = member(1, cohort.community["id"], standing="withdrawn")
    made = (await told(house, iclei, [gone]))["results"][0]
    draft = await house.admin.post(cohort.path, json={"jurisdiction_id": made["id"], "kind": "member"})
    assert draft.status_code == 201
    assert (await told(house, iclei, [gone]))["results"][0]["status"] == "updated"
    assert [row["status"] for row in await house.rows("SELECT status FROM membership")] == ["withdrawn"]


async def test_if_version_guards_an_item(house: House, iclei: httpx.AsyncClient) -> None:
    await told(house, iclei, [item(1), item(2)])
    result = await told(house, iclei, [item(1, population=1) | {"if_version": 1}, item(2, population=2) | {"if_version": 7}])
    assert [each["status"] for each in result["results"]] == ["updated", "error"]
    assert result["results"][1]["problem"]["code"] == "version-mismatch"
    assert result["results"][1]["problem"]["errors"][0]["pointer"] == "/items/1/if_version"
    stale = await told(house, iclei, [item(1, population=1) | {"if_version": 1}])
    assert stale["results"][0]["problem"]["code"] == "version-mismatch"


async def test_a_dry_run_tells_everything_and_changes_nothing(house: House, iclei: httpx.AsyncClient) -> None:
    community = (await Cohort.found(house)).community["id"]
    await told(house, iclei, [item(1)])
    before = [await events(house), len(await house.rows("SELECT id FROM task")), await house.rows("SELECT * FROM sync_item")]
    sent = [item(1, population=9), member(2, community), item(3, country="XX"), item(1)]
    dry = await told(house, iclei, sent, dry_run=True)
    assert [(each["status"], each["version"]) for each in dry["results"]] == [
        ("updated", 2), ("created", 1), ("error", None), ("error", None),
    ]  # fmt: skip
    assert (dry["dry_run"], dry["results"][1]["id"]) == (True, None)
    after = [await events(house), len(await house.rows("SELECT id FROM task")), await house.rows("SELECT * FROM sync_item")]
    assert (after, len(await house.rows("SELECT id FROM jurisdiction"))) == (before, 1)
    wet = await told(house, iclei, sent)
    assert [each["status"] for each in wet["results"]] == [each["status"] for each in dry["results"]]


async def test_a_bound_platform_syncs_its_own_only(house: House, iclei: httpx.AsyncClient) -> None:
    made = await told(house, iclei, [item(1), item(2)])
    own = await house.platform("sync:write", jurisdictions=[made["results"][0]["id"]])
    result = await told(house, own, [item(1, population=1), item(2, population=2), item(3)])
    assert [each["status"] for each in result["results"]] == ["updated", "error", "error"]
    assert [each["problem"]["code"] for each in result["results"][1:]] == ["not-found", "forbidden"]
    replaced = await send(own, [item(1)], mode="replace")
    assert (replaced.status_code, replaced.json()["code"]) == (403, "forbidden")
