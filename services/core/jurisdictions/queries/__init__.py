"""Questions about jurisdictions."""

from services.core.jurisdictions.queries.knowing import (
    Facts,
    Known,
    ancestry,
    countries_within,
    holders,
    known_by_external_id,
    known_by_id,
    known_external_ids,
)
from services.core.jurisdictions.queries.reading import DETAIL, VIEW, name_of, page

__all__ = [
    "DETAIL",
    "VIEW",
    "Facts",
    "Known",
    "ancestry",
    "countries_within",
    "holders",
    "known_by_external_id",
    "known_by_id",
    "known_external_ids",
    "name_of",
    "page",
]
