"""Reporting progress against a commitment, and correcting what was reported."""

from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.core.commitments import queries
from services.core.commitments.events import CommitmentProgressReported
from services.core.commitments.schemas import ProgressReportCreate, ProgressReportReplace
from services.core.commitments.service.make import forbidden
from services.core.commitments.targets import loads, plain
from services.core.commitments.validation import report_errors
from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.errors import FieldError, Problem, not_found
from services.core.kit.ids import new_id
from services.core.kit.schema import fits
from services.core.kit.versions import check_version
from services.core.ledger.record import record


async def report(session: Unit, actor: Actor, commitment_id: UUID, given: ProgressReportCreate) -> tuple[UUID, asyncpg.Record]:
    """Store the inventory of one year; its id and ``{version, body}``. 409 ``already-exists`` when the year has one."""
    connection = await session.driver()
    jurisdiction_id = await queries.owner(connection, actor, commitment_id)
    if not actor.may_for("commitments:write", jurisdiction=jurisdiction_id):
        raise forbidden()
    report_id = new_id()
    row = await queries.INSERT_REPORT.one(connection, id=report_id, commitment_id=commitment_id, **_columns(given))
    if row is None:
        raise Problem("already-exists", f"The year {given.year} has a progress report already. Correct that one instead.")
    after = {"year": given.year, "emissions_t": plain(given.emissions_t), "notation_key": given.notation_key}
    reported = CommitmentProgressReported(
        subject_id=commitment_id, jurisdiction_id=jurisdiction_id, after=after, report_id=report_id, year=given.year
    )
    record(session, actor, reported)
    return report_id, row


async def correct(
    session: Unit, actor: Actor, commitment_id: UUID, report_id: UUID, given: ProgressReportReplace, version: int | None
) -> asyncpg.Record:
    """Give a report its whole new state (PUT); ``{version, body}``. Its year stays: 422 when another is given.

    What was wrong is not lost: the event says what moved and, where it was given, why. A state that is the old one changes nothing.
    """
    connection = await session.driver()
    row = await queries.LOCKED_REPORT.one(connection, id=report_id, commitment_id=commitment_id, **queries.seen_by(actor))
    if row is None:
        raise not_found()
    if not actor.may_for("commitments:write", jurisdiction=row["jurisdiction_id"]):
        raise forbidden()
    check_version(row["version"], version)
    was = fits(ProgressReportCreate, {name: loads(row["body"])[name] for name in ProgressReportCreate.model_fields})
    whole = ProgressReportCreate.model_construct(**{name: getattr(given, name) for name in ProgressReportCreate.model_fields})
    if whole.year != was.year:
        raise _refused([("/year", "year-stays", f"This is the report of {was.year}; report another year on its own.")])
    columns = _columns(whole)
    before, after = was.model_dump(), whole.model_dump()
    moved = [name for name in after if before[name] != after[name]]
    if not moved:
        return row
    written = await queries.UPDATE_REPORT.one(connection, id=report_id, **{k: v for k, v in columns.items() if k != "year"})
    if written is None:
        raise not_found()
    corrected = CommitmentProgressReported(
        subject_id=commitment_id, jurisdiction_id=row["jurisdiction_id"], reason=given.reason, report_id=report_id, year=was.year,
        before=_said(before, moved), after=_said(after, moved),
    )  # fmt: skip
    record(session, actor, corrected)
    return written


def _columns(given: ProgressReportCreate) -> dict[str, Any]:
    """The columns of a report as the driver takes them, or a `Problem` 422 that names what is wrong."""
    values = given.model_dump()
    if wrong := report_errors(values):
        raise _refused(wrong)
    return values | {"sectors": orjson.dumps(plain(values["sectors"])).decode()}


def _refused(wrong: list[tuple[str, str, str]]) -> Problem:
    errors = [FieldError(*each) for each in wrong]
    return Problem("invalid-body", errors[0].detail, errors=errors)


def _said(values: dict[str, Any], names: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = orjson.loads(orjson.dumps(plain({name: values[name] for name in names})))  # days as text
    return said
