"""Mail: the letters of this installation, effectively once.

A letter waits as a task on queue ``letters``, which holds its lease and attempts; the first claim freezes its bytes here,
sealed, and every attempt sends the same. ``ready`` -> ``transmitting`` (committed before the terminating dot) -> ``sent`` |
``ready`` (refused for now) | ``dead`` | ``in_doubt`` (no answer came) -> once more -> ``needs_human``; ``cancelled`` when
it is no longer so. Emits no events: the letter is its own record.
"""
