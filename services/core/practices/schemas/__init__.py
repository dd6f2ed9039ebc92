"""Public shapes of calls, practices and their assessments."""

from services.core.practices.schemas.assessment import Assessment
from services.core.practices.schemas.call import Call, CallCreate, CallPage, CallPatch, CallStatus, CallTransition
from services.core.practices.schemas.practice import (
    Practice,
    PracticeCreate,
    PracticeFields,
    PracticePage,
    PracticePatch,
    PracticeStatus,
    PracticeTransition,
)

__all__ = [
    "Assessment",
    "Call",
    "CallCreate",
    "CallPage",
    "CallPatch",
    "CallStatus",
    "CallTransition",
    "Practice",
    "PracticeCreate",
    "PracticeFields",
    "PracticePage",
    "PracticePatch",
    "PracticeStatus",
    "PracticeTransition",
]
