"""Public shapes of commitments, progress reports and trajectories."""

from services.core.commitments.schemas.commitment import Commitment, CommitmentCreate, CommitmentPage, CommitmentPatch, TargetType
from services.core.commitments.schemas.progress_report import ProgressReport, ProgressReportCreate, ProgressReportPage
from services.core.commitments.schemas.trajectory import Trajectory

__all__ = [
    "Commitment",
    "CommitmentCreate",
    "CommitmentPage",
    "CommitmentPatch",
    "ProgressReport",
    "ProgressReportCreate",
    "ProgressReportPage",
    "TargetType",
    "Trajectory",
]
