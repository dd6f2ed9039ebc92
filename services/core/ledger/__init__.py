"""The ledger: what happened, and what must still be done, written in the transaction of the change itself.

`record` writes an event and one task for each of its reactions; `schedule` writes a task for later. Redis only carries
rings (`ring`); whoever answers one calls `drain`, which claims due tasks in batches, runs them side by side, and commits
each effect together with its ``done``, fenced by the lease's token. Losing Redis, a worker or a lease costs latency,
never work.

Task: ``pending`` (due, leased or waiting) -> ``done`` | ``dead`` (after its attempts, for people to look at) | ``cancelled``.
"""
