"""What an assessment looks at, and where its result is stored."""

from itertools import chain

from sqlalchemy import ColumnElement, Date, Integer, and_, cast, func, not_, or_, select, update
from sqlalchemy.dialects.postgresql import JSON, JSONB, aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text, Uuid

from services.core.commitments.models import Commitment, ProgressReport
from services.core.commitments.queries.reading import SEEN, VIEW
from services.core.communities.models import Membership
from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Statement, json_text, param

_MOST_LOOKED_AT_AGAIN = 100
_LOOKED_AT = (
    "id", "year", "emissions_t", "notation_key", "population", "denominator", "boundary", "gases", "scopes", "sectors", "verified",
    "includes_grid_generation", "recalculated_base_year_emissions_t", "reported_percent_achieved", "created_at",
)  # fmt: skip
_report = func.json_build_object(
    *chain.from_iterable((name, ProgressReport.__table__.c[name]) for name in _LOOKED_AT), type_=JSON,
)  # fmt: skip
_inventories = (
    select(cast(func.coalesce(func.json_agg(aggregate_order_by(_report, ProgressReport.year)), cast("[]", JSON)), Text))
    .where(ProgressReport.commitment_id == Commitment.id)
    .correlate(Commitment)
    .scalar_subquery()
)
_step = aliased(Commitment)


def _is_step(step: type[Commitment], goal: type[Commitment]) -> ColumnElement[bool]:
    """Whether ``step`` leads to ``goal``: it names it, or it is an earlier target about the same that its reader may see too."""
    about_the_same = (
        (step.target_year < goal.target_year)
        & (step.sector == goal.sector)
        & step.boundary.is_not_distinct_from(goal.boundary)
        & step.visibility.in_(("public", goal.visibility))
    )
    return and_(step.jurisdiction_id == goal.jurisdiction_id, or_(step.interim_of == goal.id, about_the_same))


_step_years = func.array(select(_step.target_year).where(_is_step(_step, Commitment)).distinct().correlate(Commitment).scalar_subquery())
_joined_on = (
    select(cast(func.min(Membership.activated_at), Date))
    .where(Membership.jurisdiction_id == Commitment.jurisdiction_id)
    .correlate(Commitment)
    .scalar_subquery()
)
_SURROUNDED = (
    select(
        VIEW.label("body"),
        Commitment.assessments,
        _inventories.label("reports"),
        _step_years.label("step_years"),
        func.date_part("year", DOMAIN_NOW).label("this_year"),
        _joined_on.label("joined_on"),
        Jurisdiction.country,
        Jurisdiction.population,
        Jurisdiction.name.label("jurisdiction_name"),
    )
    .join(Jurisdiction, Jurisdiction.id == Commitment.jurisdiction_id)
    .where(Commitment.id == param("id", Uuid))
)
TRAJECTORY = Statement(_SURROUNDED.where(SEEN))
"""A commitment with its inventories and what surrounds it, for who may see it."""

_goal = aliased(Commitment)
_lacks_a_step = _goal.findings.contains(json_text([{"rule": "R5", "severity": "warning"}]))
LOOK_AGAIN = Statement(
    select(_goal.id)
    .join(Commitment, Commitment.jurisdiction_id == _goal.jurisdiction_id)
    .where(
        Commitment.id == param("id", Uuid),
        _goal.id != Commitment.id,
        _goal.target_year > param("interim_by", Integer),
        or_(
            (Commitment.target_year <= param("interim_by", Integer)) & _is_step(Commitment, _goal) & _lacks_a_step,
            (Commitment.version > 1) & (_goal.assessed_at < Commitment.updated_at) & not_(_lacks_a_step),
        ),
    )
    .limit(_MOST_LOOKED_AT_AGAIN)
)
"""The later targets whose step this one has become or, since it was changed, may be no longer."""

HELD = Statement(select(Commitment.id).where(Commitment.id == param("id", Uuid)).with_for_update(key_share=True))
"""Hold a commitment for its assessment. What is assessed is read by a statement of its own, which sees all that is committed."""

ASSESSABLE = Statement(_SURROUNDED)
"""What an assessment looks at."""

ASSESSED = Statement(
    update(Commitment)
    .where(Commitment.id == param("id", Uuid))
    .values(
        findings=param("findings", JSONB), progress=param("progress", JSONB), promise=param("promise", JSONB),
        sufficiency=param("sufficiency", JSONB), rulebook=param("rulebook", Text), assessed_at=DOMAIN_NOW,
        assessments=Commitment.assessments + 1, updated_at=Commitment.updated_at,
    )
)  # fmt: skip
"""Store an assessment; neither version nor ``updated_at`` moves, since the jurisdiction changed nothing."""
