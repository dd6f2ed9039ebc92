"""LAW 9: small files, small functions, honest names, no import cycle."""

import ast
from collections.abc import Iterator, Mapping

from tests.house.laws.tables import ALLOWED, BAD_NAMES, LIMITS, NO_LIMITS
from tests.house.laws.tree import Breach, House, Module, top

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sizes(house: House, allowed: Mapping[str, str] = ALLOWED) -> Iterator[Breach]:
    """No file and no function is longer than LIMITS says, unless a line in ALLOWED gives a reason."""
    used: set[str] = set()
    for module in house.modules.values():
        if module.path.startswith(tuple(NO_LIMITS)):
            continue
        for key, line, what in _too_long(module):
            used.add(key)
            if not allowed.get(key):
                yield module.breach(9, line, what)
    for key in sorted(set(allowed) - used):
        yield Breach(key.partition("::")[0], 1, 9, f"ALLOWED names {key}, which is small or gone: take the line out")


def names(house: House) -> Iterator[Breach]:
    """A file says what it is about."""
    for module in house.modules.values():
        for part in module.name.split("."):
            if part in BAD_NAMES:
                yield module.breach(9, 1, f"{part} says nothing: name the file by its subject")


def cycles(house: House) -> Iterator[Breach]:
    """No module imports itself through others (imports inside functions count)."""
    for name, module in house.modules.items():
        if top(name) == "services":
            chain = house.reach(name).get(name)
            if chain and min(chain) == name:
                yield module.breach(9, 1, f"import cycle: {' -> '.join(chain)}")


def _too_long(module: Module) -> Iterator[tuple[str, int, str]]:
    most_file, most_function = LIMITS[top(module.name)]
    lines = module.source.count("\n")
    if lines > most_file:
        yield module.path, most_file + 1, f"{lines} lines (at most {most_file})"
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            length = _length(node)
            if length > most_function:
                yield f"{module.path}::{node.name}", node.lineno, f"{node.name} has {length} lines (at most {most_function})"


def _length(node: Function) -> int:
    """The lines of a function without its docstring."""
    first = node.body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    documentation = (first.end_lineno or 0) - first.lineno + 1 if text else 0
    return (node.end_lineno or 0) - node.lineno + 1 - documentation
