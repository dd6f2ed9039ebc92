"""A row of a CDP-ICLEI city targets file becomes a target, is skipped, or is rejected by a named rule.

Nothing is guessed: a cell that cannot be read counts as missing, and then R0 says what the type of target needs. The emissions of the
target year are computed; what the file says about them is kept beside (of a fixed level it is the target itself).
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from services.core.commitments import assessment, rules, targets, trajectory
from services.core.imports import cells, outcome, sectors
from services.core.imports.cells import Row, said
from services.core.imports.edition import Edition, Line
from services.core.imports.outcome import CELL, NO_TARGET, PLACE, Finding, Read, Status
from services.core.sync import cells as words
from services.core.sync import reading as places

__all__ = ["Finding", "Read", "Status", "read", "read_all"]


class _Limit(NamedTuple):
    """What a member can hold, and the rule by which a target is rejected that needs it."""

    lowest: Decimal
    highest: Decimal
    rule: str
    field: str


_YEARS: Final = (Decimal(1900), Decimal(2200), "R3")
_TONNES: Final = (Decimal(0), Decimal(10**12), "R0")
_LIMITS: Final = {
    "/base_year": _Limit(*_YEARS, "base_year"),
    "/target_year": _Limit(*_YEARS, "target_year"),
    "/year_set": _Limit(*_YEARS, "year_set"),
    "/base_year_emissions_t": _Limit(*_TONNES, "base_year_emissions_t"),
    "/reduction_percent": _Limit(Decimal(-(10**6)), Decimal(10**6), "R3", "reduction_percent"),
    "/reported_percent_achieved": _Limit(Decimal(-(10**6)), Decimal(10**6), "R3", "percent_achieved"),
    "/target_emissions_t": _Limit(Decimal(-(10**12)), Decimal(10**12), "R0", "target_emissions_t"),
    "/reported_target_year_emissions_t": _Limit(Decimal(-(10**12)), Decimal(10**12), "R0", "target_emissions_t"),
    "/projected_population": _Limit(Decimal(0), Decimal(2 * 10**9), "R0", "projected_population"),
    "/intensity/base_value": _Limit(Decimal(0), Decimal(10**15), "R0", "intensity_base_value"),
    "/intensity/projected_denominator": _Limit(Decimal(0), Decimal(2 * 10**9), "R0", "projected_population"),
    "/baseline_scenario/target_year_emissions_t": _Limit(*_TONNES, "scenario_emissions_t"),
}
_COLUMNS: Final = {"/intensity/unit": "intensity_unit", **{pointer: limit.field for pointer, limit in _LIMITS.items()}}
"""Which field of the file tells a member."""

MEMBERS: Final = (
    "title", "base_year", "base_year_emissions_t", "reduction_percent", "target_year", "year_set", "target_emissions_t",
    "reported_target_year_emissions_t", "intensity", "baseline_scenario", "sector", "boundary", "projected_population",
    "reported_percent_achieved", "net_zero",
)  # fmt: skip
"""What a row can say of a commitment, besides its type, which never changes, and who may read it, which is said when it is made."""


def read_all(edition: Edition, lines: Iterable[Line]) -> list[Read]:
    """All rows of a file, in order. Targets of one account that look alike get an ordinal in their ``key``."""
    return outcome.numbered(read(edition, line) for line in lines)


def read(edition: Edition, line: Line) -> Read:
    """One row. Never raises, whatever its cells hold."""
    row = Row(edition, line)
    place = places.read(edition.mapping, {column: cells.raw(row, field) for column, field in edition.place.items()}, line.number)
    account = place.external_id if place.external_id and place.external_id.isascii() and place.external_id.isdigit() else None
    reported = cells.year(row, "year_reported")
    year = reported if reported is not None and _holds("/year_set", reported) else edition.year
    kind = _kind(row)
    target = None if kind is None else _target(row, kind, account)
    blocked = sorted({each.rule for each in row.findings if each.severity == "blocking"})
    status: Status = "skipped" if kind is None and not line.crooked else "rejected" if blocked else "target"
    kept = target if status == "target" else None
    if target is not None and kept is None:
        _doubt(row, target, year, place.item)
    return Read(
        line=line.number,
        account=account,
        status=status,
        reason=NO_TARGET if status == "skipped" else "",
        rules=tuple(blocked),
        findings=tuple(row.findings),
        target=kept,
        target_year_emissions_t=trajectory.target_year_emissions(targets.target_of(kept)) if kept else None,
        jurisdiction=None if line.crooked or place.item is None else place.item,
        place=tuple(Finding(PLACE, "warning", "", each.detail, each.column) for each in place.findings),
        year_reported=year,
        key=_key(row, kept) if kept else "",
        hash=outcome.fingerprint(kept) if kept else "",
    )


def _say(row: Row, rule: str, severity: outcome.Severity, pointer: str, message: str, field: str) -> None:
    row.findings.append(Finding(rule, severity, pointer, message, cells.column(row, field)))


def _doubt(row: Row, target: dict[str, Any], year: int, place: dict[str, Any] | None) -> None:
    """Say what else looks like a typing error in a target that is rejected, so that the city can put all of it right at once."""
    facts = (place or {}).get("jurisdiction", {})
    context = rules.Context(reporting_year=year, country=facts.get("country"), population=facts.get("population"))
    for each in assessment.doubts(targets.target_of(target), context):
        _say(row, each.rule, each.severity, each.pointer, each.message, _COLUMNS.get(each.pointer, "target_type"))


def _kind(row: Row) -> str | None:
    """The type of the target, None for a row without one; an unknown label as it stands, which R0 refuses."""
    if row.line.crooked:
        message = "The row has more cells than the header has columns, so its cells may stand under the wrong ones."
        row.findings.append(Finding("R0", "blocking", "", message, ""))
        return None
    label = said(row, "target_type")
    kind = sectors.label(row.edition, "target_type", label) if label else sectors.NONE
    if kind is None:
        _say(row, CELL, "warning", "/target_type", f"{words.shown(label)} is no type of target that we know.", "target_type")
    if kind != sectors.NONE:
        return kind or label
    if any(said(row, field) for field in ("base_year", "reduction_percent", "target_year", "target_emissions_t")):
        message = "The row names no type of target, but it has figures of one: nothing was taken from it."
        _say(row, CELL, "warning", "/target_type", message, "target_type")
    return None


def _target(row: Row, kind: str, account: str | None) -> dict[str, Any]:
    """The body of a commitment; what blocks it is among the findings of ``row``."""
    if account is None:
        _say(row, "R0", "blocking", "", "There is no account number, so nobody can say whose target this is.", "account")
    body = {name: value for name, value in _facts(row, kind).items() if value is not None}
    blocking = rules.blocking(targets.target_of(body))
    for each in blocking:
        _say(row, each.rule, "blocking", each.pointer, each.message, _COLUMNS.get(each.pointer, "target_type"))
    _without_what_no_member_holds(row, body)
    if any(each.severity == "blocking" for each in row.findings):
        return body
    description = said(row, "description")
    if (zero := sectors.net_zero(row.edition, body, description)) is not None:
        body["net_zero"] = zero
    text = sectors.sector(row.edition, said(row, "sector"))[1]
    if not said(row, "sector"):
        _say(row, CELL, "info", "/sector", "The sector is not given: it counts as all sources of the inventory.", "sector")
    return {"title": sectors.title(body, text, description), **body, "visibility": _visibility(row)}


def _visibility(row: Row) -> str:
    """What a city answered for the public is public; what it did not is for itself."""
    access = said(row, "access")
    if not access or words.key(access) == "public":
        return "public"
    _say(row, CELL, "info", "/visibility", f"The answer is {words.shown(access)}: the commitment is private.", "access")
    return "private"


def _facts(row: Row, kind: str) -> dict[str, Any]:
    published = cells.amount(row, "target_emissions_t")
    population = cells.people(row, "projected_population")
    return {
        "target_type": kind,
        "base_year": cells.year(row, "base_year"),
        "base_year_emissions_t": cells.amount(row, "base_year_emissions_t"),
        "reduction_percent": cells.percent(row, "reduction_percent"),
        "target_year": cells.year(row, "target_year"),
        "year_set": cells.year(row, "year_set"),
        "target_emissions_t": published if kind == "fixed_level" else None,
        "reported_target_year_emissions_t": None if kind == "fixed_level" else published,
        "intensity": _intensity(row, population) if kind == "base_year_intensity" else None,
        "baseline_scenario": _scenario(row) if kind == "baseline_scenario" else None,
        "sector": sectors.sector(row.edition, said(row, "sector"))[0],
        "boundary": _boundary(row),
        "projected_population": population,
        "reported_percent_achieved": cells.percent(row, "percent_achieved"),
    }


def _intensity(row: Row, population: int | None) -> dict[str, Any]:
    """The file has a denominator for the target year only where it is the population."""
    unit = sectors.label(row.edition, "intensity_unit", said(row, "intensity_unit")) or sectors.OTHER
    told = {"unit": unit, "base_value": cells.amount(row, "intensity_base_value")}
    if unit == "per_capita" and population is not None:
        told["projected_denominator"] = Decimal(population)
    return {name: value for name, value in told.items() if value is not None}


def _scenario(row: Row) -> dict[str, Any] | None:
    level = cells.amount(row, "scenario_emissions_t")
    return None if level is None else {"target_year_emissions_t": level}


def _boundary(row: Row) -> str | None:
    label = said(row, "boundary")
    found = sectors.label(row.edition, "boundary", label) if label else None
    if label and found is None:
        message = f"{words.shown(label)} is no boundary that we know: it counts as missing."
        _say(row, CELL, "warning", "/boundary", message, "boundary")
    return found


def _without_what_no_member_holds(row: Row, body: dict[str, Any]) -> None:
    """Take out of ``body`` the numbers that its members cannot hold: a target that needs one is rejected by the rule of the member."""
    needed = rules.NEEDS.get(body["target_type"], {})
    for pointer, limit in _LIMITS.items():
        *group, member = pointer.split("/")[1:]
        holder = body.get(group[0], {}) if group else body
        if (value := holder.get(member)) is None or _holds(pointer, value):
            continue
        del holder[member]
        named = f"{sectors.shown(Decimal(value))} is not between {sectors.shown(limit.lowest)} and {sectors.shown(limit.highest)}"
        if pointer in needed:
            _say(row, limit.rule, "blocking", pointer, f"{named}, so it cannot be {needed[pointer]}.", limit.field)
        else:
            _say(row, CELL, "warning", pointer, f"{named}: it counts as missing.", limit.field)


def _holds(pointer: str, value: int | Decimal) -> bool:
    return _LIMITS[pointer].lowest <= value <= _LIMITS[pointer].highest


def _key(row: Row, target: dict[str, Any]) -> str:
    name, text = sectors.sector(row.edition, said(row, "sector"))
    parts = (target["target_type"], sectors.sector_key(name, text), target.get("boundary") or "unknown", target["target_year"])
    return "/".join(map(str, parts))
