"""Public shapes of communities, memberships, representatives and agreements."""

from services.core.communities.schemas.agreement import Agreement, AgreementPut
from services.core.communities.schemas.community import Community, CommunityCreate, CommunityPage, CommunityPatch, Theme
from services.core.communities.schemas.membership import (
    Kind,
    Membership,
    MembershipCreate,
    MembershipFields,
    MembershipHistoryPage,
    MembershipPage,
    MembershipPatch,
    MembershipTransition,
    Status,
)
from services.core.communities.schemas.representative import (
    Representative,
    RepresentativeCreate,
    RepresentativePage,
    RepresentativePatch,
)

__all__ = [
    "Agreement",
    "AgreementPut",
    "Community",
    "CommunityCreate",
    "CommunityPage",
    "CommunityPatch",
    "Kind",
    "Membership",
    "MembershipCreate",
    "MembershipFields",
    "MembershipHistoryPage",
    "MembershipPage",
    "MembershipPatch",
    "MembershipTransition",
    "Representative",
    "RepresentativeCreate",
    "RepresentativePage",
    "RepresentativePatch",
    "Status",
    "Theme",
]
