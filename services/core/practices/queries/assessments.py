"""Questions about assessments.

A submission has one assessment under the rubric of its call, which is the one that counts, and may have others under other versions.
"""

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.types import Integer, Text, Uuid

from services.core.kit.actor import Actor
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, json_view, number, param, utc
from services.core.practices.models import Assessment, Call, Practice
from services.core.practices.queries.seeing import IS_OWN, seen_by

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
    },
    optional={"inputs": (Assessment.inputs.is_not(None), Assessment.inputs)},
)
ASSESSMENT = Statement(
    select(_VIEW.label("body"))
    .join(Practice, Practice.id == Assessment.practice_id)
    .join(Call, Call.id == Practice.call_id)
    .where(
        Assessment.practice_id == param("id", Uuid),
        Assessment.rubric_version == func.coalesce(param("rubric_version", Text), Call.rubric_version),
        or_(param("number", Integer).is_(None), Assessment.number == param("number", Integer)),
        IS_OWN,
    )
    .order_by(Assessment.number.desc())
    .limit(1)
)
"""An assessment by the practice's id: of its submission ``number`` (None: the newest that was assessed), under ``rubric_version`` (None:
the call's own)."""

_LIST = Listing(
    "assessments",
    Assessment,
    json_view(
        {
            "number": Assessment.number,
            "rubric_version": Assessment.rubric_version,
            "band": Assessment.band,
            "total": number(Assessment.total),
            "inputs_hash": Assessment.inputs_hash,
            "assessed_at": utc(Assessment.assessed_at),
            "job_id": Assessment.job_id,
        }
    ),
    Assessment.practice_id == param("practice_id", Uuid),
    IS_OWN,
    joins=((Practice, Practice.id == Assessment.practice_id),),
)
_IS_SEEN = Statement(select(Practice.id).where(Practice.id == param("practice_id", Uuid), IS_OWN))


async def assessments(connection: Connection, actor: Actor, practice_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of all assessments of a practice in the order in which they were made; 404 for a practice of somebody else."""
    given = {"practice_id": practice_id, **seen_by(actor)}
    page = await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, **given)
    if page.items == b"[]" and await _IS_SEEN.value(connection, **given) is None:
        raise not_found()
    return page
