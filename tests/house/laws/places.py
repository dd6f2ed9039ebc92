"""LAW 7: one place commits, one place reads the clock."""

import ast
from collections.abc import Iterator

from tests.house.laws.tables import CLOCK_FREE, CLOCK_HOME, COMMIT_HOME
from tests.house.laws.tree import Breach, House, dotted, within

ENDS = frozenset({"commit", "rollback"})
DATABASES = frozenset({"db", "database"})
"""Receivers whose ``begin()`` is kit/db.py's own."""

CLOCKS = frozenset(
    {
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime")),
    }
)


def commits(house: House) -> Iterator[Breach]:
    """``x.commit()``, ``x.rollback()`` and ``with x.begin()`` (which commits at its end) stand only in kit/db.py."""
    for module in house.under("services"):
        if module.name == COMMIT_HOME:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ENDS:
                if dotted(node.func, module) != f"{COMMIT_HOME}.commit":
                    yield module.breach(7, node.lineno, f"{ast.unparse(node.func)}() outside kit/db.py")
            elif isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    if _begins(item.context_expr):
                        yield module.breach(7, node.lineno, f"with {ast.unparse(item.context_expr)}: commits outside kit/db.py")


def clocks(house: House) -> Iterator[Breach]:
    """The machine's clock is read only in kit/clock.py (monotonic clocks, which measure, are free)."""
    for module in house.under("services"):
        if within(module.name, CLOCK_HOME, *CLOCK_FREE):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
                name = dotted(node, module)
                if name in CLOCKS:
                    yield module.breach(7, node.lineno, f"{name} outside kit/clock.py")


def _begins(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "begin"):
        return False
    receiver = ast.unparse(node.func.value).rpartition(".")[2].lstrip("_")
    return receiver not in DATABASES
