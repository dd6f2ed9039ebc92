"""The life of a letter, whose queueing and attempts belong to its task in the ledger."""

from services.core.kit.states import Machine

LETTER = Machine(
    name="letter",
    statuses=("ready", "transmitting", "sent", "in_doubt", "needs_human", "cancelled", "dead"),
    moves={
        "transmit": {"ready": "transmitting", "in_doubt": "transmitting"},
        "confirm": {"transmitting": "sent", "in_doubt": "sent"},
        "refuse": {"transmitting": "ready"},
        "doubt": {"transmitting": "in_doubt"},
        "hand_over": {"in_doubt": "needs_human"},
        "give_up": {"ready": "dead", "transmitting": "dead"},
        "cancel": {"ready": "cancelled"},
    },
    internal=frozenset({"transmit", "confirm", "refuse", "doubt", "hand_over", "give_up"}),
)
