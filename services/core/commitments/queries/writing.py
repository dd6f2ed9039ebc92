"""The statements that write commitments; what is written answers its representation in the same statement."""

from sqlalchemy import bindparam, case, func, insert, literal, null, select, update
from sqlalchemy.types import Boolean, Text, Uuid

from services.core.commitments.models import Commitment
from services.core.commitments.progress import UNASSESSED
from services.core.commitments.queries.reading import SEEN, VIEW
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.statements import Statement, json_text, param, utc
from services.core.ledger.models import EventRow

_GIVEN = (
    "title", "target_type", "base_year", "base_year_emissions_t", "reduction_percent", "target_year", "year_set", "target_emissions_t",
    "target_year_emissions_t", "intensity", "baseline_scenario", "sector", "boundary", "gases", "scopes", "conditional_percent",
    "uses_credits", "net_zero", "status_in_law", "interim_of", "measures", "base_year_population", "projected_population",
    "reported_target_year_emissions_t", "reported_percent_achieved", "visibility",
)  # fmt: skip
_as_given = {name: bindparam(name, type_=Commitment.__table__.c[name].type) for name in _GIVEN}
_unassessed = json_text(UNASSESSED["progress"])
_no_findings = json_text([])
_moment = utc(Commitment.updated_at).label("at")
INSERT = Statement(
    insert(Commitment)
    .values(
        id=param("id", Uuid), jurisdiction_id=param("jurisdiction_id", Uuid), version=1, findings=_no_findings, progress=_unassessed,
        assessments=0, attribution=param("attribution", Text), **_as_given,
    )
    .returning(Commitment.version, Commitment.assessments.label("derived"), VIEW.label("body"), _moment)
)  # fmt: skip
"""Make a commitment, and answer it; ``at`` is the instant of this transaction, as text."""

LOCKED = Statement(
    select(Commitment.id, Commitment.version, Commitment.jurisdiction_id, VIEW.label("body"))
    .where(Commitment.id == param("id", Uuid), SEEN)
    .with_for_update(of=Commitment)
)
"""The commitment as it is now, held for a change."""

_previous = (
    select(EventRow.data["revision"]["hash"].astext)
    .where(EventRow.subject_id == param("id", Uuid), EventRow.data.has_key("revision"))
    .order_by(EventRow.seq.desc())
    .limit(1)
    .scalar_subquery()
)
"""The hash of a commitment's last sealed revision. Asked for by the UPDATE, once the row is held: the statement that waits for the lock
sees the events as they were before it waited."""
_is_anew, _is_weaker = param("is_anew", Boolean), param("is_weaker", Boolean)
UPDATE = Statement(
    update(Commitment)
    .where(Commitment.id == param("id", Uuid))
    .values(
        version=Commitment.version + 1, updated_at=DOMAIN_NOW,
        findings=case((_is_anew, _no_findings), else_=Commitment.findings),
        progress=case((_is_anew, _unassessed), else_=Commitment.progress),
        promise=case((_is_anew, null()), else_=Commitment.promise),
        sufficiency=case((_is_anew, null()), else_=Commitment.sufficiency),
        assessed_at=case((_is_anew, null()), else_=Commitment.assessed_at),
        attribution=func.coalesce(param("attribution", Text), Commitment.attribution),
        weakened_times=Commitment.weakened_times + case((_is_weaker, 1), else_=0),
        weakened_at=case((_is_weaker, DOMAIN_NOW), else_=Commitment.weakened_at),
        **_as_given,
    )
    .returning(Commitment.version, Commitment.assessments.label("derived"), VIEW.label("body"), _moment, _previous.label("previous"))
)  # fmt: skip
"""Give a commitment its new state. ``is_anew``: its figures moved, so that what was assessed no longer holds; ``is_weaker``: it asks
for less. It answers the hash of the revision before, too."""

PARENT = Statement(
    select(
        Commitment.jurisdiction_id, Commitment.interim_of, Commitment.target_year, Commitment.target_year_emissions_t, Commitment.sector,
        Commitment.boundary,
    ).where(Commitment.id == param("id", Uuid))
)  # fmt: skip
"""The commitment that an interim one is a step to."""

HAS_STEPS = Statement(select(literal(1)).where(Commitment.interim_of == param("id", Uuid)).limit(1))
"""Whether others are steps to a commitment."""
