"""Every guard bites: when any single one of them lets everybody in, somebody notices.

The guards are found, not listed: the `Requires` of each route, each place in the source that asks an actor for its rights,
and each call of a function that refuses by them. Each is opened in turn, and whoever met it is tried again; unless an answer
then contradicts the table of who may do what, or tells of what is hidden, the test fails and names the guard.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import BindParameter, Boolean, literal_column, or_
from sqlalchemy.sql.visitors import iterate

from services.api.auth import Requires
from services.core.kit.actor import EVERYWHERE, Actor
from services.core.kit.listing import Listing
from tests.contract.operations import BATCH, OPERATIONS, Operation, post
from tests.contract.test_authorization import LETS_IN, _cell, _filled, matrix
from tests.contract.test_authorization import nothing_is_kept as nothing_is_kept  # noqa: PLC0414  a fixture
from tests.contract.test_hidden_things import betrayed, read
from tests.fixtures.house import House
from tests.fixtures.world import ACTORS, World

SERVICES = Path(__file__).parents[2] / "services"
ASKS = ("may", "may_for", "everywhere", "reach")
ELSEWHERE = {
    "core/kit/actor.py": "is what is asked",
    "api/auth.py": "is opened for each route by itself",
    "core/accounts/queries/sessions.py": "tells callers their rights and refuses nothing",
}
NOT_ALONE = {
    ("api/middleware.py", "_limit", "may"): "it says how long a body is read; the route's guard refuses it",
    ("core/communities/service/judging.py", "_weigh", "may_for"): "an item is refused for its jurisdiction before its standing is",
    ("core/communities/service/steps.py", "_renew", "_check_right"): "to renew is a step of the member's",
    ("core/jurisdictions/service/store.py", "mark_missing", "reach"): "only who acts for all jurisdictions replaces what a source knows",
    ("core/sync/service/batches.py", "take_parts", "may"): "a job asks it, no request: tests/api/test_revocation.py",
    ("core/sync/service/batches.py", "take_parts", "everywhere"): "a job asks it, no request: tests/api/test_revocation.py",
    ("core/imports/service/running.py", "take_parts", "everywhere"): "a job asks it, no request: tests/flows/test_import.py",
    ("core/practices/service/rescoring.py", "rescore_part", "may_for"): "a job asks it, no request: tests/api/test_rescoring.py",
}
"""Guards behind other guards, and those that no request meets."""
NOTHING_TO_TELL = "get_me"
"""Whoever is nobody is told so by what tells callers who they are."""


@dataclass(frozen=True)
class Site:
    """A place in the source that asks for a right (of ``action``, when that stands there), or calls what refuses."""

    file: str
    function: str
    first: int
    last: int
    called: str
    action: str

    def __str__(self) -> str:
        return f"{self.file}:{self.first} {self.function}: {self.called}({self.action})"

    def is_at(self, frame: FrameType, called: str, action: str) -> bool:
        """Whether ``frame`` asks here."""
        is_here = self.first <= frame.f_lineno <= self.last and frame.f_code.co_filename.endswith(f"services/{self.file}")
        return is_here and called == self.called and self.action in ("", action)


def sites() -> list[Site]:
    """Where rights are asked for, and where functions are called, for nothing but their refusal, that ask for them."""
    asking = list(_calls(ASKS))
    return [*asking, *_calls({site.function for site in asking}, only_statements=True)]


def _calls(names: Collection[str], *, only_statements: bool = False) -> Iterator[Site]:
    for path in sorted((*SERVICES.glob("core/**/*.py"), *SERVICES.glob("api/**/*.py"))):
        file = path.relative_to(SERVICES).as_posix()
        for function in ast.walk(ast.parse(path.read_text())) if file not in ELSEWHERE else ():
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in _called(function, only_statements=only_statements):
                    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                    named = call.args[0] if call.args else None
                    action = str(named.value) if isinstance(named, ast.Constant) else ""
                    if name in names:
                        yield Site(file, function.name, call.lineno, call.end_lineno or call.lineno, name, action)


def _called(function: ast.AST, *, only_statements: bool) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if only_statements and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if not ast.unparse(node.value.func).startswith("self."):  # what a method asks is opened where it asks
                yield node.value
        elif not only_statements and isinstance(node, ast.Call):
            yield node


Asked = Callable[[FrameType, str, str], bool]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What the one element of this list says yes to is allowed, whoever asks."""
    who: list[Asked] = []
    for method in ASKS:
        monkeypatch.setattr(Actor, method, _asks(method, getattr(Actor, method), who))
    for name in {site.called for site in sites()}.difference(ASKS):
        for module in [module for key, module in sys.modules.items() if key.startswith("services.")]:
            if callable(real := vars(module).get(name)):
                monkeypatch.setattr(module, name, _refuses(name, real, who))
    return who


def _asks(method: str, real: Callable[..., Any], who: list[Asked]) -> Callable[..., Any]:
    def ask(self: Actor, action: str, **where: Any) -> Any:
        if who and who[0](sys._getframe(1), method, action):
            return EVERYWHERE if method == "reach" else True
        return real(self, action, **where)

    return ask


def _refuses(name: str, real: Callable[..., Any], who: list[Asked]) -> Callable[..., Any]:
    def refuse(*given: Any, **more: Any) -> Any:
        return None if who and who[0](sys._getframe(1), name, "") else real(*given, **more)

    return refuse


BOTH = "member here, admin elsewhere"
PART = "sync elsewhere"
HERE = "sync of the city itself"
TWICE = "chair there, admin elsewhere"
STRANGER = "chair there"
"""Sees of what is hidden here as little as callers who are no column of the table."""
REINSTATED = {
    "external_id": "K0", "jurisdiction": {}, "membership": {"community_id": "@here", "kind": "member", "standing": "active"},
}  # fmt: skip
EXTRA: dict[str, tuple[Operation, str, str]] = {
    "amend_membership: that they only read": (OPERATIONS["amend_membership"], BOTH, "403"),
    "amend_representative: that they only read": (OPERATIONS["amend_representative"], BOTH, "403"),
    "take_membership_step: renew into a community that is not theirs": (
        post("/v1/memberships/{neighbour_membership}/transitions", {"action": "renew", "community_id": "@there"}),
        "secretariat here",
        "403",
    ),
    "list_audit: of a community and of a city": (OPERATIONS["list_audit"], TWICE, LETS_IN),
    "create_batch: takes a step of the secretariat's": (
        post("/v1/membership/batches", BATCH | {"items": [REINSTATED]}, Idempotency_Key="d"),
        HERE,
        "an item's 403",
    ),
    "create_batch: replaces all": (post("/v1/membership/batches", BATCH | {"mode": "replace"}, Idempotency_Key="a"), PART, "403"),
    "create_batch: of what is new": (post("/v1/membership/batches", BATCH, Idempotency_Key="b"), PART, "an item's 403"),
    "create_batch: of another's": (
        post(
            "/v1/membership/batches",
            BATCH | {"source": "matrix", "items": [{"external_id": "M1", "jurisdiction": {}}]},
            Idempotency_Key="c",
        ),
        PART,
        "an item's 404",
    ),
}
"""What needs callers who are no column of the table: the operation, who tries it, and what becomes of it (of an item of a batch)."""


class Trial:
    """The matrix, played cell by cell."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.expected = matrix()

    @classmethod
    async def open(cls, house: House) -> "Trial":
        """The world of the matrix, with some more who call."""
        world = await World.make(house)
        await world.suspend()
        own, other = ({"jurisdiction_id": world.ids[name]} for name in ("own", "other"))
        administers, chairs = {"role": "jurisdiction_admin"} | other, {"role": "chair", "community_id": world.ids["there"]}
        world.clients[BOTH] = await world.person("both", {"role": "jurisdiction_member"} | own, administers)
        world.clients[TWICE] = await world.person("twice", chairs, administers)
        known = {"external_ids": [{"source": "iclei", "value": "K0"}]}
        named = await house.admin.patch(f"/v1/jurisdictions/{world.ids['own']}", json=known, headers={"If-Match": "*"})
        assert named.status_code == 200, named.text
        world.clients[HERE] = await house.platform("sync:write", jurisdictions=[world.ids["own"]])
        world.clients[PART] = await house.platform("sync:write", jurisdictions=[world.ids["other"]])
        return cls(world)

    def cells(self) -> Iterator[tuple[str, str]]:
        """Those that an open guard can change: refusals, and reads."""
        yield from ((name, actor) for name, (_, actor, _) in EXTRA.items())
        for name, operation in OPERATIONS.items():
            for actor in ACTORS:
                if operation.method == "GET" or self.expected[name][actor] != LETS_IN:
                    yield name, actor

    async def is_wrong(self, name: str, actor: str) -> bool:
        """Whether the answer contradicts the table, or tells of what is hidden from this actor."""
        operation, _, expected = EXTRA.get(name) or (OPERATIONS[name], actor, self.expected[name][actor])
        try:
            answer = await self._ask(name, actor, operation)
        except AssertionError:  # not even an answer that the OpenAPI document knows
            return True
        known = actor if actor in ACTORS else STRANGER
        return self._cell(answer, operation) != expected or bool(betrayed(self.world, self.expected, known, operation, answer))

    async def _ask(self, name: str, actor: str, operation: Operation) -> httpx.Response:
        if operation.method == "GET":
            return await read(self.world, actor, name)
        body, path = _filled(operation.body, self.world), operation.path.format_map(self.world.ids)
        sent: Any = {"json": body, "files": operation.form, "headers": dict(operation.headers)}
        return await self.world.clients[actor].request(operation.method, path, **sent)

    def _cell(self, answer: httpx.Response, operation: Operation) -> str:
        if operation.path.endswith("/batches") and answer.is_success:
            [item] = answer.json()["results"]
            return f"an item's {item['problem']['status']}" if "problem" in item else LETS_IN
        return _cell(answer, operation)


@pytest.mark.slow
async def test_whoever_opens_a_guard_in_the_source_is_noticed(house: House, opened: list[Asked], request: pytest.FixtureRequest) -> None:
    trial = await Trial.open(house)
    request.getfixturevalue("nothing_is_kept")
    known = sites()
    meets: dict[Site, dict[tuple[str, str], None]] = defaultdict(dict)
    now: list[tuple[str, str]] = []

    def note(frame: FrameType, called: str, action: str) -> bool:
        for site in known:
            if site.is_at(frame, called, action):
                meets[site][now[-1]] = None
        return False

    opened.append(note)
    for cell in trial.cells():
        now.append(cell)
        assert not await trial.is_wrong(*cell), cell
    unnoticed = []
    for site in known:
        opened[:] = [site.is_at]
        if not await _is_noticed(trial, meets[site]) and (site.file, site.function, site.called) not in NOT_ALONE:
            unnoticed.append(f"{site}: met by {len(meets[site])} cells")
    assert not unnoticed, "\n".join(unnoticed)
    assert len(known) > 40


async def _is_noticed(trial: Trial, cells: dict[tuple[str, str], None]) -> bool:
    for cell in cells:
        if await trial.is_wrong(*cell):
            return True
    return False


async def test_whoever_opens_the_guard_of_a_route_is_noticed(
    app: FastAPI, house: House, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    trial = await Trial.open(house)
    request.getfixturevalue("nothing_is_kept")
    monkeypatch.setattr(Requires, "_lets_in", lambda *_: True)
    unnoticed = []
    for name, guard in guards(app).items():
        cells = dict.fromkeys((name, actor) for actor in ACTORS if trial.expected[name][actor] in ("401", "403"))
        if not guard.public and name != NOTHING_TO_TELL and not await _is_noticed(trial, cells):
            unnoticed.append(f"{name}: {guard.action}")
    assert not unnoticed, "\n".join(unnoticed)


async def test_who_lacks_the_right_reads_a_public_thing_as_anybody(
    app: FastAPI, house: House, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """A public route's guard keeps nobody out; it takes from those who lack the right what they have elsewhere."""
    trial = await Trial.open(house)
    request.getfixturevalue("nothing_is_kept")
    assert {actor: await trial.is_wrong("get_commitment: for members", actor) for actor in ("no scope", "no role")} == dict.fromkeys(
        ("no scope", "no role"), False
    )
    monkeypatch.setattr(Requires, "_lets_in", lambda *_: True)
    assert await trial.is_wrong("get_commitment: for members", "no scope")


def guards(app: FastAPI) -> dict[str, Requires]:
    """Operation -> its guard."""
    return {
        route.name: each.call
        for router in app.state.routers
        for route in router.routes
        for each in route.dependant.dependencies
        if isinstance(each.call, Requires)
    }


RIGHTS = {"sees_all", "visible", "runs_all"}
"""Parameters of the conditions by which a list shows each caller what is theirs."""
ALL = literal_column("(1 = 1)", Boolean)
"""True, in words that SQLAlchemy does not see through: the parameters of what it opens stay."""


def conditions() -> Iterator[tuple[Listing, int | str]]:
    """Each condition of each list that looks at the caller's rights: its place, or the filter's name."""
    modules = [module for key, module in sorted(sys.modules.items()) if key.startswith("services.core.")]
    for found in {id(each): each for module in modules for each in vars(module).values() if isinstance(each, Listing)}.values():
        for index, condition in enumerate(found._conditions):
            if RIGHTS & {each.key for each in iterate(condition) if isinstance(each, BindParameter)}:
                yield found, index
        yield from ((found, name) for name in found._filters if name.startswith("of_"))


async def test_a_list_that_shows_everybody_everything_is_noticed(
    house: House, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    trial = await Trial.open(house)
    request.getfixturevalue("nothing_is_kept")
    meets: dict[int, dict[tuple[str, str], None]] = defaultdict(dict)
    page = Listing.page
    for cell in trial.cells():
        if cell[0].startswith("list_"):
            with monkeypatch.context() as patch:

                async def note(self: Listing, *given: Any, _cell: tuple[str, str] = cell, **more: Any) -> Any:
                    meets[id(self)][_cell] = None
                    return await page(self, *given, **more)

                patch.setattr(Listing, "page", note)
                assert not await trial.is_wrong(*cell), cell
    unnoticed, tried = [], list(conditions())
    for found, place in tried:
        with monkeypatch.context() as patch:
            _show_all(patch, found, place)
            if not await _is_noticed(trial, meets[id(found)]):
                unnoticed.append(f"{found._name}: {place}")
    assert not unnoticed, "\n".join(unnoticed)
    assert len(tried) > 8


def _show_all(patch: pytest.MonkeyPatch, found: Listing, place: int | str) -> None:
    """Make one condition of a list true of everything, until ``patch`` is undone."""
    if isinstance(place, int):
        kept = [or_(each, ALL) if index == place else each for index, each in enumerate(found._conditions)]
        patch.setattr(found, "_conditions", tuple(kept))
    else:
        patch.setitem(found._filters, place, or_(found._filters[place], ALL))
    patch.setattr(found, "_pages", {})
    patch.setattr(found, "_totals", {})
