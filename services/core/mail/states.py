"""The life of a letter, whose queueing and attempts belong to its task in the ledger."""

from services.core.kit.states import Machine

LETTER = Machine(
    name="letter",
    statuses=("ready", "transmitting", "sent", "in_doubt", "needs_human", "cancelled", "dead"),
    moves={
        "transmit": {"ready": "transmitting", "in_doubt": "transmitting"},
        "confirm": {"transmitting": "sent", "in_doubt": "sent", "needs_human": "sent"},
        "refuse": {"ready": "ready", "transmitting": "ready", "in_doubt": "in_doubt"},
        "doubt": {"transmitting": "in_doubt"},
        "hand_over": {"in_doubt": "needs_human"},
        "give_up": {"ready": "dead", "transmitting": "dead", "in_doubt": "dead"},
        "cancel": {"ready": "cancelled", "in_doubt": "cancelled"},
    },
    internal=frozenset({"transmit", "confirm", "refuse", "doubt", "hand_over", "give_up"}),
)
"""``transmitting`` begins before the terminating dot is written and ends with the relay's answer to it: what is found in it
without a holder may or may not have been accepted. A letter that was in doubt once and is refused for now keeps the count."""

FINAL = frozenset({"sent", "cancelled", "dead"})
"""Nothing will be sent any more: the bytes are erased."""
