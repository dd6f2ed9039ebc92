"""The source as the laws see it: every module parsed once, with what it imports."""

import ast
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TOP = ("services", "migrations", "tests")


@dataclass(frozen=True, order=True)
class Breach:
    """One place where a law is broken."""

    path: str
    line: int
    law: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: LAW {self.law}: {self.what}"


@dataclass(frozen=True)
class Import:
    """One import: ``target`` is the deepest module that is named; ``lazy`` stands inside a function."""

    target: str
    name: str | None
    bound: str
    line: int
    lazy: bool
    typing: bool


@dataclass
class Module:
    """One parsed file."""

    name: str
    path: str
    source: str
    tree: ast.Module
    package: bool
    imports: list[Import] = field(default_factory=list)

    @property
    def room(self) -> str | None:
        """The room of services.core in which the module stands."""
        parts = self.name.split(".")
        return parts[2] if len(parts) > 2 and parts[:2] == ["services", "core"] else None

    def breach(self, law: int, line: int, what: str) -> Breach:
        """A breach of ``law`` in this file."""
        return Breach(self.path, line, law, what)


class House:
    """All modules below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules: dict[str, Module] = {}
        self.unreadable: list[Breach] = []
        for top in TOP:
            for path in sorted((root / top).rglob("*.py")):
                self._add(path)
        for module in self.modules.values():
            module.imports = list(self._imports(module))

    def under(self, *prefixes: str) -> Iterator[Module]:
        """The modules at or below one of ``prefixes``."""
        return (module for name, module in self.modules.items() if within(name, *prefixes))

    def reach(self, start: str, *, lazy: bool = True) -> dict[str, tuple[str, ...]]:
        """Everything that importing ``start`` imports, each with the chain that leads to it."""
        chains: dict[str, tuple[str, ...]] = {}
        todo: deque[tuple[str, tuple[str, ...]]] = deque([(start, (start,))])
        while todo:
            name, chain = todo.popleft()
            for each in self.modules[name].imports:
                if each.target in chains or each.typing or (each.lazy and not lazy):
                    continue
                chains[each.target] = (*chain, each.target)
                if each.target in self.modules:
                    todo.append((each.target, chains[each.target]))
        return chains

    def _add(self, path: Path) -> None:
        inside = path.relative_to(self.root)
        parts = list(inside.with_suffix("").parts)
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        source = path.read_text(encoding="utf-8")
        try:
            self.modules[name] = Module(name, inside.as_posix(), source, ast.parse(source, str(inside)), package)
        except SyntaxError as error:
            self.unreadable.append(Breach(inside.as_posix(), error.lineno or 1, 9, f"is no Python: {error.msg}"))

    def _imports(self, module: Module) -> Iterator[Import]:
        for node, lazy, typing in _walk(module.tree, lazy=False, typing=False):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    yield Import(alias.name, None, bound, node.lineno, lazy, typing)
            elif isinstance(node, ast.ImportFrom):
                base = _base(module, node)
                for alias in node.names:
                    deep = f"{base}.{alias.name}"
                    found = deep in self.modules
                    yield Import(
                        deep if found else base, None if found else alias.name, alias.asname or alias.name, node.lineno, lazy, typing
                    )


def within(name: str, *prefixes: str) -> bool:
    """Whether module ``name`` is one of ``prefixes`` or lies below it."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def top(name: str) -> str:
    """The distribution-level name of a module: ``arq.connections`` is ``arq``."""
    return name.partition(".")[0]


def dotted(node: ast.expr, module: Module) -> str | None:
    """What an expression like ``dt.datetime.now`` names, with the module's imports resolved."""
    tail: list[str] = []
    while isinstance(node, ast.Attribute):
        tail.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    for each in module.imports:
        if each.bound == node.id:
            head = f"{each.target}.{each.name}" if each.name else each.target
            return ".".join([head if each.name or each.bound != top(head) else each.bound, *tail])
    return ".".join([node.id, *tail])


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    here = parts if module.package else parts[:-1]
    here = here[: len(here) - node.level + 1]
    return ".".join([*here, *([node.module] if node.module else [])])


def _walk(node: ast.AST, *, lazy: bool, typing: bool) -> Iterator[tuple[ast.AST, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, lazy, typing
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _walk(child, lazy=True, typing=typing)
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for inner in child.body:
                yield from _walk(ast.Module([inner], []), lazy=lazy, typing=True)
            for inner in child.orelse:
                yield from _walk(ast.Module([inner], []), lazy=lazy, typing=typing)
        else:
            yield from _walk(child, lazy=lazy, typing=typing)
