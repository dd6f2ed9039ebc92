"""Questions about communities, memberships, representatives, agreements and what happened to them."""

from services.core.communities.queries.agreements import AGREEMENT, agreement_of
from services.core.communities.queries.communities import COMMUNITIES, COMMUNITY, load_community
from services.core.communities.queries.history import history
from services.core.communities.queries.memberships import (
    MEMBERSHIP,
    active_count,
    active_membership,
    facts,
    load_membership,
    memberships,
)
from services.core.communities.queries.representatives import (
    REPRESENTATIVE,
    Recipient,
    load_representative,
    recipients,
    representatives,
)
from services.core.communities.queries.seeing import seen_by

__all__ = [
    "AGREEMENT",
    "COMMUNITIES",
    "COMMUNITY",
    "MEMBERSHIP",
    "REPRESENTATIVE",
    "Recipient",
    "active_count",
    "active_membership",
    "agreement_of",
    "facts",
    "history",
    "load_community",
    "load_membership",
    "load_representative",
    "memberships",
    "recipients",
    "representatives",
    "seen_by",
]
