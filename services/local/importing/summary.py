"""What a person sees of an import of targets when it has ended."""

from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from services.local.importing.telling import say

Json = dict[str, Any]
_SHOWN = 12
_REASONS = {
    "no_target": "without a target",
    "edited_here": "whose commitment was changed here since, and is kept",
    "newer_edition": "older than what is known, which is kept",
}
_DOUBTS = ("plausible", "year_set")
"""Rules that reject nothing, but ask whether a number is a typing error."""


def summarise(console: Console, file: str, result: Json) -> None:
    """The counts, the rules, the columns that nobody knows, and the first rejected rows in words."""
    counts = result["counts"]
    would = " (a dry run: nothing was written)" if result["dry_run"] else ""
    say(console, f"{counts['rows']} rows of {file}, edition {result['edition']}{would}:")
    say(
        console,
        f"  {counts['imported']} imported, {counts['imported_with_findings']} imported with findings, {counts['skipped']} skipped,"
        f" {counts['rejected']} rejected",
    )
    say(
        console,
        f"  {counts['created']} commitments created, {counts['revised']} revised, {counts['unchanged']} unchanged;"
        f" {counts['jurisdictions_created']} jurisdictions created",
    )
    reasons = Counter(row["reason"] for row in result["rows"] if row["reason"])
    for reason, often in reasons.most_common():
        say(console, f"  {often} rows {_REASONS.get(reason, reason)}")
    if any(row["rules"] for row in result["rows"]):
        console.print(_rules(result["rows"]))
    if result["unknown_headers"]:
        say(console, "Columns that were not read, since the edition does not know them: " + ", ".join(result["unknown_headers"]))
    if "stopped" in result:
        say(console, f"It stopped before its end: {result['stopped']}")
    _rejected(console, result["rows"])


def _rules(rows: list[Json]) -> Table:
    """How many rows each rule rejects, and how many it warns of."""
    told = {status: Counter(rule for row in rows if row["status"] == status for rule in row["rules"]) for status in _BY_RULE}
    table = Table(box=None, pad_edge=True)
    table.add_column("rule")
    for heading in _BY_RULE.values():
        table.add_column(heading, justify="right")
    for rule in sorted({rule for counter in told.values() for rule in counter}, key=_by_number):
        table.add_row(rule, *(str(counter[rule] or "") for counter in told.values()))
    return table


_BY_RULE = {"rejected": "rows rejected", "imported_with_findings": "rows warned of"}


def _by_number(rule: str) -> tuple[int, str]:
    return (int(rule[1:]) if rule[1:].isdigit() else 1_000, rule)


def _rejected(console: Console, rows: list[Json]) -> None:
    rejected = [row for row in rows if row["status"] == "rejected"]
    for row in rejected[:_SHOWN]:
        why = [each["message"] for each in row["findings"] if each["rule"] in row["rules"] and each["severity"] != "info"]
        doubts = [each["message"] for each in row["findings"] if each["rule"] in _DOUBTS and each["rule"] not in row["rules"]]
        words = " ".join([*why, *(["Besides:"] if doubts else []), *doubts])
        who = f" ({row['account']})" if row["account"] else ""
        say(console, f"  line {row['line']}{who}: {', '.join(row['rules'])}: {words}")
    if len(rejected) > _SHOWN:
        say(console, f"  … and {len(rejected) - _SHOWN} more (--report FILE.json has them all)")
