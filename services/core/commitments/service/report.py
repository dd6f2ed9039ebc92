"""Reporting progress against a commitment."""

from uuid import UUID

import asyncpg
import orjson

from services.core.commitments import queries
from services.core.commitments.events import CommitmentProgressReported
from services.core.commitments.schemas import ProgressReportCreate
from services.core.commitments.service.make import forbidden
from services.core.commitments.targets import plain
from services.core.commitments.validation import report_errors
from services.core.kit.actor import Actor
from services.core.kit.db import Unit
from services.core.kit.errors import FieldError, Problem
from services.core.kit.ids import new_id
from services.core.ledger.record import record


async def report(session: Unit, actor: Actor, commitment_id: UUID, given: ProgressReportCreate) -> tuple[UUID, asyncpg.Record]:
    """Store the inventory of one year; its id and ``{version, body}``. 409 ``already-exists`` when the year has one."""
    connection = await session.driver()
    jurisdiction_id = await queries.owner(connection, actor, commitment_id)
    if not actor.may_for("commitments:write", jurisdiction=jurisdiction_id):
        raise forbidden()
    values = given.model_dump()
    if wrong := report_errors(values):
        errors = [FieldError(*each) for each in wrong]
        raise Problem("invalid-body", errors[0].detail, errors=errors)
    report_id = new_id()
    columns = values | {"id": report_id, "commitment_id": commitment_id, "sectors": orjson.dumps(plain(values["sectors"])).decode()}
    row = await queries.INSERT_REPORT.one(connection, **columns)
    if row is None:
        raise Problem("already-exists", f"The year {given.year} has a progress report already.")
    after = {"year": given.year, "emissions_t": plain(given.emissions_t), "notation_key": given.notation_key}
    reported = CommitmentProgressReported(
        subject_id=commitment_id, jurisdiction_id=jurisdiction_id, after=after, report_id=report_id, year=given.year
    )
    record(session, actor, reported)
    return report_id, row
