"""What is true of communities without a clock or a database: themes, kinds, roles, and the life of a membership."""

from services.core.kit.states import Machine

THEMES = ("circular_economy", "energy_transition", "sustainable_urban_planning", "resilient_mobility", "innovative_finance")
KINDS = ("chair", "member", "observer")
REPRESENTATIVE_ROLES = ("political", "technical", "communications")

_BEFORE_THE_END = (
    "draft", "expressed_interest", "under_review", "returned", "invited", "agreement_sent", "signed", "active", "suspended",
)  # fmt: skip

MEMBERSHIP = Machine(
    name="membership",
    statuses=(*_BEFORE_THE_END, "rejected", "withdrawn", "expired"),
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
        "withdraw": {status: "withdrawn" for status in _BEFORE_THE_END},
        "expire": {"active": "expired", "suspended": "expired"},
    },
    internal=frozenset({"expire"}),
)
"""Emits ``membership.expressed_interest`` and ``membership.status_changed``; guards stand in `service`."""
