"""What may be done with jurisdictions: one by one, and as sets that another registry names."""

from services.core.jurisdictions.service.sets import Candidate, Judged, judge_many, mark_missing, write_many
from services.core.jurisdictions.service.store import explain
from services.core.jurisdictions.service.writing import amend, create, replace

__all__ = ["Candidate", "Judged", "amend", "create", "explain", "judge_many", "mark_missing", "replace", "write_many"]
