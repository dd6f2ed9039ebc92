"""What a call's practices are assessed again from, and the reports of what moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection
from services.core.ledger import jobs
from services.core.ledger import queries as ledger
from services.core.practices.models import Assessment, Call, Practice, PracticeVersion

RESCORING = "rescoring"
"""The kind of the jobs that assess a call's practices under another rubric."""
_RUNS = "calls:write"

_known = aliased(Assessment)


@dataclass(frozen=True, slots=True)
class Assessed:
    """A submission with its assessment under the rubric of its call (``total`` … ``inputs``), and the one that is ``known`` under another.

    ``inputs`` is None in an assessment that is older than that column.
    """

    practice_id: UUID
    jurisdiction_id: UUID
    number: int
    content: dict[str, Any]
    submitted_at: datetime
    themes: list[str]
    time_zone: str
    total: Decimal
    band: str
    criteria: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    inputs: dict[str, Any] | None
    known: Assessment | None


@dataclass(frozen=True, slots=True)
class Rescoring:
    """A rescoring that has ended: what it was started with, what it counted, and what came of its parts."""

    params: dict[str, Any]
    counts: dict[str, int]
    parts: list[bytes]


async def newest_assessed(session: AsyncSession, call_id: UUID) -> list[tuple[UUID, int]]:
    """The practices of a call that are not withdrawn, each with its newest submission that was assessed under the call's rubric."""
    query = (
        select(Practice.id, func.max(Assessment.number))
        .join(Call, Call.id == Practice.call_id)
        .join(Assessment, and_(Assessment.practice_id == Practice.id, Assessment.rubric_version == Call.rubric_version))
        .where(Practice.call_id == call_id, Practice.status != "withdrawn")
        .group_by(Practice.id)
        .order_by(Practice.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def assessed(session: AsyncSession, rubric_version: str, submissions: Sequence[tuple[UUID, int]]) -> list[Assessed]:
    """Those of ``submissions`` (practice, number) that are not withdrawn by now, in the order of the practices' ids."""
    is_known = and_(
        _known.practice_id == PracticeVersion.practice_id,
        _known.number == PracticeVersion.number,
        _known.rubric_version == rubric_version,
    )
    is_own = and_(
        Assessment.practice_id == PracticeVersion.practice_id,
        Assessment.number == PracticeVersion.number,
        Assessment.rubric_version == Call.rubric_version,
    )
    query = (
        select(
            Practice.id,
            Practice.jurisdiction_id,
            PracticeVersion.number,
            PracticeVersion.content,
            PracticeVersion.submitted_at,
            Call.themes,
            Call.time_zone,
            Assessment.total,
            Assessment.band,
            Assessment.criteria,
            Assessment.findings,
            Assessment.inputs,
            _known,
        )
        .join(PracticeVersion, PracticeVersion.practice_id == Practice.id)
        .join(Call, Call.id == Practice.call_id)
        .join(Assessment, is_own)
        .outerjoin(_known, is_known)
        .where(tuple_(PracticeVersion.practice_id, PracticeVersion.number).in_(submissions), Practice.status != "withdrawn")
        .order_by(Practice.id)
    )
    return [Assessed(*tuple(row)) for row in await session.execute(query)]


async def ended_rescoring(connection: Connection, actor: Actor, job_id: UUID) -> Rescoring:
    """The rescoring, for everybody who runs the calls of its community; 404 until it has ended, and for others."""
    row = await ledger.JOB.one(connection, id=job_id, principal=actor.principal, sees_all=True)
    if row is None or row["kind"] != RESCORING or not row["has_ended"]:
        raise not_found()
    params: dict[str, Any] = orjson.loads(row["params"])
    if not actor.may_for(_RUNS, community=UUID(params["community_id"])):
        raise not_found()
    return Rescoring(params, orjson.loads(row["outcome"]), await jobs.results(connection, job_id))
