"""Requests find the route that FastAPI's router would have found, and what is refused reads the same."""

import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from services.api.dispatch import Dispatch
from services.api.routes import ROUTERS

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


async def _nowhere(*_: object) -> None:
    raise AssertionError("everything is found")


def _example(route: APIRoute) -> str:
    return re.sub(r"\{[^}]+\}", "01a20d0a-ede7-71fc-888d-6d709a1e028c", route.path_format)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path_format}")
def test_the_route_is_the_one_that_the_router_finds(route: APIRoute) -> None:
    path = _example(route)
    for method in route.methods or ():
        scope = {"type": "http", "method": method, "path": path, "root_path": ""}
        first = next(each for each in ROUTES if each.matches(scope)[0] is Match.FULL)
        found = Dispatch(_nowhere, ROUTERS).find(method, path)
        assert found is not None
        assert found[0] is first
        assert found[1] == first.matches(scope)[1]["path_params"]


@pytest.mark.parametrize(
    "path", ["", "/", "/v1", "/v1/", "/v1/commitments/", "/v1/nothing/at/all", "//v1/commitments", "/v1/commitments/x/y/z"]
)
def test_what_is_no_route_is_left_to_the_router(path: str) -> None:
    assert Dispatch(_nowhere, ROUTERS).find("GET", path) is None


async def test_refusals_of_the_router_are_problems_too(app: FastAPI, anonymous: httpx.AsyncClient) -> None:
    missing = await anonymous.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    wrong = await anonymous.delete("/v1/commitments")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert "GET" in wrong.headers["allow"]
    assert {"x-request-id", "ratelimit", "content-security-policy"} <= set(missing.headers) & set(wrong.headers)


async def test_parameters_are_bound_and_refused_as_fastapi_does(anonymous: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    both = await anonymous.get("/v1/commitments?limit=0&colour=green")
    assert [(error["pointer"], error["code"]) for error in both.json()["errors"]] == [
        ("limit", "greater-than-equal"),
        ("colour", "extra-forbidden"),
    ]
    assert (await anonymous.get("/v1/commitments?limit=500&limit=1")).status_code == 200, "the last one counts"
    assert (await anonymous.get("/v1/commitments/no-uuid")).status_code == 404
    empty = await admin.post("/v1/jurisdictions")
    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (422, "missing")
    null = await admin.post("/v1/jurisdictions", content=b"null", headers={"Content-Type": "application/json"})
    assert (null.status_code, null.json()["code"]) == (422, "invalid-body")
    nobody = await anonymous.post("/v1/jurisdictions", json={"name": 5})
    assert nobody.status_code == 401, "who calls is asked before what is sent"
