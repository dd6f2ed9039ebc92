"""``python -m tests.bench``: run the benchmarks, show a table, write .comphub/bench.json. NAME chooses one, SIZE=full measures longer."""

import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench import practices, queues, sync, web
from tests.bench.engines import place
from tests.bench.measure import Result, shown

WEB: dict[str, Callable[..., Awaitable[Result]]] = {
    "read-detail": web.read_detail,
    "read-list-50": web.read_list,
    "read-304": web.read_304,
    "write-commitment": web.write_commitment,
}
QUEUES: dict[str, Callable[..., Awaitable[Result]]] = {"queue-pickup": queues.queue_pickup, "queue-drain": queues.queue_drain}
SYNC: dict[str, Callable[..., Awaitable[Result]]] = {"sync-10k": sync.sync_10k}
PRACTICES: dict[str, Callable[..., Awaitable[Result]]] = {"assess-10k": practices.assess_10k}
ALL = {**WEB, **QUEUES, **SYNC, **PRACTICES}
FULL = 3


def main() -> int:
    """Run them. A goal that was missed is told, and is no failure: machines differ."""
    console = Console()
    wanted, size = os.environ.get("NAME", ""), os.environ.get("SIZE", "")
    names = [wanted] if wanted else list(ALL)
    if unknown := set(names) - set(ALL):
        console.print(f"There is no benchmark {unknown.pop()}; there are: {', '.join(ALL)}.")
        return 2
    began = time.monotonic()
    results = uvloop.run(_run(names, FULL if size == "full" else int(size or 1), console))
    console.print(_table(results))
    for result in results:
        if not result.met:
            console.print(f"[red]goal missed:[/] {result.name}: {shown(result.value)} {result.unit}, goal {result.goal}; {result.note}")
    console.print(f"bench: {len(results)} benchmarks in {time.monotonic() - began:.0f} s, written to {_write(results)}", highlight=False)
    return 0


async def _run(names: list[str], size: int, console: Console) -> list[Result]:
    results: list[Result] = []
    async with place() as where:
        for group, opened in ((WEB, _open_web), (QUEUES, _open_queues), (SYNC, _open_sync), (PRACTICES, _open_practices)):
            chosen = [name for name in names if name in group]
            async with AsyncExitStack() as stack:  # ended with its group: a worker that stays would do the work of the next one
                site = await opened(stack, where) if chosen else None
                for name in chosen:
                    console.print(f"bench: {name} ...", highlight=False)
                    results.append(await group[name](site, size, lambda text: console.print(f"  {text}", highlight=False)))
    return results


async def _open_web(stack: AsyncExitStack, where: Any) -> Any:
    return await stack.enter_async_context(web.web(where))


async def _open_queues(stack: AsyncExitStack, where: Any) -> Any:
    site = await queues.queues(where)
    stack.push_async_callback(site.close)
    return site


async def _open_sync(stack: AsyncExitStack, where: Any) -> Any:
    return await stack.enter_async_context(sync.sync(where))


async def _open_practices(stack: AsyncExitStack, where: Any) -> Any:
    return await stack.enter_async_context(practices.practices(where))


def _table(results: list[Result]) -> Table:
    table = Table("benchmark", "measured", "median", "min", "max", "unit", "goal", "met")
    for result in results:
        table.add_section()
        for series in result.series:
            table.add_row("", series.name, *series.told(), series.unit, "", "")
        met = "[green]yes[/]" if result.met else "[red]NO[/]"
        table.add_row(result.name, "[bold]result", f"[bold]{shown(result.value)}", "", "", result.unit, str(result.goal), met)
    return table


def _write(results: list[Result]) -> Path:
    """Into .comphub/bench.json; a run of one benchmark keeps what is known of the others."""
    target = Path(".comphub") / "bench.json"
    target.parent.mkdir(exist_ok=True)
    known = json.loads(target.read_text()) if target.exists() else {}
    target.write_text(json.dumps(known | {result.name: result.entry() for result in results}, indent=2) + "\n")
    return target


if __name__ == "__main__":
    sys.exit(main())
