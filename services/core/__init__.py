"""What the services share: one room per subject, stacked like stairs.

A room may use the rooms below it, never those above; what must travel upward travels as an event.

    tables | reactions > recognition > reviews > practices > commitments
      > communities > jurisdictions > mail > accounts > ledger > kit

``kit`` knows no city; ``ledger`` records what happened and what must follow; the rest is the field itself.
Read ``reactions`` to know the system: it says which work follows from which event.
"""
