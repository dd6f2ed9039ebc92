"""What jurisdictions promise, and what each of their commitments promised first: for who compares it with other sources."""

from sqlalchemy import any_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from services.core.commitments.models import Commitment
from services.core.commitments.queries.reading import SEEN
from services.core.kit.statements import Statement, json_view, number, param
from services.core.ledger.models import EventRow

_REVISION = EventRow.data["revision"]
_first = (
    select(_REVISION["content"].astext)
    .where(EventRow.subject_id == Commitment.id, _REVISION["number"].astext == "1")
    .limit(1)
    .correlate(Commitment)
    .scalar_subquery()
)
_now = json_view(
    {
        "target_type": Commitment.target_type,
        "base_year": Commitment.base_year,
        "base_year_emissions_t": number(Commitment.base_year_emissions_t),
        "reduction_percent": number(Commitment.reduction_percent),
        "target_year": Commitment.target_year,
        "target_emissions_t": number(Commitment.target_emissions_t),
        "intensity": Commitment.intensity,
        "baseline_scenario": Commitment.baseline_scenario,
        "sector": Commitment.sector,
        "boundary": Commitment.boundary,
    }
)
PROMISES = Statement(
    select(Commitment.id, Commitment.jurisdiction_id, Commitment.version, _now.label("now"), _first.label("first"))
    .where(Commitment.jurisdiction_id == any_(param("jurisdiction_ids", ARRAY(Uuid))), SEEN)
    .order_by(Commitment.id)
)
"""The targets of jurisdictions that the asker may see, as JSON texts, oldest first; ``first``: the content of the first revision that
was sealed with number 1, null where it was not sealed."""
