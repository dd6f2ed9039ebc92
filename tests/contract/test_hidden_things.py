"""What somebody may not see is, for them, like what does not exist: in paths, bodies, filters, batches, cursors and methods."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.contract.operations import OPERATIONS, Operation
from tests.contract.test_authorization import _filled, _try, matrix
from tests.contract.test_authorization import nothing_is_kept as nothing_is_kept  # noqa: PLC0414  a fixture
from tests.fixtures.house import House
from tests.fixtures.world import ACTORS, World

Json = dict[str, Any]
Expected = Mapping[str, Mapping[str, str]]

SHOWN_BY = {
    "membership": "get_membership",
    "representative": "get_representative",
    "commitment": "get_commitment",
    "report": "get_progress_report",
    "draft_call": "get_call",
    "draft": "get_practice",
    "disputed": "get_practice",
    "asked": "get_practice",
    "request": "get_review_request",
    "reviewed_request": "get_review_request",
    "client": "get_api_client",
    "key": "get_api_client",
    "person": "get_person",
    "task": "list_tasks",
    "job": "get_job",
    "evidence": "get_evidence",
    "unpublished_evidence": "get_evidence",
    "requested_evidence": "get_evidence",
}
"""Hidden object -> the operation whose row says who sees it."""
ALSO = {("request", "secretariat here"), ("reviewed_request", "secretariat here")}
"""Who assigns reviewers in a community reads in its audit that they were asked."""
STRANGERS = ("city admin elsewhere", "writes another", "secretariat there")
VARIES = {"date", "x-request-id", "ratelimit"}
HIDDEN = {
    "jurisdiction_id": "own",
    "call_id": "draft_call",
    "practice_id": "draft",
    "interim_of": "commitment",
    "commitment_ids": "commitment",
    "subject": "commitment",
    "evidence_id": "evidence",
}
"""Member or filter that is an id -> the hidden object that a stranger would put there."""
PUBLIC_IDS = {"community_id", "parent_id", "jurisdiction_id"}
"""Ids of what everyone may read: what a filter by them finds is what the caller may see of it."""


def betrayed(world: World, expected: Expected, actor: str, operation: Operation, answer: httpx.Response) -> list[str]:
    """The hidden objects whose ids a read tells an actor who may not see them."""
    if not answer.is_success or operation.method != "GET":
        return []
    told = answer.text
    if operation.path.endswith("/changes"):  # a membership that was public is told as gone
        kept = [each for each in answer.json()["items"] if (each["op"], each["resource"]) != ("delete", "membership")]
        told = str(kept)
    decides = expected["decide_practice"][actor] == "yes"
    flags = ["needs_decision"] if '"needs_decision":true' in told.replace(" ", "") and not decides else []
    return flags + [
        name
        for name, shown_by in SHOWN_BY.items()
        if world.ids[name] in told
        and expected[shown_by][actor] != "yes"
        and f"{{{name}}}" not in operation.path
        and (name, actor) not in ALSO
    ]


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Whether nothing tells two answers apart but when and where they were asked for."""
    return _plain(one) == _plain(other)


def _plain(answer: httpx.Response) -> tuple[Any, ...]:
    headers = {name: value for name, value in answer.headers.items() if name not in VARIES}
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in ("request_id", "instance")}
    return answer.status_code, headers, len(answer.content), body


def with_missing(world: World) -> World:
    """A world whose every id is one of nothing."""
    return World(world.house, world.panel, {name: str(uuid4()) for name in world.ids}, world.clients)


async def read(world: World, actor: str, name: str) -> httpx.Response:
    """What an operation that reads tells an actor: of a list, all of its first, long page."""
    long = {"limit": 200} if name.startswith("list_") else {}
    operation = OPERATIONS.get(name) or OPERATIONS[name.partition(":")[0]]
    return await world.clients[actor].get(operation.path.format_map(world.ids), params=long)


async def made(house: House) -> World:
    world = await World.make(house)
    await world.suspend()
    return world


async def test_nobody_reads_the_id_of_what_they_may_not_see(house: House, request: pytest.FixtureRequest) -> None:
    world, expected = await made(house), matrix()
    request.getfixturevalue("nothing_is_kept")
    wrong = []
    for name, operation in OPERATIONS.items():
        for actor in ACTORS:
            if operation.method == "GET" and expected[name][actor] == "yes":
                told = betrayed(world, expected, actor, operation, await read(world, actor, name))
                wrong += [f"{name} tells {actor} of the {thing}" for thing in told]
    assert not wrong, "\n".join(wrong)


async def test_what_is_hidden_answers_like_what_does_not_exist(house: House, request: pytest.FixtureRequest) -> None:
    world, expected = await made(house), matrix()
    request.getfixturevalue("nothing_is_kept")
    nothing = with_missing(world)
    tried, wrong = 0, []
    for name, operation in OPERATIONS.items():
        for actor in ACTORS:
            if expected[name][actor] == "404":
                tried += 1
                hidden, missing = await _try(world, actor, operation), await _try(nothing, actor, operation)
                if not same(hidden, missing):
                    wrong.append(f"{name} by {actor}: {_plain(hidden)} is not {_plain(missing)}")
    assert not wrong, "\n".join(wrong)
    assert tried > 150


def parameters(app: FastAPI, name: str) -> Iterator[Json]:
    """The documented query parameters of an operation."""
    for operations in app.openapi()["paths"].values():
        for operation in operations.values():
            if operation["operationId"] == name.partition(":")[0]:
                yield from (each for each in operation.get("parameters", []) if each["in"] == "query")


async def test_a_filter_by_what_is_hidden_finds_what_a_filter_by_nothing_finds(
    app: FastAPI, house: House, request: pytest.FixtureRequest
) -> None:
    world, expected = await made(house), matrix()
    request.getfixturevalue("nothing_is_kept")
    tried, wrong = 0, []
    for name, operation in OPERATIONS.items():
        for parameter in parameters(app, name):
            is_id = parameter["schema"].get("format") == "uuid"
            for actor in (*STRANGERS, "anonymous") if is_id else ():
                client, of = world.clients[actor], parameter["name"]
                hidden, missing = [
                    await client.get(operation.path.format_map(world.ids), params={of: value, "include": "total"})
                    for value in (world.ids[HIDDEN.get(of, "own")], str(uuid4()))
                ]
                tried += 1
                if of in PUBLIC_IDS:
                    told = hidden.json()
                    is_wrong = hidden.is_success and (
                        told["total"] != len(told["items"]) or betrayed(world, expected, actor, operation, hidden)
                    )
                else:
                    is_wrong = not same(hidden, missing)
                if is_wrong:
                    wrong.append(f"{name}?{of} by {actor}: {_plain(hidden)} is not {_plain(missing)}")
    assert not wrong, "\n".join(wrong)
    assert tried > 20


def references(app: FastAPI, operation: Operation) -> Iterator[tuple[str, bool]]:
    """The top members of an operation's body that are ids, and whether each is a list of them."""
    schemas = app.openapi()["components"]["schemas"]
    for path, operations in app.openapi()["paths"].items():
        documented = operations.get(operation.method.lower(), {})
        if "requestBody" in documented and [*path.split("/")] and _fits(path, operation.path):
            schema = documented["requestBody"]["content"]["application/json"]["schema"]
            whole = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            for name, member in whole["properties"].items():
                is_list = member.get("type") == "array"
                if (member.get("items", {}) if is_list else member).get("format") == "uuid":
                    yield name, is_list


def _fits(template: str, path: str) -> bool:
    parts, others = template.split("/"), path.split("/")
    return len(parts) == len(others) and all(one == other or one[:1] == "{" for one, other in zip(parts, others, strict=True))


async def test_a_body_that_names_what_is_hidden_is_refused_like_one_that_names_nothing(
    app: FastAPI, house: House, request: pytest.FixtureRequest
) -> None:
    world = await made(house)
    request.getfixturevalue("nothing_is_kept")
    mine = World(house, world.panel, world.ids | {"own": world.ids["other"]}, world.clients)
    tried, wrong = set(), []
    for name, operation in OPERATIONS.items():
        for member, is_list in references(app, operation) if operation.body else ():
            if member in PUBLIC_IDS - {"jurisdiction_id"}:
                continue
            for actor in STRANGERS:
                answers = []
                for value in (world.ids[HIDDEN[member]], str(uuid4())):
                    body = _filled(operation.body, mine) | {member: [value] if is_list else value}
                    path = operation.path.format_map(mine.ids)
                    sent = mine.clients[actor].request(operation.method, path, json=body, headers=dict(operation.headers))
                    answers.append(await sent)
                tried.add((name, member))
                if not same(*answers) or answers[0].is_success:
                    wrong.append(f"{name} with {member} by {actor}: {_plain(answers[0])} is not {_plain(answers[1])}")
    assert not wrong, "\n".join(wrong)
    assert {("draft_practice", "call_id"), ("make_commitment", "interim_of"), ("draft_membership", "jurisdiction_id")} <= tried


async def test_a_batch_says_of_what_is_hidden_what_it_says_of_what_is_not_there(house: House, request: pytest.FixtureRequest) -> None:
    """A registry that is bound to one city learns from an item about another one neither its standing nor its people."""
    world = await made(house)
    for name in ("own", "newcomer"):
        at = f"/v1/jurisdictions/{world.ids[name]}"
        ids = {"external_ids": [{"source": "iclei", "value": name}]}
        assert (await house.admin.patch(at, json=ids, headers={"If-Match": "*"})).status_code == 200
    request.getfixturevalue("nothing_is_kept")
    bound = await house.platform("sync:write", jurisdictions=[world.ids["other"]])
    standing = {"community_id": world.ids["here"], "kind": "member", "standing": "withdrawn"}
    answers = [
        await bound.post("/v1/membership/batches", json={"source": "iclei", "items": [sent]}, headers={"Idempotency-Key": str(uuid4())})
        for name in ("own", "newcomer")
        for sent in [{"external_id": name, "jurisdiction": {}, "membership": standing}]
    ]
    with_membership, without = ([each | {"external_id": ""} for each in answer.json()["results"]] for answer in answers)
    assert with_membership == without
    assert with_membership[0]["problem"]["code"] == "not-found"
    assert with_membership[0]["id"] is None


# Methods.

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


def addresses(app: FastAPI, world: World) -> Iterator[tuple[str, str, set[str]]]:
    """Each path as the document writes it, an address of something that is there, and the methods that it declares."""
    declared: dict[str, set[str]] = {}
    for router in app.state.routers:
        for route in router.routes:
            declared.setdefault(route.path_format, set()).update(route.methods)
    for path, methods in declared.items():
        known = next((each.path for each in OPERATIONS.values() if _fits(path, each.path)), None)
        yield path, known.format_map(world.ids) if known else re.sub(r"{[^}]+}", "x" * 43, path), methods


async def test_a_method_that_is_not_declared_is_nobodys(app: FastAPI, house: House) -> None:
    world, wrong, tried = await made(house), [], 0
    for path, address, declared in addresses(app, world):
        for method in sorted(METHODS - declared):
            for actor in ("anonymous", "city admin", "scope admin"):
                answer = await world.clients[actor].request(method, address)
                tried += 1
                tells = answer.content if method == "HEAD" else b""
                if answer.status_code not in (404, 405) or "etag" in answer.headers or tells:
                    wrong.append(f"{method} {path} by {actor}: {answer.status_code} {dict(answer.headers)}")
    assert not wrong, "\n".join(wrong)
    assert tried > 500


# Cursors and limits.


def lists(app: FastAPI) -> list[str]:
    """The operations that answer pages."""
    return [name for name in OPERATIONS if any(each["name"] == "cursor" for each in parameters(app, name))]


async def test_a_cursor_is_followed_by_its_caller_in_its_list_only(app: FastAPI, house: House) -> None:
    world = await made(house)
    admin, other = world.clients["admin"], world.clients["secretariat"]
    cursors: dict[str, str] = {}
    for name in lists(app):
        page = await admin.get(OPERATIONS[name].path.format_map(world.ids), params={"limit": 1})
        if cursor := page.json()["next_cursor"]:
            cursors[name] = cursor
    assert len(cursors) > 10
    wrong = []
    for name in lists(app):
        address = OPERATIONS[name].path.format_map(world.ids)
        filters = [{each["name"]: world.ids["here"]} for each in parameters(app, name) if each["schema"].get("format") == "uuid"]
        tries = [(admin, {"cursor": cursor}) for of, cursor in cursors.items() if of != name]
        if own := cursors.get(name):
            assert (await admin.get(address, params={"cursor": own})).status_code == 200, name
            tries += [(other, {"cursor": own}), *((admin, {"cursor": own} | each) for each in filters)]
            tries += [(admin, {"cursor": forged}) for forged in ("A", "AAAA", own[:-2], own[::-1], own + "AAAA", "\u2603" * 8)]
        for client, params in tries:
            answer = await client.get(address, params=params)
            if (answer.status_code, answer.json().get("code")) != (400, "invalid-cursor"):
                wrong.append(f"{name} {params}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


async def test_a_page_has_from_one_to_two_hundred_entries(app: FastAPI, house: House) -> None:
    world = await made(house)
    for name in lists(app):
        address = OPERATIONS[name].path.format_map(world.ids)
        for limit, status in (
            (1, 200),
            (200, 200),
            (0, 422),
            (-1, 422),
            (201, 422),
            (10**9, 422),
            (2**63, 422),
            (10**400, 422),
            ("x", 422),
        ):
            answer = await world.clients["admin"].get(address, params={"limit": str(limit)})
            assert answer.status_code == status, (name, limit, answer.text)
