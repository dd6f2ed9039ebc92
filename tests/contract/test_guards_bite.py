"""Every guard bites: when any single one of them lets everybody in, somebody notices.

The guards are found, not listed: the `Requires` of each route, each place in the source that asks an actor for its rights,
and each call of a function that refuses by them. Each is opened in turn, and whoever met it is tried again; unless an answer
then contradicts the table of who may do what, or tells of what is hidden, the test fails and names the guard.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.api.auth import SIGNED_IN, Requires
from services.core.kit.actor import EVERYWHERE, Actor
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
    ("core/communities/service/judging.py", "reach", "sync:write"): "an item is refused for its jurisdiction before its standing is judged",
    ("core/jurisdictions/service/store.py", "reach", ""): "only who acts for all jurisdictions replaces what a source knows",
    ("core/sync/service/batches.py", "may", "sync:write"): "a job asks it: tests/api/test_revocation.py",
    ("core/sync/service/batches.py", "everywhere", "sync:write"): "a job asks it: tests/api/test_revocation.py",
}
"""Guards behind other guards, and those that no request meets."""


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
    asking, refusing = list(_calls(ASKS)), set[str]()
    refusing = {site.function for site in asking if not site.function.startswith("test")}
    return asking + [site for site in _calls(tuple(refusing), only_statements=True)]


def _calls(names: tuple[str, ...], *, only_statements: bool = False) -> Iterator[Site]:
    for path in sorted(SERVICES.rglob("*.py")):
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
            yield node.value
        elif not only_statements and isinstance(node, ast.Call):
            yield node


Asked = Callable[[FrameType, str, str], bool]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What the one element of this list says yes to is allowed, whoever asks."""
    who: list[Asked] = []
    for method in ASKS:

        def ask(self: Actor, action: str, *, _real: Any = getattr(Actor, method), _method: str = method, **where: Any) -> Any:
            if who and who[0](sys._getframe(1), _method, action):
                return EVERYWHERE if _method == "reach" else True
            return _real(self, action, **where)

        monkeypatch.setattr(Actor, method, ask)
    for name in {site.called for site in sites()}.difference(ASKS):
        for module in [module for key, module in sys.modules.items() if key.startswith("services.")]:
            if callable(real := vars(module).get(name)):

                def refuse(*given: Any, _real: Any = real, _name: str = name, **more: Any) -> Any:
                    return None if who and who[0](sys._getframe(1), _name, "") else _real(*given, **more)

                monkeypatch.setattr(module, name, refuse)
    return who


BOTH = "member here, admin elsewhere"
PART = "sync elsewhere"
EXTRA: dict[str, tuple[Operation, str, str]] = {
    "amend_membership: that they only read": (OPERATIONS["amend_membership"], BOTH, "403"),
    "take_membership_step: renew into a community that is not theirs": (
        post("/v1/memberships/{neighbour_membership}/transitions", {"action": "renew", "community_id": "@there"}),
        "secretariat here",
        "403",
    ),
    "create_batch: replaces all": (post("/v1/membership/batches", BATCH | {"mode": "replace"}, Idempotency_Key="a"), PART, "403"),
    "create_batch: of what is new": (post("/v1/membership/batches", BATCH, Idempotency_Key="b"), PART, "403"),
    "create_batch: of another's": (
        post("/v1/membership/batches", BATCH | {"source": "matrix", "items": [{"external_id": "M1", "jurisdiction": {}}]}, Idempotency_Key="c"),
        PART,
        "404",
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
        """The world of the matrix, with two more who call."""
        world = await World.make(house)
        await world.suspend()
        roles = ({"role": "jurisdiction_member", "own": True}, {"role": "jurisdiction_admin"})
        held = [{"role": role["role"], "jurisdiction_id": world.ids["own" if "own" in role else "other"]} for role in roles]
        world.clients[BOTH] = await world.person(BOTH.replace(",", ""), *held)
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
        is_told = name not in EXTRA and betrayed(self.world, self.expected, actor, operation, answer)
        return self._cell(answer, operation) != expected or bool(is_told)

    async def _ask(self, name: str, actor: str, operation: Operation) -> httpx.Response:
        if operation.method == "GET":
            return await read(self.world, actor, name)
        body, path = _filled(operation.body, self.world), operation.path.format_map(self.world.ids)
        return await self.world.clients[actor].request(operation.method, path, json=body, headers=dict(operation.headers))

    def _cell(self, answer: httpx.Response, operation: Operation) -> str:
        if operation.path.endswith("/batches") and answer.is_success:
            [item] = answer.json()["results"]
            return str(item["problem"]["status"]) if "problem" in item else LETS_IN
        return _cell(answer, operation)


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
        if not await _is_noticed(trial, meets[site]) and (site.file, site.called, site.action) not in NOT_ALONE:
            unnoticed.append(f"{site}: met by {len(meets[site])} cells")
    assert not unnoticed, "\n".join(unnoticed)
    assert len(known) > 40


async def _is_noticed(trial: Trial, cells: dict[tuple[str, str], None]) -> bool:
    for cell in cells:
        if await trial.is_wrong(*cell):
            return True
    return False
