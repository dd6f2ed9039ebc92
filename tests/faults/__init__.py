"""Fault campaigns: the whole stack in processes of its own, and what is done to it.

``make faults`` runs every campaign at a reduced size; ``make faults NAME=worker-kill SIZE=1000`` one at a given size.
A small slice of each runs in ``make test``.
"""
