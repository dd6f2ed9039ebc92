"""What may be done in peer review: assigning, asking, answering, writing, deciding, releasing."""

from services.core.reviews.service.answer import Opened, answer_by_link, answer_for
from services.core.reviews.service.asking import mark_invited, mint_link
from services.core.reviews.service.assign import assign
from services.core.reviews.service.closing import call_off, expire_request
from services.core.reviews.service.consider import consider, decide
from services.core.reviews.service.extend import follow_extension
from services.core.reviews.service.follow import assign_rolling, follow_call
from services.core.reviews.service.release import release, release_call, reviews_due
from services.core.reviews.service.replace import replace
from services.core.reviews.service.submit import request_in_session, write_by_link

__all__ = [
    "Opened",
    "answer_by_link",
    "answer_for",
    "assign",
    "assign_rolling",
    "call_off",
    "consider",
    "decide",
    "expire_request",
    "follow_call",
    "follow_extension",
    "mark_invited",
    "mint_link",
    "release",
    "release_call",
    "replace",
    "request_in_session",
    "reviews_due",
    "write_by_link",
]
