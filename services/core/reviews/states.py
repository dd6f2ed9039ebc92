"""The life of a review request."""

from services.core.kit.states import Machine

REQUEST = Machine(
    name="review request",
    statuses=("pending", "invited", "accepted", "submitted", "declined", "replaced", "expired", "cancelled"),
    moves={
        "send": {"pending": "invited"},
        "accept": {"invited": "accepted", "declined": "accepted"},
        "decline": {"invited": "declined", "accepted": "declined"},
        "submit": {"accepted": "submitted"},
        "expire": {"pending": "expired", "invited": "expired", "accepted": "expired"},
        "replace": {"declined": "replaced"},
        "cancel": {"pending": "cancelled", "invited": "cancelled", "accepted": "cancelled"},
    },
    internal=frozenset({"send", "submit", "expire", "replace", "cancel"}),
)
