"""What others read of a practice: letters a few facts, reviewers what was handed in."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Integer, Uuid

from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.errors import not_found
from services.core.kit.statements import Connection, Statement, param
from services.core.practices import rubric
from services.core.practices.content import without_author
from services.core.practices.models import Assessment, Call, Practice, PracticeVersion


@dataclass(frozen=True, slots=True)
class PracticeBrief:
    """What a letter about a practice needs. ``findings`` are those of its latest assessment under the call's rubric."""

    id: UUID
    title: str
    theme: str
    jurisdiction_id: UUID
    jurisdiction_name: str
    community_id: UUID
    call_id: UUID
    call_title: str
    status: str
    number: int
    findings: list[dict[str, Any]]


async def brief(session: AsyncSession, practice_id: UUID) -> PracticeBrief:
    """What a letter says of a practice; 404 when there is none."""
    findings = (
        select(Assessment.findings)
        .where(Assessment.practice_id == Practice.id, Assessment.rubric_version == Call.rubric_version)
        .order_by(Assessment.number.desc())
        .limit(1)
        .correlate(Practice, Call)
        .scalar_subquery()
    )
    query = (
        select(
            Practice.id,
            Practice.title,
            Practice.theme,
            Practice.jurisdiction_id,
            Jurisdiction.name.label("jurisdiction_name"),
            Call.community_id,
            Practice.call_id,
            Call.title.label("call_title"),
            Practice.status,
            Practice.submission.label("number"),
            findings.label("findings"),
        )
        .join(Call, Call.id == Practice.call_id)
        .join(Jurisdiction, Jurisdiction.id == Practice.jurisdiction_id)
        .where(Practice.id == practice_id)
    )
    row = (await session.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found()
    return PracticeBrief(**{**row, "findings": row["findings"] or []})


_CONTENT = Statement(
    select(
        cast(PracticeVersion.content, Text).label("content"),
        cast(func.json_build_object("id", Jurisdiction.id, "name", Jurisdiction.name, "country", Jurisdiction.country), Text).label(
            "author"
        ),
    )
    .join(Practice, Practice.id == PracticeVersion.practice_id)
    .join(Jurisdiction, Jurisdiction.id == Practice.jurisdiction_id)
    .where(PracticeVersion.practice_id == param("id", Uuid), PracticeVersion.number == param("number", Integer))
)


async def content_for_review(connection: Connection, practice_id: UUID, number: int, *, blind: bool = False) -> dict[str, Any]:
    """The submission ``number`` as a reviewer reads it: what the author says and who it is, never its assessment or status.

    ``blind`` (a double-blind call) leaves out what names the author. 404 when there is no such submission.
    """
    row = await _CONTENT.one(connection, id=practice_id, number=number)
    if row is None:
        raise not_found()
    content: dict[str, Any] = {"id": str(practice_id), "number": number, "jurisdiction": orjson.loads(row["author"])}
    content |= orjson.loads(row["content"])
    return without_author(content) if blind else content


def review_criteria(rubric_version: str) -> list[dict[str, Any]]:
    """What reviewers score from 0 to 10 under a version of the rubric."""
    return [
        {"code": each.code, "title": each.title, "guidance": each.guidance, "weight": float(each.weight)}
        for each in rubric.load(rubric_version).review
    ]
