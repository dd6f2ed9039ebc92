"""What the secretariat sees of a call's assignment."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, array

from services.core.kit.statements import Connection, Statement, json_view, number, param, utc
from services.core.practices.models import Call
from services.core.reviews.models import Alternate, AssignmentRun, ReviewRequest
from services.core.reviews.queries.assigning import LIVE
from services.core.reviews.queries.requests import reviewer_view

_run = func.jsonb_build_object(
    "id", AssignmentRun.id,
    "inputs_hash", AssignmentRun.inputs_hash,
    "seed", AssignmentRun.seed,
    "objective", number(AssignmentRun.objective),
    "solver", AssignmentRun.solver,
    "unfilled", AssignmentRun.unfilled,
    "run_at", utc(AssignmentRun.run_at),
    type_=JSONB,
)  # fmt: skip
_last_run = (
    select(_run).where(AssignmentRun.call_id == Call.id).order_by(AssignmentRun.id.desc()).limit(1).correlate(Call).scalar_subquery()
)


def _why(row: Any) -> list[Any]:
    """The score of a pair and what it is made of, as the tail of a JSON object."""
    return ["score", number(row.score), "parts", row.parts, "reasons", row.reasons, "constraints", row.constraints]


def _all(entry: Any, order: Any) -> ColumnElement[Any]:
    return func.coalesce(func.jsonb_agg(aggregate_order_by(entry, *order)), cast("[]", JSONB))


_pair = func.jsonb_build_object(
    "request_id", ReviewRequest.id,
    "status", ReviewRequest.status,
    "practice_id", ReviewRequest.practice_id,
    "reviewer", reviewer_view(ReviewRequest.representative_id),
    *_why(ReviewRequest),
)  # fmt: skip
_pairs = (
    select(_all(_pair, (ReviewRequest.practice_id, ReviewRequest.id)))
    .where(ReviewRequest.call_id == Call.id, ReviewRequest.status == any_(array(LIVE)))
    .correlate(Call)
    .scalar_subquery()
)
_alternate = func.jsonb_build_object(
    "practice_id", Alternate.practice_id,
    "rank", Alternate.rank,
    "reviewer", reviewer_view(Alternate.representative_id),
    *_why(Alternate),
)  # fmt: skip
_alternates = (
    select(_all(_alternate, (Alternate.practice_id, Alternate.rank)))
    .join(AssignmentRun, AssignmentRun.id == Alternate.run_id)
    .where(AssignmentRun.call_id == Call.id)
    .correlate(Call)
    .scalar_subquery()
)
_ASSIGNMENT = Statement(
    select(
        json_view(
            {"call_id": Call.id, "pairs": _pairs, "alternates": _alternates},
            optional={"run": (_last_run.is_not(None), _last_run)},
        ).label("body")
    ).where(Call.id == param("id", Uuid))
)


async def assignment(connection: Connection, call_id: UUID) -> str | None:
    """Who reviews what in a call, as JSON; None when there is no such call."""
    body: str | None = await _ASSIGNMENT.value(connection, id=call_id)
    return body
