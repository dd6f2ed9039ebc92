"""The OpenAPI document: the committed snapshot is the application, and nothing in it breaks generated clients."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SNAPSHOT = Path(__file__).parents[2] / "deploy" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What `comphub openapi` prints."""
    printed = subprocess.run([sys.executable, "-m", "services.local", "openapi"], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def nodes(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield where, node
        for key, value in node.items():
            yield from nodes(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{where}/{index}")


def response_schemas(document: dict[str, Any]) -> set[str]:
    """The names of all schemas that a response can reach."""
    reached: set[str] = set()
    waiting = [operation["responses"] for _, _, operation in operations(document)]
    while waiting:
        for _, node in nodes(waiting.pop()):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in reached:
                reached.add(name)
                waiting.append(document["components"]["schemas"][name])
    return reached


def test_the_snapshot_is_the_application(document: dict[str, Any]) -> None:
    assert json.loads(SNAPSHOT.read_text()) == document, "run `make openapi` and commit deploy/openapi.json"


def test_operation_ids_are_unique_snake_case(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert all(name.isidentifier() and name.islower() for name in ids)


def test_every_refusal_is_problem_json_and_none_is_fastapis(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)
    for path, verb, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (path, verb, status)
        assert {"400", "401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), (path, verb)


def test_no_schema_is_used_both_ways(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert not [name for name in schemas if name.endswith(("-Input", "-Output"))]
    requests = {
        str(node["$ref"]).rpartition("/")[2]
        for _, _, operation in operations(document)
        for _, node in nodes(operation.get("requestBody", {}))
        if "$ref" in node
    }
    assert not requests & response_schemas(document)


def test_responses_hold_nothing_that_breaks_generated_clients(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in response_schemas(document):
        for where, node in nodes(schemas[name]):
            assert "oneOf" not in node, f"{name}{where}: oneOf"
            assert "prefixItems" not in node, f"{name}{where}: tuple"
            assert "enum" not in node, f"{name}{where}: closed enum"
            options = node.get("anyOf", [])
            nullable_ref = any("$ref" in option for option in options) and {"type": "null"} in options
            assert not nullable_ref, f"{name}{where}: nullable reference"


def test_inputs_refuse_what_they_do_not_know_and_limit_what_they_take(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    reached = response_schemas(document)
    for name, schema in schemas.items():
        if name in reached or schema.get("type") != "object":
            continue
        assert schema.get("additionalProperties") is False, f"{name} takes unknown members"
        for where, node in nodes(schema.get("properties", {})):
            if node.get("type") == "string" and not {"enum", "format", "const", "pattern"} & set(node):
                assert "maxLength" in node, f"{name}{where}: a text without a limit"
            if node.get("type") == "array":
                assert "maxItems" in node, f"{name}{where}: a list without a limit"


def test_every_operation_says_what_it_does_and_who_may(document: dict[str, Any]) -> None:
    for path, verb, operation in operations(document):
        assert operation.get("description"), (path, verb)
        assert operation.get("tags"), (path, verb)
        assert "security" in operation, (path, verb)
    writes = document["paths"]["/v1/practices"]["post"]
    assert writes["security"] == [{"ApiKey": []}, {"Bearer": []}]
    assert "Scope: `practices:write`" in writes["description"]
    assert document["paths"]["/v1/verify/{code}"]["get"]["security"] == []
    assert set(document["components"]["securitySchemes"]) == {"ApiKey", "Bearer"}
    assert document["info"]["description"]
    assert document["servers"]


def test_every_body_has_a_name_for_generated_classes_and_a_file_can_be_read_in_parts(document: dict[str, Any]) -> None:
    for path, verb, operation in operations(document):
        for kind, given in operation.get("requestBody", {}).get("content", {}).items():
            name = given["schema"].get("$ref", "").rpartition("/")[2]
            assert document["components"]["schemas"].get(name, {}).get("type") == "object", (path, verb, kind)
        if path.endswith("/content"):
            assert {"Range", "If-Range"} <= {each["name"] for each in operation["parameters"] if each["in"] == "header"}, path
    assert {"EvidenceLink", "EvidenceFile", "ImportCreate"} <= document["components"]["schemas"].keys()
