"""LAW 8, asked of the services themselves: imports them, opens no connection.

The settings come from .env.example where the environment does not give them; so the example is tried as well.
"""

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.house.laws.papers import missing_settings
from tests.house.laws.tree import Breach

ANY = "any"
STAND_INS = {"DATABASE_URL": "postgresql://nobody@localhost/none", "REDIS_URL": "redis://localhost/0", "SMTP_URL": "smtp://localhost"}
STAND_INS["SECRET_KEY"] = "a stand-in: nothing is signed while the house is looked at"


def wired(root: Path) -> Iterator[Breach]:
    """All questions to the services; what cannot be imported is a breach too."""
    use_example(root / ".env.example")
    for name, value in STAND_INS.items():
        os.environ.setdefault(name, value)
    for question in (_settings, _routes, _reactions):
        try:
            yield from question(root)
        except Exception as error:  # noqa: BLE001 - whatever stops the import of a service is what we came to report
            yield Breach("services", 1, 8, f"cannot be asked about {question.__name__.strip('_')}: {type(error).__name__}: {error}")


def use_example(example: Path) -> None:
    """Set what .env.example gives and the environment does not."""
    for line in example.read_text(encoding="utf-8").splitlines() if example.is_file() else ():
        name, equals, value = line.partition("=")
        if equals and name.isidentifier() and value.strip():
            os.environ.setdefault(name, value.strip().strip("\"'"))


def unguarded(routes: Iterable[Any], guard: type, public: Collection[tuple[str, str]]) -> Iterator[Breach]:
    """Routes that depend on no ``guard`` and are not public, and public ones that do not exist."""
    seen: set[tuple[str, str]] = set()
    for route in routes:
        for method in sorted(getattr(route, "methods", None) or {ANY}):
            address = (method, str(route.path))
            seen.add(address)
            head = method == "HEAD" and ("GET", str(route.path)) in public
            if address not in public and not head and not _depends(getattr(route, "dependant", None), guard):
                yield Breach("services/api", 1, 8, f"{method} {route.path}: neither guarded by {guard.__name__} nor in PUBLIC")
    for method, path in sorted(set(public) - seen):
        yield Breach("services/api/auth.py", 1, 8, f"PUBLIC names {method} {path}, which is no route")


def unreacted(
    events: Iterable[type], reactions: Mapping[type, Iterable[Any]], handlers: Mapping[str, Mapping[str, object]]
) -> Iterator[Breach]:
    """Event classes without a line in the table of reactions, and reactions that no door answers."""
    where = "services/core/reactions.py"
    for event in events:
        if event not in reactions:
            yield Breach(where, 1, 8, f"{event.__module__}.{event.__name__} does not stand in REACTIONS")
    for event, answers in reactions.items():
        for each in answers:
            doors = [door for door, known in handlers.items() if each.handler in known]
            if len(doors) != 1:
                yield Breach(where, 1, 8, f"{event.__name__} -> {each.handler}: registered in {doors or 'no HANDLERS'}, not in one")


def _depends(dependant: Any, guard: type) -> bool:
    if dependant is None:
        return False
    return any(isinstance(each.call, guard) or _depends(each, guard) for each in dependant.dependencies)


def _settings(root: Path) -> Iterator[Breach]:
    settings = importlib.import_module("services.core.kit.settings").Settings
    yield from missing_settings(frozenset(name.upper() for name in settings.model_fields), root / ".env.example")


def _routes(_: Path) -> Iterator[Breach]:
    from fastapi.routing import iter_route_contexts

    auth = importlib.import_module("services.api.auth")
    make: Callable[[], Any] = importlib.import_module("services.api.main").create_app
    yield from unguarded(iter_route_contexts(make().routes), auth.Requires, auth.PUBLIC)


def _reactions(_: Path) -> Iterator[Breach]:
    base: type = importlib.import_module("services.core.ledger.event").Event
    core = importlib.import_module("services.core")
    for room in pkgutil.iter_modules(core.__path__):
        if importlib.util.find_spec(f"services.core.{room.name}.events") if room.ispkg else None:
            importlib.import_module(f"services.core.{room.name}.events")
    reactions = importlib.import_module("services.core.reactions").REACTIONS
    handlers = {door: importlib.import_module(f"services.{door}.tasks").HANDLERS for door in ("worker", "notifier")}
    yield from unreacted((kind for kind in kinds(base) if kind.__module__.startswith("services.core.")), reactions, handlers)


def kinds(base: type) -> Iterator[type]:
    """The classes below ``base``. `dataclass(slots=True)` leaves a first draft of each class behind: those do not count."""
    below: list[type] = base.__subclasses__()
    for kind in below:
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind:
            yield kind
        yield from kinds(kind)
