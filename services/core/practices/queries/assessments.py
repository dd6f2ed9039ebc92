"""Questions about assessments, and what the worker needs to make one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Uuid

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Statement, json_view, number, param, utc
from services.core.practices.models import Assessment, Call, Practice, PracticeVersion
from services.core.practices.queries.seeing import IS_OWN

_VIEW = json_view(
    {
        "id": Assessment.id,
        "practice_id": Assessment.practice_id,
        "number": Assessment.number,
        "rubric_version": Assessment.rubric_version,
        "inputs_hash": Assessment.inputs_hash,
        "findings": Assessment.findings,
        "band": Assessment.band,
        "total": number(Assessment.total),
        "criteria": Assessment.criteria,
        "assessed_at": utc(Assessment.assessed_at),
    }
)
ASSESSMENT = Statement(
    select(
        Assessment.number.label("version"),
        case((Assessment.number == param("known", Integer), null()), else_=_VIEW).label("body"),
    )
    .join(Practice, Practice.id == Assessment.practice_id)
    .where(Assessment.practice_id == param("id", Uuid), IS_OWN)
    .order_by(Assessment.number.desc())
    .limit(1)
)
"""The newest assessment of a practice, by the practice's id. An assessment never changes, so its number is its version."""


@dataclass(frozen=True, slots=True)
class ToAssess:
    """A submission as it was frozen, the practice that waits for its assessment (locked), and what its call asks for."""

    practice: Practice
    content: dict[str, Any]
    community_id: UUID
    themes: list[str]
    rubric_version: str
    time_zone: str
    now: datetime


async def to_assess(session: AsyncSession, practice_id: UUID, number_: int) -> ToAssess | None:
    """The submission ``number_`` of a practice, if it still waits; None when it was withdrawn, replaced or assessed."""
    query = (
        select(Practice, PracticeVersion.content, Call.community_id, Call.themes, Call.rubric_version, Call.time_zone, DOMAIN_NOW)
        .join(PracticeVersion, PracticeVersion.practice_id == Practice.id)
        .join(Call, Call.id == Practice.call_id)
        .where(
            Practice.id == practice_id, Practice.status == "submitted", Practice.submission == number_, PracticeVersion.number == number_
        )
        .with_for_update(of=Practice, key_share=True)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else ToAssess(*row)
