"""Progress reports: read, listed, stored."""

from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import Uuid

from services.core.commitments.models import Commitment, ProgressReport
from services.core.commitments.queries.reading import SEEN, owner, seen_by
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.listing import Listing, detail
from services.core.kit.pages import Page
from services.core.kit.statements import Connection, Statement, json_view, number, param, utc

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
        "gases": ProgressReport.gases,
        "scopes": ProgressReport.scopes,
        "denominator": number(ProgressReport.denominator),
        "includes_grid_generation": ProgressReport.includes_grid_generation,
        "recalculated_base_year_emissions_t": number(ProgressReport.recalculated_base_year_emissions_t),
        "recalculation_reason": ProgressReport.recalculation_reason,
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


async def reports(connection: Connection, actor: Actor, commitment_id: UUID, *, limit: int, cursor: str | None, total: bool) -> Page:
    """A page of a commitment's progress reports; 404 when ``actor`` may not see it (asked only when the page is empty)."""
    given = {"commitment_id": commitment_id, **seen_by(actor)}
    found = await _REPORTS.page(connection, actor, limit=limit, cursor=cursor, total=total, **given)
    if found.items == b"[]":
        await owner(connection, actor, commitment_id)
    return found


_REPORTED = tuple(name for name in ProgressReport.__table__.c.keys() if name not in ("version", "created_at", "updated_at"))  # noqa: SIM118
_as_given = {name: bindparam(name, type_=ProgressReport.__table__.c[name].type) for name in _REPORTED}
INSERT_REPORT = Statement(
    upsert(ProgressReport)
    .values(version=1, **_as_given)
    .on_conflict_do_nothing(index_elements=["commitment_id", "year"])
    .returning(ProgressReport.version, _REPORT.label("body"))
)
"""Store a progress report, and answer it; no row when the year has one already."""

LOCKED_REPORT = Statement(
    select(ProgressReport.version, Commitment.jurisdiction_id, _REPORT.label("body"))
    .join(Commitment, Commitment.id == ProgressReport.commitment_id)
    .where(ProgressReport.id == param("id", Uuid), ProgressReport.commitment_id == param("commitment_id", Uuid), SEEN)
    .with_for_update(of=ProgressReport)
)
"""The report as it is now, held for a correction; for who may see its commitment."""

UPDATE_REPORT = Statement(
    update(ProgressReport)
    .where(ProgressReport.id == param("id", Uuid))
    .values(
        version=ProgressReport.version + 1,
        updated_at=DOMAIN_NOW,
        **{name: given for name, given in _as_given.items() if name not in ("id", "commitment_id", "year")},
    )
    .returning(ProgressReport.version, _REPORT.label("body"))
)
"""Give a report its new state; its year stays."""
