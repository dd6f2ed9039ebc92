"""LAW 1, 5 and 6: doors stand apart, libraries stay in their rooms, doors speak no tables."""

from collections.abc import Iterator

from tests.house.laws.tables import DOORS, ENGINES, FLOORS, HEAVY, HOMES
from tests.house.laws.tree import Breach, House, top, within

CLI = "services.local.cli"


def apart(house: House) -> Iterator[Breach]:
    """No door imports another; only `local` has the engines; nothing else stands beside the doors and core."""
    for module in house.under("services"):
        home = next((door for door in DOORS if within(module.name, door)), None)
        if home is None and not within(module.name, "services.core") and module.name != "services":
            yield module.breach(1, 1, f"{module.name} is neither core nor a door")
        for each in module.imports:
            if home is not None and within(each.target, *(door for door in DOORS if door != home)):
                yield module.breach(1, each.line, f"the door {home} imports {each.target}")


def engines(house: House) -> Iterator[Breach]:
    """Loading the command line loads no engine: `up` and `demo` import them inside the function that starts them."""
    if CLI not in house.modules:
        yield Breach("services/local/cli.py", 1, 1, "does not exist")
        return
    for target, chain in house.reach(CLI, lazy=False).items():
        if within(target, ENGINES):
            yield house.modules[CLI].breach(1, 1, f"loading the command line loads an engine: {' -> '.join(chain)}")
    for module in house.under("services.core", "services.api", "services.worker", "services.notifier", "migrations"):
        for each in module.imports:
            if within(each.target, ENGINES):
                yield module.breach(1, each.line, "the engines are only for `up`, `demo` and the tests")


def libraries(house: House) -> Iterator[Breach]:
    """Each library that has a home is imported only there; heavy ones only inside functions."""
    for module in house.under("services"):
        for each in module.imports:
            name = top(each.target)
            if name in HOMES and not within(module.name, *HOMES[name]):
                yield module.breach(5, each.line, f"{name} belongs to {', '.join(HOMES[name])}")
            if name in HEAVY and not each.lazy and not each.typing:
                yield module.breach(5, each.line, f"{name} is heavy: import it inside the function that uses it")


def speech(house: House) -> Iterator[Breach]:
    """Routes import no SQLAlchemy; doors import no models."""
    for module in house.under(*DOORS):
        for each in module.imports:
            if within(module.name, "services.api.routes") and top(each.target) == "sqlalchemy":
                yield module.breach(6, each.line, "a route imports SQLAlchemy: ask a query or a service")
            parts = each.target.split(".")
            room = parts[2] if len(parts) > 3 and parts[1] == "core" else None
            if room in FLOORS and parts[3] == "models":
                yield module.breach(6, each.line, f"a door imports {each.target}: doors speak schemas, queries and services")
