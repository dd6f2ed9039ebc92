"""Public shapes of communities, memberships, representatives and agreements."""

from services.core.communities.schemas.agreement import Agreement, AgreementPut
from services.core.communities.schemas.change import Change, MembershipChanges
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
from services.core.communities.schemas.standing import Standing, StandingGiven, StandingIn, standing_of

__all__ = [
    "Agreement",
    "AgreementPut",
    "Change",
    "Community",
    "CommunityCreate",
    "CommunityPage",
    "CommunityPatch",
    "Kind",
    "Membership",
    "MembershipChanges",
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
    "Standing",
    "StandingGiven",
    "StandingIn",
    "Status",
    "Theme",
    "standing_of",
]
