"""Nobody writes a column that is not theirs to write: each column of each table, in each object of each body, is refused by name."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from services.core.tables import METADATA
from tests.contract.operations import OPERATIONS
from tests.contract.test_authorization import _filled
from tests.fixtures.house import House
from tests.fixtures.world import World

Json = dict[str, Any]

COLUMNS = sorted({column.name for table in METADATA.tables.values() for column in table.columns})
UNREAD = "/v1/membership/batches"
"""Its items are judged one by one: a bad one is an error of its own, in an answer that is 200."""
DEEP = 10
"""So deep a schema is followed; none of ours is deeper."""
STANDING: Json = {"membership": {"community_id": "@here", "standing": "active", "kind": "member"}}
"""Without it, an item of a batch may name no representatives."""


class Bodies:
    """The bodies that the OpenAPI document knows, and every object inside them."""

    def __init__(self, document: Json) -> None:
        self._schemas: Json = document["components"]["schemas"]
        self._paths: Json = document["paths"]

    def operations(self) -> Iterator[tuple[str, str, str, Json]]:
        """Operation id, method, path, and the schema of each JSON body."""
        for path, operations in self._paths.items():
            for method, operation in operations.items():
                content = operation.get("requestBody", {}).get("content", {})
                if "application/json" in content:
                    yield operation["operationId"], method.upper(), path, content["application/json"]["schema"]

    def objects(self, schema: Json, way: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], frozenset[str]]]:
        """The way to each object with known members inside a body, and their names."""
        schema = self._followed(schema)
        if len(way) > DEEP:
            return
        for option in schema.get("anyOf", ()):
            yield from self.objects(option, way)
        if "properties" in schema:
            yield way, frozenset(schema["properties"])
            for name, member in schema["properties"].items():
                yield from self.objects(member, (*way, name))
        if "items" in schema:
            yield from self.objects(schema["items"], (*way, 0))

    def _followed(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema


def put(body: Any, way: tuple[str | int, ...], members: Json) -> Any:
    """``body`` with ``members`` in the object at ``way``; what is not there on the way is made."""
    if not way:
        return (body if isinstance(body, dict) else {}) | members
    first, rest = way[0], way[1:]
    if isinstance(first, int):
        return [put(body[0] if isinstance(body, list) and body else None, rest, members)]
    inner = body if isinstance(body, dict) else {}
    return inner | {first: put(inner.get(first), rest, members)}


def refused(answer: Any) -> set[str]:
    """The pointers to what an answer refuses."""
    told = answer.json()
    problems = [each.get("problem", {}) for each in told["results"]] if "results" in told else [told]
    return {error["pointer"] for problem in problems for error in problem.get("errors", ()) if error["code"] == "extra-forbidden"}


async def contents(house: House) -> dict[str, str]:
    """A digest of every table but the one that remembers answers."""
    sql = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS digest FROM "
    names = [f'"{name}"' for name in METADATA.tables if name != "idempotency"]
    return {name: (await house.rows(sql + name + " AS t"))[0]["digest"] for name in names}


def test_every_table_has_columns_that_are_tried() -> None:
    assert {"status", "version", "jurisdiction_id", "role", "score", "released_at", "needs_decision", "secret_hash"} <= set(COLUMNS)


async def test_no_body_takes_a_column_that_it_does_not_document(app: FastAPI, house: House, request: pytest.FixtureRequest) -> None:
    world, bodies = await World.make(house), Bodies(app.openapi())
    await world.suspend()
    ids = dict.fromkeys(("id", "report_id", "key_id"), world.ids["own"]) | {"token": "a" * 43}
    before, tried, wrong = await contents(house), 0, []
    for operation, method, path, schema in bodies.operations():
        known = OPERATIONS.get(operation)
        body = _filled(known.body, world) if known and known.body else {}
        body = put(body, ("items", 0), _filled(STANDING, world)) if path == UNREAD else body
        address = known.path.format_map(world.ids) if known else path.format_map(ids)
        for way, members in bodies.objects(schema):
            extra = dict.fromkeys((name for name in COLUMNS if name not in members), "stolen")
            headers = {"If-Match": "*"} | ({"Idempotency-Key": f"{operation} {way}"} if path == UNREAD else {})
            answer = await house.admin.request(method, address, json=put(body, way, extra), headers=headers)
            pointer = "".join(f"/{part}" for part in way)
            left = {f"{pointer}/{name}" for name in extra} - refused(answer)
            tried += len(extra)
            expected = 200 if way[:1] == ("items",) and path == UNREAD else 422
            if left or answer.status_code != expected:
                wrong.append(f"{operation} {pointer}: {answer.status_code} did not refuse {sorted(left)[:5]}: {answer.text[:300]}")
    assert not wrong, "\n".join(wrong)
    assert await contents(house) == before
    assert tried > 5_000
