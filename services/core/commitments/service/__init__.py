"""What may be done with commitments."""

from services.core.commitments.service.assess import assess
from services.core.commitments.service.make import make
from services.core.commitments.service.report import report
from services.core.commitments.service.revise import amend, replace
from services.core.commitments.service.trajectory import trajectory

__all__ = ["amend", "assess", "make", "replace", "report", "trajectory"]
