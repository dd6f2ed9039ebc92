"""Commitments as they are read, and who may see them.

Everything here is compiled once and runs on the driver's connection.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.types import Text, Uuid

from services.core.commitments.models import Commitment
from services.core.commitments.progress import UNASSESSED
from services.core.jurisdictions import queries as jurisdictions
from services.core.jurisdictions.models import Jurisdiction
from services.core.kit.actor import Actor
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


_history = func.json_build_object(
    "revisions", Commitment.version,
    "ever_weakened", Commitment.weakened_times > 0,
    "weakened_times", Commitment.weakened_times,
    "weakened_at", utc(Commitment.weakened_at),
    type_=JSON,
)  # fmt: skip
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
        "base_year_population": Commitment.base_year_population,
        "projected_population": Commitment.projected_population,
        "reported_target_year_emissions_t": number(Commitment.reported_target_year_emissions_t),
        "reported_percent_achieved": number(Commitment.reported_percent_achieved),
        "attribution": Commitment.attribution,
        "findings": Commitment.findings,
        "assessed_at": utc(Commitment.assessed_at),
        "rulebook": Commitment.rulebook,
        "promise": func.coalesce(Commitment.promise, json_text(UNASSESSED["promise"])),
        "progress": Commitment.progress,
        "sufficiency": func.coalesce(Commitment.sufficiency, json_text(UNASSESSED["sufficiency"])),
        "history": _history,
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


_ONE = Statement(select(Commitment.jurisdiction_id).where(Commitment.id == param("id", Uuid), SEEN))


async def owner(connection: Connection, actor: Actor, commitment_id: UUID) -> UUID:
    """The jurisdiction of a commitment; 404 when there is none that ``actor`` may see."""
    jurisdiction_id: UUID | None = await _ONE.value(connection, id=commitment_id, **seen_by(actor))
    if jurisdiction_id is None:
        raise not_found()
    return jurisdiction_id
