"""Questions about calls, practices, their submitted versions and assessments."""

from services.core.practices.queries.assessing import ToAssess, keep_assessments, move, to_assess
from services.core.practices.queries.assessments import ASSESSMENT, assessments
from services.core.practices.queries.calls import CALL, calls, community_themes, load_call
from services.core.practices.queries.content import PracticeBrief, brief, content_for_review, review_criteria
from services.core.practices.queries.evidence import (
    EVIDENCE,
    KeptFile,
    evidence,
    evidence_exists,
    evidence_to_freeze,
    file_in_version,
    file_of,
    is_held,
    load_evidence,
    orphans,
    practice_of_evidence,
)
from services.core.practices.queries.practices import (
    PRACTICE,
    HandingIn,
    handed_in,
    handing_in,
    load,
    load_own,
    practices,
    set_needs_decision,
    strange_commitments,
)
from services.core.practices.queries.readiness import WORKING_COPY
from services.core.practices.queries.rescoring import RESCORING, Assessed, Rescoring, assessed, ended_rescoring, newest_assessed
from services.core.practices.queries.rubrics import rubric_body, rubrics
from services.core.practices.queries.seeing import calls_seen_by, seen_by
from services.core.practices.queries.similarity import Candidate, resembling_candidates
from services.core.practices.queries.versions import (
    VERSION,
    TwoVersions,
    compared,
    missing_version,
    two_versions,
    version_page,
    version_rows,
)

__all__ = [
    "ASSESSMENT",
    "CALL",
    "EVIDENCE",
    "PRACTICE",
    "RESCORING",
    "VERSION",
    "WORKING_COPY",
    "Assessed",
    "Candidate",
    "HandingIn",
    "KeptFile",
    "PracticeBrief",
    "Rescoring",
    "ToAssess",
    "TwoVersions",
    "assessed",
    "assessments",
    "brief",
    "calls",
    "calls_seen_by",
    "community_themes",
    "compared",
    "content_for_review",
    "ended_rescoring",
    "evidence",
    "evidence_exists",
    "evidence_to_freeze",
    "file_in_version",
    "file_of",
    "handed_in",
    "handing_in",
    "is_held",
    "keep_assessments",
    "load",
    "load_call",
    "load_evidence",
    "load_own",
    "missing_version",
    "move",
    "newest_assessed",
    "orphans",
    "practice_of_evidence",
    "practices",
    "resembling_candidates",
    "review_criteria",
    "rubric_body",
    "rubrics",
    "seen_by",
    "set_needs_decision",
    "strange_commitments",
    "to_assess",
    "two_versions",
    "version_page",
    "version_rows",
]
