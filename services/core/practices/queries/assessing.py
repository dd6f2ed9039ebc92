"""What the worker needs to assess submissions, and writes of it: a statement each, for any number of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.core.kit.db import Unit
from services.core.practices.content import plain

_TO_ASSESS = """
SELECT p.id, p.jurisdiction_id, p.call_id, p.status, v.number, v.content::text AS content, v.submitted_at,
       c.community_id, c.themes, c.rubric_version, c.time_zone
FROM unnest($1::uuid[], $2::int[]) AS wanted(practice_id, number)
JOIN practice p ON p.id = wanted.practice_id AND p.status = 'submitted' AND p.submission = wanted.number
JOIN practice_version v ON v.practice_id = p.id AND v.number = wanted.number
JOIN call c ON c.id = p.call_id
ORDER BY p.id FOR NO KEY UPDATE OF p
"""
_KEEP = """
INSERT INTO assessment (id, practice_id, number, rubric_version, inputs_hash, findings, band, total, criteria, inputs)
SELECT id, practice_id, number, rubric_version, inputs_hash, findings, band, total, criteria, inputs
FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, practice_id uuid, number int, rubric_version text, inputs_hash text,
     findings jsonb, band text, total numeric, criteria jsonb, inputs jsonb)
"""
_MOVE = """
UPDATE practice p SET status = x.status, version = p.version + 1, updated_at = domain_now()
FROM unnest($1::uuid[], $2::text[]) AS x(id, status) WHERE p.id = x.id
"""


@dataclass(frozen=True, slots=True)
class ToAssess:
    """A submission as it was frozen, of a practice that waits for its assessment (locked), and what its call asks for."""

    practice_id: UUID
    jurisdiction_id: UUID
    call_id: UUID
    status: str
    number: int
    content: dict[str, Any]
    submitted_at: datetime
    community_id: UUID
    themes: list[str]
    rubric_version: str
    time_zone: str


async def to_assess(session: Unit, submissions: Sequence[tuple[UUID, int]]) -> list[ToAssess]:
    """Those of ``submissions`` (practice, number) that still wait: neither withdrawn, replaced nor assessed meanwhile.

    Their practices are locked in the order of their ids.
    """
    driver = await session.driver()
    rows = await driver.fetch(_TO_ASSESS, [each[0] for each in submissions], [each[1] for each in submissions])
    return [
        ToAssess(
            row["id"], row["jurisdiction_id"], row["call_id"], row["status"], row["number"], orjson.loads(row["content"]),
            row["submitted_at"], row["community_id"], row["themes"], row["rubric_version"], row["time_zone"],
        )
        for row in rows
    ]  # fmt: skip


async def keep_assessments(session: Unit, assessments: Sequence[Mapping[str, Any]]) -> None:
    """Write assessments: the members that `assessment.told` gives, and ``id``, ``practice_id``, ``number``."""
    await (await session.driver()).execute(_KEEP, orjson.dumps(assessments, default=plain).decode())


async def move(session: Unit, statuses: Mapping[UUID, str]) -> None:
    """Give locked practices their new statuses."""
    await (await session.driver()).execute(_MOVE, list(statuses), list(statuses.values()))
