"""LAW 2: rooms use lower rooms only, and of those only what is offered; relationships never load by surprise."""

import ast
from collections.abc import Iterator

from tests.house.laws.tables import DOORS, FLOORS, OPEN, SHARED
from tests.house.laws.tree import Breach, House, Import, Module, within

COLLECTORS = {"tables": "models", "reactions": "events"}
"""The two modules at the top, and which file of every room each of them imports."""


def stairs(house: House) -> Iterator[Breach]:
    """Each import from room to room goes down and ends at what the lower room offers."""
    for module in house.under("services.core"):
        if module.room is None:
            continue
        if module.room not in FLOORS:
            yield module.breach(2, 1, f"{module.room} is no room of the stairs: give it a place in tests/house/laws/tables.py")
            continue
        for each in module.imports:
            yield from _step(module, each)


def collectors(house: House) -> Iterator[Breach]:
    """`tables` imports every models.py, `reactions` every events.py."""
    for top, kind in COLLECTORS.items():
        collector = house.modules.get(f"services.core.{top}")
        if collector is None:
            yield Breach(f"services/core/{top}.py", 1, 2, "does not exist")
            continue
        found = {each.target for each in collector.imports}
        for module in house.under("services.core"):
            if module.name.split(".")[3:] == [kind] and module.name not in found:
                yield collector.breach(2, 1, f"does not import {module.name}")


def relationships(house: House) -> Iterator[Breach]:
    """Every SQLAlchemy relationship says ``lazy="raise"``."""
    for module in house.under("services"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "relationship":
                lazy = [ast.unparse(each.value) for each in node.keywords if each.arg == "lazy"]
                if lazy != ["'raise'"]:
                    yield module.breach(2, node.lineno, 'a relationship without lazy="raise"')


def _step(module: Module, each: Import) -> Iterator[Breach]:
    if within(each.target, *DOORS):
        yield module.breach(2, each.line, f"core imports a door: {each.target}")
        return
    parts = each.target.split(".")
    if parts[:2] != ["services", "core"] or len(parts) < 3 or parts[2] == module.room:
        return
    room, part = parts[2], (parts[3] if len(parts) > 3 else None)
    here = str(module.room)
    if room not in FLOORS:
        yield module.breach(2, each.line, f"imports {room}, which is no room of the stairs")
    elif FLOORS[room] >= FLOORS[here]:
        yield module.breach(2, each.line, f"{here} imports {each.target}, which is not below it")
    elif not _offered(module, room, part):
        yield module.breach(2, each.line, f"{here} imports {each.target}: only {', '.join(sorted(_offers(room)))} are offered to it")


def _offers(room: str) -> frozenset[str]:
    return SHARED | OPEN.get(room, frozenset())


def _offered(module: Module, room: str, part: str | None) -> bool:
    offers = _offers(room)
    if part is None or "*" in offers:
        return True
    if module.room in COLLECTORS:
        return part == COLLECTORS[module.room] or part in OPEN.get(room, frozenset())
    if part == "models":
        return module.name.split(".")[3:4] == ["queries"]
    return part in offers
