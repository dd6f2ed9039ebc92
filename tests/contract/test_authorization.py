"""Who may do what: every operation, tried by everybody. The table that it is held against is the documentation itself."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import Response

from services.api.auth import PUBLIC
from services.api.calls import Call
from services.core.accounts.policy import ACTIONS, POLICY
from services.core.accounts.rules import ROLES
from services.core.kit.actor import EVERY_ACTION
from tests.contract.operations import OPERATIONS, Operation
from tests.fixtures.house import House
from tests.fixtures.world import ACTORS, World

TABLE = Path(__file__).parents[2] / "docs" / "who-may-do-what.md"
LETS_IN = "yes"
_ROW = re.compile(r"^\| `([^`]+)` \|(.+)\|$")


def matrix() -> dict[str, dict[str, str]]:
    """Operation -> actor -> ``yes`` or the status that refuses them, read from the document."""
    rows: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text().splitlines():
        if found := _ROW.match(line):
            cells = [cell.strip() for cell in found[2].split("|")]
            assert len(cells) == len(ACTORS), found[1]
            rows[found[1]] = dict(zip(ACTORS, cells, strict=True))
    return rows


def routes(app: FastAPI) -> set[str]:
    """The operations that have a guard."""
    return {
        route.name
        for router in app.state.routers
        for route in router.routes
        for method in route.methods
        if (method, route.path_format) not in PUBLIC
    }


@pytest.fixture
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is answered and then rolled back, so that each finds the same world."""

    async def forget(self: Call, response: Response) -> None:
        await self.abandon()

    monkeypatch.setattr(Call, "complete", forget)


def test_every_operation_has_its_row_and_every_row_its_operation(app: FastAPI) -> None:
    """A route without a row fails the build, and so does a row without a route."""
    assert {name.partition(":")[0] for name in OPERATIONS} == routes(app)
    assert set(matrix()) == set(OPERATIONS)


def test_the_policy_knows_every_role_and_names_only_actions() -> None:
    assert {role for role, _ in POLICY} == set(ROLES)
    assert set().union(*POLICY.values()) - {EVERY_ACTION} <= set(ACTIONS)


async def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(house: House, request: pytest.FixtureRequest) -> None:
    world = await World.make(house)
    await world.suspend()
    request.getfixturevalue("nothing_is_kept")
    expected = matrix()
    found: dict[str, dict[str, str]] = {}
    why: dict[tuple[str, str], str] = {}
    for name, operation in OPERATIONS.items():
        answers = {actor: await _try(world, actor, operation) for actor in ACTORS}
        found[name] = {actor: _cell(answer, operation) for actor, answer in answers.items()}
        why |= {(name, actor): answer.text[:300] for actor, answer in answers.items()}
    wrong = [
        f"{name} by {actor}: expected {expected.get(name, {}).get(actor)}, was {cell}: {why[name, actor]}"
        for name, cells in found.items()
        for actor, cell in cells.items()
        if expected.get(name, {}).get(actor) != cell
    ]
    assert not wrong, f"{len(wrong)} cells differ:\n" + "\n".join(wrong[:40]) + "\n\n" + _as_table(found)


async def _try(world: World, actor: str, operation: Operation) -> Any:
    path = operation.path.format_map(world.ids)
    body = None if operation.body is None else _filled(operation.body, world)
    sent: Any = {"json": body, "files": operation.form, "headers": dict(operation.headers)}
    return await world.clients[actor].request(operation.method, path, **sent)


def _filled(value: Any, world: World) -> Any:
    if isinstance(value, dict):
        return {name: _filled(member, world) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, world) for member in value]
    return world.ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value


def _cell(answer: Any, operation: Operation) -> str:
    is_in = answer.is_success or answer.status_code in operation.passes
    return LETS_IN if is_in else str(answer.status_code)


def _as_table(found: dict[str, dict[str, str]]) -> str:
    return "\n".join(f"| `{name}` | {' | '.join(cells.values())} |" for name, cells in found.items())
