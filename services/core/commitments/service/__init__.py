"""What may be done with commitments."""

from services.core.commitments.service.assess import assess, assess_outdated
from services.core.commitments.service.band import assess_band, band
from services.core.commitments.service.make import make
from services.core.commitments.service.report import correct, report
from services.core.commitments.service.revise import amend, replace
from services.core.commitments.service.trajectory import PictureFacts, picture_facts, trajectory

__all__ = [
    "PictureFacts",
    "amend",
    "assess",
    "assess_band",
    "assess_outdated",
    "band",
    "correct",
    "make",
    "picture_facts",
    "replace",
    "report",
    "trajectory",
]
