"""LAW 8, as the source tells it: routes are guarded, events are documented, letters are whole."""

import ast
from collections.abc import Iterator

from tests.house.laws.tree import Breach, House, Module

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "websocket", "route"})
GUARD = "Requires"
PLATES = ("subject.txt", "body.txt", "body.html")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def routes(house: House) -> Iterator[Breach]:
    """Every route of the gateway depends on a `Requires`, or stands in `services.api.auth.PUBLIC`.

    `tests.house.laws.wired` asks the running application the same question; this one needs no application.
    """
    public = _public(house)
    for module in house.under("services.api"):
        for node in ast.walk(module.tree):
            if not isinstance(node, Function):
                continue
            for decorator in node.decorator_list:
                if not _is_route(decorator):
                    continue
                method, path = _address(decorator, module)
                named = path is not None and any(method == verb and known.endswith(path) for verb, known in public)
                if not named and not _guarded(house, module, node, decorator):
                    yield module.breach(8, node.lineno, f"{method} {path}: neither guarded by {GUARD} nor in PUBLIC")


def events(house: House) -> Iterator[Breach]:
    """An event's docstring is its public documentation, and its type has a name."""
    for module in house.under("services.core"):
        if module.name.split(".")[3:] != ["events"]:
            continue
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base).rpartition(".")[2] == "Event" for base in node.bases):
                if not ast.get_docstring(node):
                    yield module.breach(8, node.lineno, f"the event {node.name} has no docstring")
                if not any(isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "type" and each.value for each in node.body):
                    yield module.breach(8, node.lineno, f"the event {node.name} has no type")


def letters(house: House) -> Iterator[Breach]:
    """Every letter has a sample context and three templates; every folder of templates has its letter."""
    home = house.root / "services/notifier/templates"
    found = set()
    for module in house.under("services.notifier.letters"):
        letter = module.name.rpartition(".")[2]
        if module.package or letter.startswith("_"):
            continue
        found.add(letter)
        if "SAMPLE" not in _assigned(module):
            yield module.breach(8, 1, f"the letter {letter} has no SAMPLE")
        for plate in PLATES:
            template = home / letter / plate
            if not template.is_file() or not template.read_text(encoding="utf-8").strip():
                yield module.breach(8, 1, f"the letter {letter} has no {plate}")
    folders = [each.name for each in home.iterdir() if each.is_dir()] if home.is_dir() else []
    for folder in sorted(set(folders) - found):
        if (home / folder / "subject.txt").exists():
            yield Breach(f"services/notifier/templates/{folder}", 1, 8, "templates without a letter")


def _public(house: House) -> set[tuple[str, str]]:
    auth = house.modules.get("services.api.auth")
    value = _assigned(auth).get("PUBLIC") if auth else None
    pairs = (node.elts for node in ast.walk(value) if isinstance(node, ast.Tuple)) if value else ()
    return {(ast.literal_eval(pair[0]), ast.literal_eval(pair[1])) for pair in pairs}


def _assigned(module: Module) -> dict[str, ast.expr]:
    """Module-level names and what they are given."""
    found: dict[str, ast.expr] = {}
    for node in module.tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
        elif isinstance(node, ast.Assign):
            found.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def _is_route(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS and bool(node.args)


def _address(node: ast.expr, module: Module) -> tuple[str, str | None]:
    """The method and the path of a route, as far as they are written out (the prefix of `include_router` is not)."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return "?", None
    own = node.args[0]
    router = _assigned(module).get(ast.unparse(node.func.value))
    prefix = next((each.value for each in getattr(router, "keywords", []) if each.arg == "prefix"), ast.Constant(""))
    if not (isinstance(own, ast.Constant) and isinstance(prefix, ast.Constant)):
        return node.func.attr.upper(), None
    return node.func.attr.upper(), f"{prefix.value!s}{own.value!s}" or "/"


def _guarded(house: House, module: Module, node: Function, decorator: ast.expr) -> bool:
    router = decorator.func.value if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) else None
    given = [each.value for each in getattr(decorator, "keywords", []) if each.arg == "dependencies"]
    shared = _assigned(module).get(ast.unparse(router)) if router else None
    given += [each.value for each in getattr(shared, "keywords", []) if each.arg == "dependencies"]
    return any(_requires(house, module, each, set()) for each in (*given, *_parameters(node)))


def _parameters(node: Function) -> Iterator[ast.expr]:
    arguments = node.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if each.annotation:
            yield each.annotation
    yield from arguments.defaults
    yield from (each for each in arguments.kw_defaults if each)


def _requires(house: House, module: Module, expression: ast.expr, seen: set[tuple[str, str]]) -> bool:
    """Whether the expression leads to a `Requires(...)`, through names, imports and dependency functions."""
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == GUARD:
            return True
        if isinstance(node, ast.Name) and (module.name, node.id) not in seen:
            seen.add((module.name, node.id))
            if _name_requires(house, module, node.id, seen):
                return True
    return False


def _name_requires(house: House, module: Module, name: str, seen: set[tuple[str, str]]) -> bool:
    for each in module.imports:
        if each.bound == name and each.name and each.target in house.modules:
            return _name_requires(house, house.modules[each.target], each.name, seen)
    value = _assigned(module).get(name)
    if value is not None:
        return _requires(house, module, value, seen)
    for node in module.tree.body:
        if isinstance(node, Function) and node.name == name:
            return any(_requires(house, module, each, seen) for each in _parameters(node))
    return False
