"""Questions about commitments, who may see them, and the statements that write them.

Everything here is compiled once and runs on the driver's connection; what is written answers its representation in the same
statement.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, bindparam, case, cast, func, insert, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased
from sqlalchemy.types import Boolean, Text, Uuid

from services.core.commitments.models import Commitment, ProgressReport
from services.core.commitments.progress import UNASSESSED
from services.core.jurisdictions import queries as jurisdictions
from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import not_found
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, json_text, json_view, number, param, utc

_VISIBLE = {"anonymous": ["public"], "others": ["public", "members"], "all": ["public", "members", "private"]}
SEEN: ColumnElement[bool] = or_(
    Commitment.visibility == any_(param("visible", ARRAY(Text))),
    Commitment.jurisdiction_id == any_(param("own", ARRAY(Uuid))),
)
"""Public ones are seen by all, those for members by whoever may read commitments at all, private ones by the jurisdiction."""


def seen_by(actor: Actor) -> dict[str, Any]:
    """The parameters of `SEEN` for ``actor``."""
    reach = actor.reach("commitments:read")
    kind = "all" if reach.everywhere else "anonymous" if actor.kind == "anonymous" else "others"
    return {"visible": _VISIBLE[kind], "own": list(reach.jurisdictions)}


VIEW = json_view(
    {
        "id": Commitment.id,
        "jurisdiction_id": Commitment.jurisdiction_id,
        "title": Commitment.title,
        "target_type": Commitment.target_type,
        "base_year": Commitment.base_year,
        "base_year_emissions_t": number(Commitment.base_year_emissions_t),
        "reduction_percent": number(Commitment.reduction_percent),
        "target_year": Commitment.target_year,
        "year_set": Commitment.year_set,
        "target_emissions_t": number(Commitment.target_emissions_t),
        "target_year_emissions_t": number(Commitment.target_year_emissions_t),
        "sector": Commitment.sector,
        "boundary": Commitment.boundary,
        "gases": Commitment.gases,
        "scopes": Commitment.scopes,
        "conditional_percent": number(Commitment.conditional_percent),
        "uses_credits": Commitment.uses_credits,
        "net_zero": Commitment.net_zero,
        "status_in_law": Commitment.status_in_law,
        "interim_of": Commitment.interim_of,
        "measures": Commitment.measures,
        "findings": Commitment.findings,
        "assessed_at": utc(Commitment.assessed_at),
        "progress": Commitment.progress,
        "visibility": Commitment.visibility,
        "version": Commitment.version,
        "created_at": utc(Commitment.created_at),
        "updated_at": utc(Commitment.updated_at),
    },
    optional={
        "intensity": (Commitment.intensity.is_not(None), Commitment.intensity),
        "baseline_scenario": (Commitment.baseline_scenario.is_not(None), Commitment.baseline_scenario),
    },
)
DETAIL = detail(Commitment, VIEW, SEEN, derived=Commitment.assessments)
_LIST = Listing(
    "commitments",
    Commitment,
    VIEW,
    SEEN,
    filters={
        "jurisdiction_id": Commitment.jurisdiction_id == param("jurisdiction_id", Uuid),
        "target_type": Commitment.target_type == param("target_type", Text),
        "country": select(Jurisdiction.id)
        .where(Jurisdiction.id == Commitment.jurisdiction_id, Jurisdiction.country == param("country", Text))
        .exists(),
    },
)


async def page(connection: Connection, actor: Actor, *, limit: int, cursor: str | None, total: bool, filters: dict[str, Any]) -> Page:
    """A page of the commitments that ``actor`` may see; filters ``jurisdiction_id``, ``target_type``, ``country``."""
    return await _LIST.page(connection, actor, limit=limit, cursor=cursor, total=total, filters=filters, **seen_by(actor))


async def page_of(connection: Connection, actor: Actor, jurisdiction_id: UUID, *, target_type: str | None, **paging: Any) -> Page:
    """A page of the commitments of one jurisdiction; 404 when there is no such jurisdiction (asked only when the page is empty)."""
    found = await page(connection, actor, **paging, filters={"jurisdiction_id": jurisdiction_id, "target_type": target_type})
    if found.items == b"[]" and await jurisdictions.DETAIL.one(connection, id=jurisdiction_id) is None:
        raise not_found()
    return found


_REPORT = json_view(
    {
        "id": ProgressReport.id,
        "commitment_id": ProgressReport.commitment_id,
        "year": ProgressReport.year,
        "period_start": ProgressReport.period_start,
        "period_end": ProgressReport.period_end,
        "emissions_t": number(ProgressReport.emissions_t),
        "notation_key": ProgressReport.notation_key,
        "explanation": ProgressReport.explanation,
        "population": ProgressReport.population,
        "method": ProgressReport.method,
        "verified": ProgressReport.verified,
        "boundary": ProgressReport.boundary,
        "sectors": ProgressReport.sectors,
        "reported_percent_achieved": number(ProgressReport.reported_percent_achieved),
        "version": ProgressReport.version,
        "created_at": utc(ProgressReport.created_at),
        "updated_at": utc(ProgressReport.updated_at),
    }
)
_its_commitment = (
    select(Commitment.id).where(Commitment.id == ProgressReport.commitment_id, SEEN).exists(),
    ProgressReport.commitment_id == param("commitment_id", Uuid),
)
REPORT = detail(ProgressReport, _REPORT, *_its_commitment)
_REPORTS = Listing("progress-reports", ProgressReport, _REPORT, *_its_commitment)
_ONE = Statement(select(Commitment.jurisdiction_id).where(Commitment.id == param("id", Uuid), SEEN))


async def reports(connection: Connection, actor: Actor, commitment_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of a commitment's progress reports; 404 when ``actor`` may not see it (asked only when the page is empty)."""
    given = {"commitment_id": commitment_id, **seen_by(actor)}
    found = await _REPORTS.page(connection, actor, limit=limit, cursor=cursor, total=total, **given)
    if found.items == b"[]":
        await owner(connection, actor, commitment_id)
    return found


async def owner(connection: Connection, actor: Actor, commitment_id: UUID) -> UUID:
    """The jurisdiction of a commitment; 404 when there is none that ``actor`` may see."""
    jurisdiction_id: UUID | None = await _ONE.value(connection, id=commitment_id, **seen_by(actor))
    if jurisdiction_id is None:
        raise not_found()
    return jurisdiction_id


_GIVEN = (
    "title", "target_type", "base_year", "base_year_emissions_t", "reduction_percent", "target_year", "year_set", "target_emissions_t",
    "target_year_emissions_t", "intensity", "baseline_scenario", "sector", "boundary", "gases", "scopes", "conditional_percent",
    "uses_credits", "net_zero", "status_in_law", "interim_of", "measures", "visibility",
)  # fmt: skip
_as_given = {name: bindparam(name, type_=Commitment.__table__.c[name].type) for name in _GIVEN}
_unassessed = json_text(UNASSESSED)
_no_findings = json_text([])
INSERT = Statement(
    insert(Commitment)
    .values(
        id=param("id", Uuid), jurisdiction_id=param("jurisdiction_id", Uuid), version=1, findings=_no_findings, progress=_unassessed,
        assessments=0, **_as_given,
    )
    .returning(Commitment.version, Commitment.assessments.label("derived"), VIEW.label("body"))
)  # fmt: skip
"""Make a commitment, and answer it."""

LOCKED = Statement(
    select(Commitment.version, Commitment.jurisdiction_id, VIEW.label("body"))
    .where(Commitment.id == param("id", Uuid), SEEN)
    .with_for_update(of=Commitment)
)
"""The commitment as it is now, held for a change."""

_is_anew = param("is_anew", Boolean)
UPDATE = Statement(
    update(Commitment)
    .where(Commitment.id == param("id", Uuid))
    .values(
        version=Commitment.version + 1, updated_at=DOMAIN_NOW,
        findings=case((_is_anew, _no_findings), else_=Commitment.findings),
        progress=case((_is_anew, _unassessed), else_=Commitment.progress),
        assessed_at=case((_is_anew, null()), else_=Commitment.assessed_at),
        **_as_given,
    )
    .returning(Commitment.version, Commitment.assessments.label("derived"), VIEW.label("body"))
)  # fmt: skip
"""Give a commitment its new state; ``is_anew``: its figures moved, so that what was assessed no longer holds."""

_REPORTED = tuple(name for name in ProgressReport.__table__.c.keys() if name not in ("version", "created_at", "updated_at"))  # noqa: SIM118
INSERT_REPORT = Statement(
    upsert(ProgressReport)
    .values(version=1, **{name: bindparam(name, type_=ProgressReport.__table__.c[name].type) for name in _REPORTED})
    .on_conflict_do_nothing(index_elements=["commitment_id", "year"])
    .returning(ProgressReport.version, _REPORT.label("body"))
)
"""Store a progress report, and answer it; no row when the year has one already."""

_report = func.json_build_object(
    "year", ProgressReport.year, "emissions_t", ProgressReport.emissions_t, "population", ProgressReport.population,
    "reported_percent_achieved", ProgressReport.reported_percent_achieved, type_=JSON,
)  # fmt: skip
_inventories = (
    select(cast(func.coalesce(func.json_agg(aggregate_order_by(_report, ProgressReport.year)), cast("[]", JSON)), Text))
    .where(ProgressReport.commitment_id == Commitment.id)
    .correlate(Commitment)
    .scalar_subquery()
)
_interim = aliased(Commitment)
_interim_years = func.array(
    select(_interim.target_year).where(_interim.interim_of == Commitment.id).correlate(Commitment).scalar_subquery()
)
_figures = (VIEW.label("body"), _inventories.label("reports"))
TRAJECTORY = Statement(select(*_figures).where(Commitment.id == param("id", Uuid), SEEN))
"""A commitment with its inventories."""

HELD = Statement(select(Commitment.id).where(Commitment.id == param("id", Uuid)).with_for_update(key_share=True))
"""Hold a commitment for its assessment. What is assessed is read by a statement of its own, which sees all that is committed."""

ASSESSABLE = Statement(
    select(*_figures, _interim_years.label("interim_years"), func.date_part("year", DOMAIN_NOW).label("this_year")).where(
        Commitment.id == param("id", Uuid)
    )
)
"""What an assessment looks at."""

ASSESSED = Statement(
    update(Commitment)
    .where(Commitment.id == param("id", Uuid))
    .values(
        findings=param("findings", JSONB), progress=param("progress", JSONB), assessed_at=DOMAIN_NOW,
        assessments=Commitment.assessments + 1, updated_at=Commitment.updated_at,
    )
)  # fmt: skip
"""Store an assessment; neither version nor ``updated_at`` moves, since the jurisdiction changed nothing."""

PARENT = Statement(select(Commitment.jurisdiction_id, Commitment.interim_of).where(Commitment.id == param("id", Uuid)))
"""The commitment that an interim one is a step to."""
