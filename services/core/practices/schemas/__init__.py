"""Public shapes of calls, practices and their assessments."""

from services.core.practices.schemas.assessment import Assessment, AssessmentPage, Readiness
from services.core.practices.schemas.call import Call, CallCreate, CallPage, CallPatch, CallStatus, CallTransition
from services.core.practices.schemas.evidence import LARGEST_FILE, Evidence, EvidenceFileTerms, EvidenceLink, EvidencePage
from services.core.practices.schemas.practice import (
    Practice,
    PracticeCreate,
    PracticeFields,
    PracticePage,
    PracticePatch,
    PracticeStatus,
    PracticeTransition,
)
from services.core.practices.schemas.rescoring import Rescoring, RescoringCreate
from services.core.practices.schemas.rubric import Rubric, RubricPage
from services.core.practices.schemas.versions import Version, VersionDiff, VersionPage

__all__ = [
    "LARGEST_FILE",
    "Assessment",
    "AssessmentPage",
    "Call",
    "CallCreate",
    "CallPage",
    "CallPatch",
    "CallStatus",
    "CallTransition",
    "Evidence",
    "EvidenceFileTerms",
    "EvidenceLink",
    "EvidencePage",
    "Practice",
    "PracticeCreate",
    "PracticeFields",
    "PracticePage",
    "PracticePatch",
    "PracticeStatus",
    "PracticeTransition",
    "Readiness",
    "Rescoring",
    "RescoringCreate",
    "Rubric",
    "RubricPage",
    "Version",
    "VersionDiff",
    "VersionPage",
]
