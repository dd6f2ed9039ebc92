"""What may be done with communities, memberships, representatives and agreements."""

from services.core.communities.service.agreements import put_agreement
from services.core.communities.service.communities import amend_community, create_community, replace_community
from services.core.communities.service.judging import JudgedStanding, judge_standings
from services.core.communities.service.memberships import amend_membership, draft_membership
from services.core.communities.service.representatives import (
    amend_representative,
    name_representative,
    release_person,
    remove_representative,
    replace_representative,
)
from services.core.communities.service.standings import write_standings
from services.core.communities.service.steps import take_step
from services.core.communities.service.terms import end_term

__all__ = [
    "JudgedStanding",
    "amend_community",
    "amend_membership",
    "amend_representative",
    "create_community",
    "draft_membership",
    "end_term",
    "judge_standings",
    "name_representative",
    "put_agreement",
    "release_person",
    "remove_representative",
    "replace_community",
    "replace_representative",
    "take_step",
    "write_standings",
]
