"""What a person sees of an import: a moving bar on a terminal, plain lines elsewhere, and a summary."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.local.importing.outcome import WRITTEN, Outcome

_SHOWN = 12


class Bar:
    """Shows how many of ``total`` are through; ``what``: of what, and what was done with them."""

    def __init__(self, console: Console, total: int, what: str) -> None:
        self._console, self._total, self._what, self._sent = console, total, what, 0
        self._bar = (
            Progress(TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, transient=True)
            if console.is_terminal
            else None
        )
        self._task = self._bar.add_task("importing", total=total) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def forward(self, sent: int) -> None:
        """``sent`` more are through."""
        self._sent += sent
        if self._bar and self._task is not None:
            self._bar.update(self._task, advance=sent)
        else:
            say(self._console, f"import: {self._sent} of {self._total} {self._what}")


def say(console: Console, line: str) -> None:
    """One plain line, as it is."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def summarise(console: Console, outcome: Outcome) -> None:
    """The counts, the countries, and the first problems in words."""
    counts = outcome.counts()
    would = " (a dry run: nothing was written)" if outcome.dry_run else ""
    unsent = f", {counts['not_sent']} not sent" if counts["not_sent"] else ""
    say(console, f"{counts['rows']} rows of {outcome.file} are {counts['jurisdictions']} jurisdictions of “{outcome.source}”{would}:")
    say(console, "  " + ", ".join(f"{counts[status]} {status}" for status in WRITTEN) + f", {counts['error']} with problems{unsent}")
    if outcome.results:
        console.print(_countries(outcome))
    if outcome.stopped:
        say(console, f"It stopped before its end: {outcome.stopped}")
    _problems(console, outcome)


def _countries(outcome: Outcome) -> Table:
    table = Table(box=None, pad_edge=True)
    columns = (*WRITTEN, "error")
    table.add_column("country")
    for column in columns:
        table.add_column("problems" if column == "error" else column, justify="right")
    for country, statuses in outcome.countries().items():
        table.add_row(country, *(str(statuses[column] or "") for column in columns))
    return table


def _problems(console: Console, outcome: Outcome) -> None:
    told: list[str] = []
    for line in outcome.lines():
        who = f"row {line['row']}" + (f" ({line['external_id']})" if line["external_id"] else "")
        if line["status"] == "error" and "same_as_row" not in line and line["problem"]["code"] != "not-sent":
            told.append(f"{who}: {line['problem'].get('detail') or line['problem'].get('title')}")
        told += [f"{who}: “{each['column']}”: {each['detail']}" for each in line["findings"] if each["severity"] == "warning"]
    for sentence in told[:_SHOWN]:
        say(console, f"  {sentence}")
    if len(told) > _SHOWN:
        say(console, f"  … and {len(told) - _SHOWN} more (--report FILE.json has them all)")
