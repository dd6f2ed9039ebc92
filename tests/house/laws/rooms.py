"""LAW 3 and 4: what may stand in a room, in which order, and how pure its rules are."""

from collections.abc import Iterator

from tests.house.laws.tables import DOOR_PLATE, EXTRAS, FLOORS, IMPURE, IMPURE_KIT, LAYERS, PURE, UNORDERED
from tests.house.laws.tree import Breach, House, Module, top, within

TOP_MODULES = frozenset({"tables", "reactions"})


def layers(house: House) -> Iterator[Breach]:
    """Each module name is known to its room, and imports inside the room never go up."""
    for module in _in_rooms(house):
        here = _height(module.room, module.name)
        if here is None:
            name = module.name.split(".")[3]
            yield module.breach(
                3, 1, f"{name} is no module name of the room {module.room}: see LAYERS and EXTRAS in tests/house/laws/tables.py"
            )
            continue
        if module.room in UNORDERED:
            continue
        for each in module.imports:
            if not within(each.target, f"services.core.{module.room}"):
                continue
            there = _height(module.room, each.target)
            if there is not None and there > here:
                yield module.breach(3, each.line, f"{module.name} imports {each.target}, which is a higher layer of the room")


def purity(house: House) -> Iterator[Breach]:
    """Pure modules reach no database, network, template or setting, however long the chain of imports."""
    for module in _in_rooms(house):
        height = _height(module.room, module.name)
        if height is None or height > PURE or module.room in UNORDERED:
            continue
        direct = {each.target: (module.name, each.target) for each in module.imports}
        for target, chain in {**house.reach(module.name), **direct}.items():
            if top(target) in IMPURE or within(target, *IMPURE_KIT):
                yield module.breach(4, 1, f"a pure module reaches {target}: {' -> '.join(chain)}")


def _in_rooms(house: House) -> Iterator[Module]:
    for module in house.under("services.core"):
        if module.room in FLOORS and module.room not in TOP_MODULES:
            yield module


def _height(room: str | None, name: str) -> int | None:
    parts = name.split(".")
    if len(parts) == 3:
        return DOOR_PLATE
    return {**LAYERS, **EXTRAS.get(str(room), {})}.get(parts[3])
