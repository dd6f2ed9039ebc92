"""Questions about calls, practices, their submitted versions and assessments."""

from services.core.practices.queries.assessments import ASSESSMENT, ToAssess, to_assess
from services.core.practices.queries.calls import CALL, calls, community_themes, load_call
from services.core.practices.queries.content import PracticeBrief, brief, content_for_review, review_criteria
from services.core.practices.queries.evidence import evidence_to_freeze
from services.core.practices.queries.practices import (
    PRACTICE,
    HandingIn,
    handing_in,
    load,
    load_own,
    practices,
    set_needs_decision,
    strange_commitments,
)
from services.core.practices.queries.seeing import calls_seen_by, seen_by

__all__ = [
    "ASSESSMENT",
    "CALL",
    "PRACTICE",
    "HandingIn",
    "PracticeBrief",
    "ToAssess",
    "brief",
    "calls",
    "calls_seen_by",
    "community_themes",
    "content_for_review",
    "evidence_to_freeze",
    "handing_in",
    "load",
    "load_call",
    "load_own",
    "practices",
    "review_criteria",
    "seen_by",
    "set_needs_decision",
    "strange_commitments",
    "to_assess",
]
