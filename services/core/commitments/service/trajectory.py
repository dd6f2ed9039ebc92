"""The path that a commitment asks for."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import asyncpg
import orjson

from services.core.commitments import queries
from services.core.commitments.assessment import trajectory_of
from services.core.commitments.progress import standing
from services.core.commitments.rules import Target
from services.core.commitments.service.assess import context_of
from services.core.commitments.targets import loads, target_of
from services.core.commitments.trajectory import path, target_year_emissions
from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection

Points = tuple[tuple[int, Decimal], ...]
"""Years with emissions, t CO2e."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """All that a picture of a path says; equal facts are an equal picture. Emissions are t CO2e, sorted by year.

    ``gap``: (year, required, reported) of the latest report on the path; ``not_drawn``: the years of reports that the path leaves out;
    ``no_path``: a code that says why there is no path (``no_base_year``, ``no_target_year``, ``no_target``, ``no_base_emissions``,
    ``not_known``), None when there is one.
    """

    commitment_id: UUID
    version: int
    assessments: int
    title: str
    jurisdiction: str
    status: str
    target: tuple[int, Decimal] | None
    required: Points
    reported: Points
    gap: tuple[int, Decimal, Decimal] | None
    not_drawn: tuple[int, ...]
    no_path: str | None


async def trajectory(connection: Connection, actor: Actor, commitment_id: UUID) -> bytes:
    """The path of a commitment as JSON, computed from what is stored now; 404 when ``actor`` may not see it."""
    row = await _seen(connection, actor, commitment_id)
    target = target_of(loads(row["body"]))
    return orjson.dumps(trajectory_of(target, context_of(target, row)))


async def picture_facts(connection: Connection, actor: Actor, commitment_id: UUID) -> PictureFacts:
    """What a picture of the path of a commitment says, computed from what is stored now; 404 when ``actor`` may not see it."""
    row = await _seen(connection, actor, commitment_id)
    body = loads(row["body"])
    target = target_of(body)
    context = context_of(target, row)
    inventories, this_year = context.inventories, context.reporting_year
    rows = path(target, inventories, this_year)
    totals = {each.year: each.emissions_t for each in inventories if each.emissions_t is not None}
    drawn = {row.year: row.reported_t for row in rows if row.reported_t is not None} if len(rows) > 1 else _over(totals, this_year)
    required = tuple((row.year, row.required_t) for row in rows) if len(rows) > 1 else ()
    latest = max(drawn, default=None) if required else None
    goal = target_year_emissions(target)
    return PictureFacts(
        commitment_id=commitment_id,
        version=int(body["version"]),
        assessments=row["assessments"],
        title=body["title"],
        jurisdiction=row["jurisdiction_name"],
        status=standing(target, inventories, this_year).status,
        target=None if goal is None or target.target_year is None else (target.target_year, goal),
        required=required,
        reported=tuple(sorted(drawn.items())),
        gap=None if latest is None else (latest, dict(required)[latest], drawn[latest]),
        not_drawn=tuple(sorted(totals.keys() - drawn.keys())),
        no_path=None if required else _why_not(target, goal),
    )


def _over(totals: dict[int, Decimal], this_year: int | None) -> dict[int, Decimal]:
    """Without those of a year that is not over."""
    return {year: total for year, total in totals.items() if this_year is None or year <= this_year}


def _why_not(target: Target, goal: Decimal | None) -> str:
    """Why there is no path."""
    if target.target_year is None:
        return "no_target_year"
    if target.base_year is None:
        return "no_base_year"
    if goal is None:
        return "no_target"
    needs_base = target.target_type in {"base_year_absolute", "fixed_level"}
    return "no_base_emissions" if needs_base and target.base_year_emissions_t is None else "not_known"


async def _seen(connection: Connection, actor: Actor, commitment_id: UUID) -> asyncpg.Record:
    row = await queries.TRAJECTORY.one(connection, id=commitment_id, **queries.seen_by(actor))
    if row is None:
        raise not_found()
    return row
