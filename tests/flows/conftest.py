from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import respx

from services.worker import pull
from tests.fixtures.house import House
from tests.fixtures.registry import Folder, Registry


@pytest.fixture
def registry() -> Iterator[Registry]:
    known = Registry()
    with respx.mock(assert_all_called=False) as mock:
        mock.route(host="registry.example").mock(side_effect=known)
        yield known


@pytest.fixture
def folder(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    given = house.settings.model_copy(update={"pull_folder": str(tmp_path)})
    monkeypatch.setattr("services.core.kit.settings.settings", lambda: given)
    made = Folder(tmp_path)
    made.describe()
    return made


@pytest.fixture
async def read(house: House, folder: Folder, registry: Registry) -> Callable[[], Awaitable[None]]:
    """Plan what is configured, and do all that is due."""

    async def do() -> None:
        await pull.plan(house.worker)
        await house.work("sync")

    return do
