"""A file on its way to becoming a job: read as a whole, judged row by row, told apart into parts."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import orjson

from services.core.commitments.assessment import findings
from services.core.commitments.rules import Context, Target
from services.core.commitments.schemas import CommitmentCreate
from services.core.commitments.targets import plain, target_of
from services.core.imports import edition, reading, rules
from services.core.imports.outcome import Read
from services.core.kit.errors import Problem
from services.core.kit.schema import fits
from services.core.sync.tabular import Unusable

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """What a file holds: parts of rows (JSON, ready to be kept), and what is true of all of them."""

    source: str
    edition: str
    title: str
    attribution: str
    unknown_headers: list[str]
    rows: int
    parts: list[bytes]


def read(content: bytes) -> File:
    """The file with these bytes; `Unusable` when nothing can be done with it."""
    form, lines = edition.parse(content)
    if len(lines) > rules.MOST_ROWS:
        raise Unusable(f"has {len(lines)} rows; {rules.MOST_ROWS} are taken at once: split it")
    unknown = edition.unknown(list(dict.fromkeys(column for line in lines for column in line.cells)), form)
    reads = reading.read_all(form, lines)
    targets = [None if each.target is None else target_of(each.target) for each in reads]
    steps = _steps(reads, targets)
    rows = [_row(each, target, steps, form.year) for each, target in zip(reads, targets, strict=True)]
    accounts = Counter(row["account"] for row in rows)
    for row in rows:
        row["is_split"] = accounts[row["account"]] > rules.PART
    parts = rules.parts([row["account"] for row in rows])
    return File(
        form.source,
        form.name,
        form.title,
        _attribution(form),
        unknown,
        len(rows),
        [orjson.dumps([rows[p] for p in part]) for part in parts],
    )


def _attribution(form: edition.Edition) -> str:
    """Whom to name beside the figures, in one line."""
    return f"{form.attribution[:1].upper()}{form.attribution[1:]}; {form.title}; self-reported, unverified."


_Steps = Mapping[tuple[str | None, str | None, str | None], list[tuple[int, Decimal | None]]]


def _steps(reads: Sequence[Read], targets: Sequence[Target | None]) -> _Steps:
    """Year and emissions (t CO2e) of each account's targets about the same sector and boundary."""
    found: dict[tuple[str | None, str | None, str | None], list[tuple[int, Decimal | None]]] = defaultdict(list)
    for each, target in zip(reads, targets, strict=True):
        if target is not None and target.target_year is not None:
            found[each.account, target.sector, target.boundary].append((target.target_year, each.target_year_emissions_t))
    return found


def _row(read: Read, target: Target | None, steps: _Steps, year: int) -> Json:
    """The row as the worker needs it, judged by what the file says; what is known here is asked later, when it is assessed."""
    row: Json = {
        "line": read.line,
        "account": read.account or "",
        "status": read.status,
        "reason": read.reason or None,
        "rules": list(read.rules),
        "target_year_emissions_t": plain(read.target_year_emissions_t),
        "findings": [asdict(each) for each in read.findings],
    }
    if read.target is None or target is None:
        return row
    try:
        fits(CommitmentCreate, read.target)
    except Problem as problem:
        return row | refusal(problem, row["findings"])
    found = _findings(read, target, steps, year)
    warnings = sorted({each["rule"] for each in found if each["severity"] == "warning"})
    return row | {
        "status": "imported_with_findings" if warnings else "imported",
        "rules": warnings,
        "findings": row["findings"] + found,
        "target": plain(read.target),
        "jurisdiction": plain(read.jurisdiction),
        "place": [asdict(each) for each in read.place],
        "year": read.year_reported or year,
        "key": read.key,
        "hash": read.hash,
    }


def _findings(read: Read, target: Target, steps: _Steps, year: int) -> list[Json]:
    facts = (read.jurisdiction or {}).get("jurisdiction", {})
    others, end = steps.get((read.account, target.sector, target.boundary), ()), target.target_year or 0
    base = target.base_year_emissions_t
    ahead = {by for by, left in others if (target.base_year or 0) < by < end and (base is None or left is None or left <= base)}
    context = Context(
        reporting_year=read.year_reported or year,
        interim_target_years=tuple(sorted(ahead)),
        later_target_years=tuple(sorted({by for by, _ in others if by > end})),
        country=facts.get("country"),
        population=facts.get("population"),
    )
    return [_finding(each.rule, each.severity, each.pointer, each.message) for each in findings(target, context)]


def refusal(problem: Problem, findings: list[Json]) -> Json:
    """What is told of a row that ``problem`` stands against: the rules that it breaks, “form” where it breaks none of the standards."""
    told = [_finding(_rule(error.code), "blocking", error.pointer, error.detail) for error in problem.errors]
    told = told or [_finding("form", "blocking", "", problem.detail)]
    return {"status": "rejected", "rules": sorted({each["rule"] for each in told}), "reason": None, "findings": findings + told}


def _rule(code: str) -> str:
    return code if code[:1] == "R" and code[1:].isdigit() else "form"


def _finding(rule: str, severity: str, pointer: str, message: str) -> Json:
    return {"rule": rule, "severity": severity, "pointer": pointer, "message": message, "column": ""}
