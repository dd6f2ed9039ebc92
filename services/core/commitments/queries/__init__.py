"""Questions about commitments, who may see them, and the statements that write them."""

from services.core.commitments.queries.assessing import ASSESSABLE, ASSESSED, HELD, LOOK_AGAIN, OUTDATED, TRAJECTORY
from services.core.commitments.queries.bands import BAND, BAND_LOCK, DISCLOSED, STORE_BAND
from services.core.commitments.queries.promises import PROMISES
from services.core.commitments.queries.reading import DETAIL, SEEN, VIEW, owner, page, page_of, seen_by
from services.core.commitments.queries.reports import INSERT_REPORT, LOCKED_REPORT, REPORT, UPDATE_REPORT, reports
from services.core.commitments.queries.revisions import revisions
from services.core.commitments.queries.writing import HAS_STEPS, INSERT, LOCKED, PARENT, UPDATE

__all__ = [
    "ASSESSABLE",
    "ASSESSED",
    "BAND",
    "BAND_LOCK",
    "DETAIL",
    "DISCLOSED",
    "HAS_STEPS",
    "HELD",
    "INSERT",
    "INSERT_REPORT",
    "LOCKED",
    "LOCKED_REPORT",
    "LOOK_AGAIN",
    "OUTDATED",
    "PARENT",
    "PROMISES",
    "REPORT",
    "SEEN",
    "STORE_BAND",
    "TRAJECTORY",
    "UPDATE",
    "UPDATE_REPORT",
    "VIEW",
    "owner",
    "page",
    "page_of",
    "reports",
    "revisions",
    "seen_by",
]
