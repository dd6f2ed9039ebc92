"""THE policy: which role may do what, where. Read this page to know who may do what.

A role is held everywhere, in one community, or for one jurisdiction. Its row below says what it may do there; an
action ``x:write`` includes ``x:read``. API clients have the same actions: those that are scopes, on the jurisdictions that
the client is bound to; the scope ``admin`` is every action everywhere. Which action an operation needs stands at its route,
and what is public needs none; `tests/contract/authorization` asserts every cell of the whole matrix.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol
from uuid import UUID

from services.core.accounts.rules import SCOPES
from services.core.kit.actor import EVERY_ACTION, EVERYWHERE, NOWHERE, Reach

Held = Literal["everywhere", "community", "jurisdiction"]

ADMIN_SCOPE = "admin"

HOUSE_ACTIONS = (
    "communities:write",  # create and change communities
    "memberships:decide",  # the secretariat's steps: review, invite, activate, suspend …
    "calls:write",  # write, open, extend and close calls
    "practices:decide",  # where quorum does not decide
    "assignments:write",  # assign reviewers; see who reviews
    "recognitions:revoke",
    "jurisdictions:create",
    "people:write",
    "clients:write",
    "operations",  # the work that waits or is dead; everybody's jobs
    "accounts:grant",  # make someone an administrator
    "audit:read",
)
"""What no scope but ``admin`` gives: these belong to roles."""

ACTIONS = (*(scope for scope in SCOPES if scope != ADMIN_SCOPE), *HOUSE_ACTIONS)

_READS_IN_COMMUNITY = frozenset(
    {"jurisdictions:read", "memberships:read", "commitments:read", "practices:read", "recognitions:read", "exchange:read",
     "programme:read", "audit:read"}
)  # fmt: skip
_OWN_READS = frozenset(
    {"jurisdictions:read", "memberships:read", "commitments:read", "practices:read", "reviews:read", "recognitions:read",
     "exchange:read", "programme:read", "audit:read"}
)  # fmt: skip
_ALL_BUT_GRANT = frozenset(ACTIONS) - {"accounts:grant"}

POLICY: Mapping[tuple[str, Held], frozenset[str]] = {
    ("admin", "everywhere"): frozenset({EVERY_ACTION}),
    ("secretariat", "everywhere"): _ALL_BUT_GRANT,
    ("secretariat", "community"): _READS_IN_COMMUNITY
    | {"communities:write", "memberships:write", "memberships:decide", "calls:write", "practices:decide", "assignments:write",
       "recognitions:revoke", "programme:write", "exchange:write", "reviews:read"},
    ("chair", "community"): _READS_IN_COMMUNITY | {"practices:decide"},
    ("jurisdiction_admin", "jurisdiction"): _OWN_READS
    | {"jurisdictions:write", "memberships:write", "commitments:write", "practices:write", "exchange:write", "programme:write",
       "webhooks:write"},
    ("jurisdiction_member", "jurisdiction"): _OWN_READS | {"commitments:write", "practices:write", "exchange:write"},
    ("reviewer", "everywhere"): frozenset(),
    ("reviewer", "community"): frozenset(),
    ("reviewer", "jurisdiction"): frozenset(),
}  # fmt: skip
"""(role, where it is held) -> what may be done there. A reviewer's own requests are theirs by being asked, not by the role."""


class Grant(Protocol):
    """A role and where it is held."""

    role: str
    community_id: UUID | None
    jurisdiction_id: UUID | None


def held(grant: Grant) -> Held:
    """Where a role is held."""
    if grant.community_id is not None:
        return "community"
    return "everywhere" if grant.jurisdiction_id is None else "jurisdiction"


def reaches_of(grants: Iterable[Grant]) -> dict[str, Reach]:
    """What a person with these roles may do, and where."""
    reaches: dict[str, Reach] = {}
    for grant in grants:
        place = held(grant)
        reach = (
            EVERYWHERE if place == "everywhere" else Reach(communities=_set(grant.community_id), jurisdictions=_set(grant.jurisdiction_id))
        )
        for action in POLICY.get((grant.role, place), frozenset()):
            reaches[action] = reaches.get(action, NOWHERE) | reach
    return reaches


def _set(place: UUID | None) -> frozenset[UUID]:
    return frozenset() if place is None else frozenset({place})


def reaches_of_client(scopes: Sequence[str], jurisdictions: Iterable[UUID] | None) -> dict[str, Reach]:
    """What an API client with these scopes may do; ``jurisdictions`` None is all of them."""
    if ADMIN_SCOPE in scopes:
        return {EVERY_ACTION: EVERYWHERE}
    reach = EVERYWHERE if jurisdictions is None else Reach(jurisdictions=frozenset(jurisdictions))
    return dict.fromkeys((*scopes, *(action for scope in scopes for action in INCLUDED.get(scope, ()))), reach)


INCLUDED: Mapping[str, tuple[str, ...]] = {"sync:write": ("jurisdictions:read", "memberships:read")}
"""A registry that writes members reads what it writes."""


def scope_for(action: str) -> str:
    """The scope with which an API client may do ``action``."""
    return action if action in SCOPES else ADMIN_SCOPE
