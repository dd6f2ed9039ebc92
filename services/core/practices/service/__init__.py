"""What may be done with calls and practices.

Authors draft and `submit`; the worker opens and closes calls by the clock and `assess`es; the reviews room, which stands
above, tells what follows from reviews by `begin_review`, `flag_needs_decision` and `release`.
"""

from services.core.practices.files import examine
from services.core.practices.service.assess import assess
from services.core.practices.service.calls import amend_call, create_call, replace_call
from services.core.practices.service.drafts import amend, draft, replace
from services.core.practices.service.evidence import add_file, add_link, check_file, forget_file, remove_evidence, store_file, sweep_files
from services.core.practices.service.readiness import readiness
from services.core.practices.service.rescoring import MovedFacts, moved_facts, report, rescore, rescore_part
from services.core.practices.service.review import begin_review, flag_needs_decision, release
from services.core.practices.service.steps import submit, withdraw
from services.core.practices.service.turns import close_when_due, open_when_due, take_call_step

__all__ = [
    "MovedFacts",
    "add_file",
    "add_link",
    "amend",
    "amend_call",
    "assess",
    "begin_review",
    "check_file",
    "close_when_due",
    "create_call",
    "draft",
    "examine",
    "flag_needs_decision",
    "forget_file",
    "moved_facts",
    "open_when_due",
    "readiness",
    "release",
    "remove_evidence",
    "replace",
    "replace_call",
    "report",
    "rescore",
    "rescore_part",
    "store_file",
    "submit",
    "sweep_files",
    "take_call_step",
    "withdraw",
]
