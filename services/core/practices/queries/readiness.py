"""A working copy, with all that an assessment of it would depend on."""

from dataclasses import fields

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.types import Uuid

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Statement, number, param
from services.core.practices.content import FIELDS
from services.core.practices.models import Call, Evidence, Practice
from services.core.practices.queries.seeing import IS_OWN
from services.core.practices.submission import Evidence as Attached

_said = func.jsonb_build_object(
    *(part for name in FIELDS if name != "emissions_avoided_t_per_year" for part in (name, getattr(Practice, name))),
    "emissions_avoided_t_per_year",
    number(Practice.emissions_avoided_t_per_year),
)
_evidence = func.json_strip_nulls(
    func.json_build_object(*(part for member in fields(Attached) for part in (member.name, getattr(Evidence, member.name))))
)
_attached = (
    select(func.coalesce(func.json_agg(aggregate_order_by(_evidence, Evidence.id)), func.json_build_array()))
    .where(Evidence.practice_id == Practice.id, Evidence.removed_at.is_(None))
    .correlate(Practice)
    .scalar_subquery()
)
WORKING_COPY = Statement(
    select(
        Practice.status,
        cast(_said, Text).label("content"),
        cast(_attached, Text).label("evidence"),
        Call.rubric_version,
        Call.themes,
        Call.time_zone,
        DOMAIN_NOW.label("now"),
    )
    .join(Call, Call.id == Practice.call_id)
    .where(Practice.id == param("id", Uuid), IS_OWN)
)
"""What the author says at this moment, as a version would hold it, and what the call asks for; for the author and the secretariat."""
