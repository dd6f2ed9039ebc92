"""Public shapes of commitments, their history, progress reports and trajectories."""

from services.core.commitments.schemas.band import Band
from services.core.commitments.schemas.commitment import Commitment, CommitmentPage
from services.core.commitments.schemas.given import CommitmentCreate, CommitmentPatch, CommitmentReplace, TargetType
from services.core.commitments.schemas.progress_report import (
    ProgressReport,
    ProgressReportCreate,
    ProgressReportPage,
    ProgressReportReplace,
)
from services.core.commitments.schemas.revision import Revision, RevisionPage
from services.core.commitments.schemas.trajectory import Trajectory

__all__ = [
    "Band",
    "Commitment",
    "CommitmentCreate",
    "CommitmentPage",
    "CommitmentPatch",
    "CommitmentReplace",
    "ProgressReport",
    "ProgressReportCreate",
    "ProgressReportPage",
    "ProgressReportReplace",
    "Revision",
    "RevisionPage",
    "TargetType",
    "Trajectory",
]
