"""Questions about communities, memberships, representatives, agreements and what happened to them."""

from services.core.communities.queries.agreements import AGREEMENT, agreement_of
from services.core.communities.queries.changes import MEMBERSHIP_FEED, membership_changes
from services.core.communities.queries.communities import COMMUNITIES, COMMUNITY, load_community, lock_communities, name_of
from services.core.communities.queries.history import history
from services.core.communities.queries.memberships import (
    MEMBERSHIP,
    active_count,
    active_membership,
    facts,
    in_force,
    load_membership,
    memberships,
)
from services.core.communities.queries.representatives import (
    REPRESENTATIVE,
    Recipient,
    load_representative,
    recipients,
    representatives,
    speaking,
    speaks_as,
    to_renew,
)
from services.core.communities.queries.seeing import seen_by

__all__ = [
    "AGREEMENT",
    "COMMUNITIES",
    "COMMUNITY",
    "MEMBERSHIP",
    "MEMBERSHIP_FEED",
    "REPRESENTATIVE",
    "Recipient",
    "active_count",
    "active_membership",
    "agreement_of",
    "facts",
    "history",
    "in_force",
    "load_community",
    "load_membership",
    "load_representative",
    "lock_communities",
    "membership_changes",
    "memberships",
    "name_of",
    "recipients",
    "representatives",
    "seen_by",
    "speaking",
    "speaks_as",
    "to_renew",
]
