"""What an assessment looks at, and where its result is stored."""

from itertools import chain

from sqlalchemy import ColumnElement, Date, Integer, and_, cast, func, literal, not_, or_, select, update
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


def _about_the_same(other: type[Commitment], one: type[Commitment]) -> ColumnElement[bool]:
    """Whether ``other`` is about the same as ``one``."""
    return and_(
        other.jurisdiction_id == one.jurisdiction_id,
        other.sector == one.sector,
        other.boundary.is_not_distinct_from(one.boundary),
        _as_visible(other, one),
    )


def _as_visible(other: type[Commitment], one: type[Commitment]) -> ColumnElement[bool]:
    """Whether whoever reads ``one`` may see ``other`` too: what is computed of a commitment tells nothing of a hidden one."""
    return other.visibility.in_(("public", one.visibility))


def _is_step(step: type[Commitment], goal: type[Commitment]) -> ColumnElement[bool]:
    """Whether ``step`` leads to ``goal``: it names it or is about the same, ends between its years, and allows no more than its base."""
    return and_(
        step.jurisdiction_id == goal.jurisdiction_id,
        or_(and_(step.interim_of == goal.id, _as_visible(step, goal)), _about_the_same(step, goal)),
        step.target_year < goal.target_year,
        or_(goal.base_year.is_(None), step.target_year > goal.base_year),
        func.coalesce(step.target_year_emissions_t <= goal.base_year_emissions_t, literal(True)),  # noqa: FBT003  SQL's own word
    )


_step_years = func.array(select(_step.target_year).where(_is_step(_step, Commitment)).distinct().correlate(Commitment).scalar_subquery())
_later_years = func.array(
    select(_step.target_year)
    .where(_about_the_same(_step, Commitment), _step.target_year > Commitment.target_year)
    .distinct()
    .correlate(Commitment)
    .scalar_subquery()
)
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
        _later_years.label("later_years"),
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

OUTDATED = Statement(
    select(Commitment.id, Commitment.jurisdiction_id, Commitment.assessments)
    .join(Jurisdiction, Jurisdiction.id == Commitment.jurisdiction_id)
    .where(
        or_(
            Commitment.assessed_at < func.date_trunc("year", DOMAIN_NOW),
            Commitment.assessed_at < Jurisdiction.updated_at,
            Commitment.rulebook != param("rulebook", Text),
            select(Membership.id)
            .where(Membership.jurisdiction_id == Commitment.jurisdiction_id, Membership.activated_at > Commitment.assessed_at)
            .exists(),
        )
    )
    .limit(param("limit", Integer))
)
"""Commitments that were assessed in another year, by other rules, or before their jurisdiction changed or joined."""

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
