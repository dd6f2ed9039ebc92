"""The laws of the house as functions from the source to what breaks them.

`SOURCE` needs nothing but the files; `wired` imports the services (no connection is opened). The tables that a new
room, module name or exception needs are in `tables`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.house.laws import doors, guards, papers, places, rooms, sizes, stairs
from tests.house.laws.tree import Breach, House

Law = Callable[[House], Iterator[Breach]]

SOURCE: dict[str, Law] = {
    "doors stand apart": doors.apart,
    "only up and demo load engines": doors.engines,
    "rooms use lower rooms only": stairs.stairs,
    "tables and reactions are whole": stairs.collectors,
    "relationships never load by surprise": stairs.relationships,
    "layers inside a room": rooms.layers,
    "pure modules are pure": rooms.purity,
    "libraries have a home": doors.libraries,
    "doors speak no models": doors.speech,
    "one place commits": places.commits,
    "one place reads the clock": places.clocks,
    "routes are guarded": guards.routes,
    "events are documented": guards.events,
    "letters are whole": guards.letters,
    "the README names what exists": papers.readme,
    "files and functions are small": sizes.sizes,
    "names say something": sizes.names,
    "no import cycle": sizes.cycles,
}


def judge(root: Path) -> list[Breach]:
    """Every breach of the laws on the source below ``root``."""
    house = House(root)
    return sorted([*house.unreadable, *(breach for law in SOURCE.values() for breach in law(house))])
