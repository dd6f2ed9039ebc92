"""The OpenAPI document as a product: what FastAPI emits, repaired for the people who generate clients from it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.api.auth import SIGNED_IN, Requires
from services.core.accounts.policy import scope_for
from services.core.kit.settings import Settings

_DESCRIPTION = """\
ComP Hub is the backend on which city Communities of Practice run: jurisdictions join a community, commit to climate
neutrality, hand in best practices, review each other's, and the best are recognised, verifiably.

Every error is `application/problem+json` (RFC 9457) with a stable `code`. Every POST that acts takes an
`Idempotency-Key`: the first answer is given again, so a retry is always safe (a 5xx stores nothing). PUT, PATCH and DELETE
need `If-Match` with the `ETag` (or `version`) that you read. Lists are pages: follow `next_cursor` until it is null.
New members may appear in any response, and new values in any text marked `x-extensible-enum`.
"""
_PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "No key, or one that is not valid.",
    "403": "The key may not do this.",
    "404": "There is no such resource, or the caller may not see it.",
    "409": "The state, a guard or another caller stands against it.",
    "412": "Someone changed the resource meanwhile.",
    "413": "The body is too large.",
    "415": "The media type is not accepted.",
    "422": "A member or parameter does not fit; `errors` names each.",
    "428": "If-Match is needed.",
    "429": "Too many requests.",
    "500": "Something broke on our side; nothing was stored.",
    "503": "Not available at this moment; nothing was stored.",
}
_ALWAYS = ("400", "401", "403", "422", "429", "500", "503")
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "leads to a page that explains the code"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "stable; never localised"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        "current_status": {"type": "string", "description": "of the resource, when its state stands against the request"},
        "allowed_actions": {"type": "array", "items": {"type": "string"}},
        "evidence_id": {"type": "string", "description": "with `evidence-known`: the evidence that is there already"},
        "as_of": {"type": "string", "description": "with `cursor-expired`: the cursor to go on with after reading the lists of `resync`"},
        "resync": {"type": "array", "items": {"type": "string"}, "description": "with `cursor-expired`: the lists to read, in this order"},
    },
}
_FIELD_SCHEMA = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "RFC 6901 pointer into the body, or a parameter's name"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Makes a retry safe: the same key and body give the first answer again for at least 24 hours.",
}
_MATCH_HEADER = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag that you read.",
}
_SCHEMES = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The key of an API client."},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "The same key, or the access token of a person who signed in."},
}
NEEDS_KEY: dict[str, Any] = {"x-needs-key": True}
"""Marks a POST that is refused without an ``Idempotency-Key``."""
MAY_CONFLICT: dict[str, Any] = {"x-may-conflict": True}
"""Marks a GET that the state of the resource may stand against."""
OPTIONAL = "optional"
"""As ``x-needs-if-match``: a transition honours If-Match, and a PUT needs it once there is something to replace."""


def install(app: FastAPI, settings: Settings) -> None:
    """Make ``app.openapi()`` answer the repaired document, built once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app, settings.public_url)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def build(app: FastAPI, server: str) -> dict[str, Any]:
    """The document."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        routes=app.routes,
        servers=[{"url": server, "description": "this installation"}],
        contact={"name": "ICLEI secretariat", "url": f"{server}/"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    guards = _guards(app)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _repair_operation(path, method, operation)
            _tell_who_may(operation, guards.get((method.upper(), path)))
    document["components"]["securitySchemes"] = _SCHEMES
    schemas = document["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for name, schema in schemas.items():
        if name.endswith("Page"):
            schema["properties"]["total"] = {"type": "integer", "description": "all rows; only with `include=total`"}
    for operations in document["paths"].values():
        for operation in operations.values():
            _name_bodies(operation, schemas)
    schemas["Problem"] = _PROBLEM_SCHEMA
    schemas["FieldProblem"] = _FIELD_SCHEMA
    _flatten_nullables(document)
    return document


def _guards(app: FastAPI) -> dict[tuple[str, str], Requires]:
    """The guard of each route that has one."""
    found: dict[tuple[str, str], Requires] = {}
    for router in app.state.routers:
        for route in router.routes:
            for each in route.dependant.dependencies:
                if isinstance(each.call, Requires):
                    found |= {(method, route.path_format): each.call for method in route.methods}
    return found


def _tell_who_may(operation: dict[str, Any], guard: Requires | None) -> None:
    """Say how to authenticate, and which scope it takes; a route without a guard asks nobody who they are."""
    if guard is None:
        operation["security"] = []
        return
    operation["security"] = [{"ApiKey": []}, {"Bearer": []}, *([{}] if guard.public else [])]
    more = "; without it, what is public" if guard.public else ""
    if guard.action != SIGNED_IN:
        operation["description"] += f"\n\nScope: `{scope_for(guard.action)}`{more}."


def _repair_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    wanted = list(_ALWAYS)
    if "{" in path:
        wanted.append("404")
    if method != "get":
        wanted += ["409", "413", "415"]
    if operation.pop("x-may-conflict", False):
        wanted.append("409")
    by_method = OPTIONAL if path.endswith("/transitions") else method in ("put", "patch", "delete")
    if match := operation.pop("x-needs-if-match", by_method):
        wanted += ["412"] if method == "post" else ["412", "428"]
        operation.setdefault("parameters", []).append(_MATCH_HEADER | {"required": match != OPTIONAL})
    if method == "post":
        operation.setdefault("parameters", []).append(_KEY_HEADER | {"required": operation.pop("x-needs-key", False)})
    for status in sorted(wanted):
        responses[status] = {
            "description": _PROBLEMS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if method == "get" and "200" in responses:
        responses["304"] = {"description": "The caller has this version (`If-None-Match`)."}
    if operation.pop("x-merge-patch", False):
        content = operation["requestBody"]["content"]
        content["application/merge-patch+json"] = content["application/json"]


def _name_bodies(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Make components of bodies that a route describes itself, under their titles: generators name classes after them."""
    for kind in operation.get("requestBody", {}).get("content", {}).values():
        if name := kind["schema"].get("title"):
            schemas[name] = kind["schema"]
            kind["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _flatten_nullables(node: Any) -> None:
    """Write ``anyOf: [T, null]`` of scalars as ``type: [T, null]``, which every generator understands."""
    if isinstance(node, list):
        for entry in node:
            _flatten_nullables(entry)
    elif isinstance(node, dict):
        options = node.get("anyOf")
        if isinstance(options, list) and len(options) == 2 and options[1] == {"type": "null"} and isinstance(options[0].get("type"), str):  # noqa: PLR2004
            node.pop("anyOf")
            first = options[0]
            node.update({**first, **{k: v for k, v in node.items() if k != "anyOf"}, "type": [first["type"], "null"]})
        for entry in list(node.values()):
            _flatten_nullables(entry)
