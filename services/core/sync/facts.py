"""What a row tells of a jurisdiction beyond its name, level and country."""

from collections.abc import Iterator
from typing import Any

from services.core.sync import cells, countries
from services.core.sync.row import Cell, Row

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def offered(row: Row, country: str, own: dict[str, str]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """What the row tells beyond the needed members: each with its column."""
    for member, parse in (("population", cells.whole), ("population_year", cells.year), ("area_km2", cells.number)):
        if (value := row.number(member, parse)) is not None:
            yield member, (row.column(member), value)
    if location := _location(row):
        yield "location", location
    if cell := row.first("subdivision"):
        if code := countries.subdivision(cell.said, country):
            yield "subdivision", (cell.column, code)
        else:
            row.find(
                "warning", cell.column, "unknown-subdivision", f"{cells.shown(cell.said)} is no part of {country} in ISO 3166-2: left out."
            )
    if cell := row.first("time_zone"):
        yield "time_zone", (cell.column, cell.said)
    if cell := row.first("languages"):
        yield (
            "languages",
            (cell.column, [part for each in cell.said.replace("|", ";").replace(",", ";").split(";") if (part := each.strip())]),
        )
    if cell := row.first("website"):
        yield "website", (cell.column, cell.said if "://" in cell.said else f"https://{cell.said}")
    yield from _families(row, own)


def _families(row: Row, own: dict[str, str]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Names by language, identifiers elsewhere, what makes jurisdictions comparable."""
    for family in ("names", "external_ids", "context"):
        told: dict[str, Cell] = {}
        for member in (each for each in row.mapping.fields if each.startswith(f"{family}.")):
            if cell := row.first(member):
                told[member.partition(".")[2]] = cell
        if not told:
            continue
        column = next(iter(told.values())).column
        if family == "names":
            yield family, (column, {language: cell.said for language, cell in told.items()})
        elif family == "external_ids":
            yield family, (column, [{"source": source, "value": cell.said} for source, cell in told.items() if source != own["source"]])
        else:
            yield family, (column, {name: value for name in told if (value := _context(row, name)) is not None})


def _context(row: Row, name: str) -> Any:
    if name == "climate_zone":
        return row.text("context.climate_zone")
    if name == "coastal":
        return _FLAGS.get(cells.key(row.text("context.coastal")))
    return row.number(f"context.{name}", cells.number)


def _location(row: Row) -> tuple[str, dict[str, float]] | None:
    column, place = row.column("point"), None
    for cell in row.every("point"):
        try:
            place = cells.point(cell.said)
        except cells.Unreadable as unreadable:
            row.find("warning", cell.column, "unreadable", f"location was left out: the cell {unreadable}.")
    if place is None:
        column = row.column("latitude")
        latitude, longitude = row.number("latitude", cells.number), row.number("longitude", cells.number)
        if latitude is None or longitude is None:
            return None
    else:
        latitude, longitude = (float(each) for each in place)
    if latitude == 0 and longitude == 0:
        row.find("warning", column, "implausible", "location was left out: 0, 0 lies in the ocean.")
        return None
    return column, {"latitude": latitude, "longitude": longitude}
