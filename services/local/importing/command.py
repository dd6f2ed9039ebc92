"""The import from its options to its exit status."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from services.core.sync import mapping as mappings
from services.core.sync.mapping import BrokenMapping, Mapping
from services.core.sync.merging import merge
from services.core.sync.reading import Mapped, read
from services.core.sync.row import Finding
from services.core.sync.tabular import Table, Unusable
from services.local.importing import files, target
from services.local.importing.outcome import Outcome
from services.local.importing.patience import Refused, Sleep
from services.local.importing.sending import Sender
from services.local.importing.telling import Bar, say, summarise

NOTHING_DONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for."""

    file: Path
    data_dir: Path
    source: str | None = None
    mapping: str | None = None
    dry_run: bool = False
    report: Path | None = None
    api_url: str | None = None
    key: str | None = None


async def run(
    options: Options, *, console: Console | None = None, transport: httpx.AsyncBaseTransport | None = None, sleep: Sleep = asyncio.sleep
) -> int:
    """Import, report and tell; the exit status: 0 all rows are in, 1 some are not, 2 nothing could be done."""
    console = console or Console()
    try:
        outcome, content = _prepare(options)
        sender = Sender(target.find(options.data_dir, options.api_url, options.key), transport=transport, sleep=sleep)
        if options.report:
            files.write_json(options.report, outcome.report())
        await _send(sender, outcome, content, console)
        if options.report:
            files.write_json(options.report, outcome.report())
    except (Unusable, BrokenMapping) as error:
        print(f"comphub import: {error}", file=sys.stderr)
        return NOTHING_DONE
    summarise(console, outcome)
    if options.report:
        say(console, f"The report is in {options.report}.")
    return outcome.exit_status


def _prepare(options: Options) -> tuple[Outcome, bytes]:
    given = _given(options.mapping) if options.mapping else None
    table, content = files.read(options.file, kind=given.kind if given else None, at=given.rows if given else "")
    mapping = given or mappings.detect(table.header)
    if mapping is None:
        known = ", ".join(mappings.shipped())
        raise Unusable(
            f"{options.file} has the columns of no registry that we know ({known}). "
            "Describe them with --mapping FILE.toml, or name one of these."
        )
    if options.source:
        try:
            mapping = Mapping.model_validate({**mapping.model_dump(exclude_unset=True), "source": options.source})
        except ValueError as error:
            raise Unusable(f"“{options.source}” is no name of a source: a-z, 0-9, - and _, such as iclei.") from error
    rows = [_row(mapping, table, number) for number in range(1, len(table.rows) + 1)]
    outcome = Outcome(mapping.source, options.file.name, mapping.title, options.dry_run, rows, merge(rows))
    return outcome, content


def _given(name: str) -> Mapping:
    path = Path(name)
    return mappings.shipped()[name] if not path.exists() and name in mappings.shipped() else mappings.read(path)


def _row(mapping: Mapping, table: Table, number: int) -> Mapped:
    if number in table.crooked:
        detail = "The row has more cells than the header has columns, so its cells may stand under the wrong ones."
        return Mapped(number, findings=[Finding("error", "", "more-cells", detail)])
    return read(mapping, table.rows[number - 1], number)


async def _send(sender: Sender, outcome: Outcome, content: bytes, console: Console) -> None:
    items = [group.item for group in outcome.groups]
    head = {"source": outcome.source, "mode": "merge", "dry_run": outcome.dry_run}
    with Bar(console, len(items), "jurisdictions sent") as bar:
        try:
            async for results in sender.send(head, items, content):
                outcome.results += results
                bar.forward(len(results))
        except Refused as refused:
            outcome.stopped = str(refused)
