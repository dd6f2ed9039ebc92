"""What is true of communities without a clock or a database: themes, kinds, roles, and the life of a membership."""

from collections.abc import Mapping

from services.core.kit.states import Machine

THEMES = ("circular_economy", "energy_transition", "sustainable_urban_planning", "resilient_mobility", "innovative_finance")
KINDS = ("chair", "member", "observer")
REPRESENTATIVE_ROLES = ("political", "technical", "communications")

COUNTED = ("chair", "member")
"""Kinds that take one of the community's places; observers do not."""

_BEFORE_THE_END = (
    "draft", "expressed_interest", "under_review", "returned", "invited", "agreement_sent", "signed", "active", "suspended",
)  # fmt: skip
ENDED = ("rejected", "withdrawn", "expired")
DRAFTED = ("draft", "returned")
"""While the jurisdiction writes: its expression of interest may change, and nothing else waits for it."""
IN_FORCE = ("active", "suspended")

MEMBERSHIP = Machine(
    name="membership",
    statuses=(*_BEFORE_THE_END, *ENDED),
    moves={
        "submit": {"draft": "expressed_interest", "returned": "expressed_interest"},
        "review": {"expressed_interest": "under_review"},
        "return": {"under_review": "returned"},
        "reject": {"under_review": "rejected"},
        "invite": {"under_review": "invited"},
        "send_agreement": {"invited": "agreement_sent"},
        "sign": {"agreement_sent": "signed"},
        "activate": {"signed": "active"},
        "suspend": {"active": "suspended"},
        "reinstate": {"suspended": "active"},
        "withdraw": dict.fromkeys(_BEFORE_THE_END, "withdrawn"),
        "expire": {"active": "expired", "suspended": "expired"},
    },
    internal=frozenset({"expire"}),
)
"""Emits ``membership.expressed_interest`` and ``membership.status_changed``; guards stand in `validation`."""

WHO: Mapping[str, str] = {
    "submit": "member",
    "review": "secretariat",
    "return": "secretariat",
    "reject": "secretariat",
    "invite": "secretariat",
    "send_agreement": "secretariat",
    "sign": "member",
    "activate": "secretariat",
    "suspend": "secretariat",
    "reinstate": "secretariat",
    "withdraw": "member",
}
"""Who takes each step: the member itself (the secretariat may do it on its behalf), or the secretariat alone."""


def may_take(action: str, *, is_secretariat: bool) -> bool:
    """Whether someone who already speaks for the jurisdiction may take this step."""
    return is_secretariat or WHO[action] == "member"
