"""What may be done with calls and practices.

Authors draft and `submit`; the worker opens and closes calls by the clock and `assess`es; the reviews room, which stands
above, tells what follows from reviews by `begin_review`, `flag_needs_decision` and `release`.
"""

from services.core.practices.service.assess import assess
from services.core.practices.service.calls import amend_call, create_call, replace_call
from services.core.practices.service.drafts import amend, draft, replace
from services.core.practices.service.review import begin_review, flag_needs_decision, release
from services.core.practices.service.steps import submit, withdraw
from services.core.practices.service.turns import close_when_due, open_when_due, take_call_step

__all__ = [
    "amend",
    "amend_call",
    "assess",
    "begin_review",
    "close_when_due",
    "create_call",
    "draft",
    "flag_needs_decision",
    "open_when_due",
    "release",
    "replace",
    "replace_call",
    "submit",
    "take_call_step",
    "withdraw",
]
