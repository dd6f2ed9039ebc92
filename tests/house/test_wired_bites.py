"""The questions to the running services (LAW 8), shown to fail on small ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import iter_route_contexts

from tests.house.laws.papers import missing_settings
from tests.house.laws.wired import kinds, unguarded, unreacted, use_example


class Requires:
    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __call__(self) -> str:
        return self.scope


def current(actor: Annotated[str, Depends(Requires("any"))]) -> str:
    return actor


async def guarded(actor: Annotated[str, Depends(Requires("practices:read"))]) -> str:
    return actor


async def through_another(actor: Annotated[str, Depends(current)]) -> str:
    return actor


async def bare() -> str:
    return "open"


def gateway() -> FastAPI:
    """Guarded in four ways, open in one, and one route that is public by name."""
    app = FastAPI(openapi_url=None)
    signature = APIRouter(prefix="/practices")
    signature.get("/{id}")(guarded)
    signature.get("")(through_another)
    signature.post("", dependencies=[Depends(Requires("practices:write"))])(bare)
    shared = APIRouter(dependencies=[Depends(Requires("admin"))])
    shared.get("/admin")(bare)
    opened = APIRouter()
    opened.get("/verify/{code}")(bare)
    opened.delete("/all")(bare)
    for router in (signature, shared, opened):
        app.include_router(router, prefix="/v1")
    return app


def report(app: FastAPI, public: set[tuple[str, str]]) -> list[str]:
    return [breach.what for breach in unguarded(iter_route_contexts(app.routes), Requires, public)]


def test_a_route_without_auth_is_reported() -> None:
    assert report(gateway(), {("GET", "/v1/verify/{code}")}) == ["DELETE /v1/all: neither guarded by Requires nor in PUBLIC"]


def test_a_public_name_opens_one_verb_only() -> None:
    assert "GET /v1/verify/{code}: neither guarded by Requires nor in PUBLIC" in report(gateway(), {("DELETE", "/v1/all")})


def test_a_public_name_of_nothing_is_reported() -> None:
    assert "PUBLIC names GET /v1/gone, which is no route" in report(gateway(), {("GET", "/v1/gone")})


def test_the_documentation_pages_count_as_routes() -> None:
    assert any(each.startswith("GET /openapi.json") for each in report(FastAPI(), set()))


@dataclass(frozen=True)
class Reaction:
    queue: str
    handler: str


class Submitted: ...


class Decided: ...


def test_events_and_handlers() -> None:
    reactions: dict[type, tuple[Reaction, ...]] = {
        Submitted: (Reaction("work", "assess"), Reaction("letters", "thank"), Reaction("work", "twice"))
    }
    handlers: dict[str, dict[str, object]] = {"worker": {"assess": assert_never, "twice": 1}, "notifier": {"twice": 1}}
    reports = [breach.what for breach in unreacted([Submitted, Decided], reactions, handlers)]
    assert reports == [
        f"{__name__}.Decided does not stand in REACTIONS",
        "Submitted -> thank: registered in no HANDLERS, not in one",
        "Submitted -> twice: registered in ['worker', 'notifier'], not in one",
    ]


def assert_never() -> None: ...


class Event: ...


@dataclass(frozen=True, slots=True)
class Published(Event):
    id: str


def test_the_draft_of_a_slotted_dataclass_is_no_event() -> None:
    assert list(kinds(Event)) == [Published]


def test_settings_and_their_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = tmp_path / ".env.example"
    example.write_text('# where\nDATABASE_URL="postgresql://here"\n# REDIS_URL=\nOLD_NAME=1\n', encoding="utf-8")
    reports = [breach.what for breach in missing_settings(frozenset({"DATABASE_URL", "REDIS_URL", "SMTP_URL"}), example)]
    assert reports == ["does not name the setting SMTP_URL", "OLD_NAME is no setting"]
    assert [breach.what for breach in missing_settings(frozenset(), tmp_path / "gone")] == ["does not exist"]
    monkeypatch.setattr("os.environ", {"OLD_NAME": "mine"})
    use_example(example)
    import os

    assert os.environ == {"DATABASE_URL": "postgresql://here", "OLD_NAME": "mine"}
