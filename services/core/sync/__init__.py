"""Sync: registries hand over what they know of their members, in batches.

An item is what a registry says of one jurisdiction: its facts, perhaps its standing in a community, perhaps who speaks for it.
Items are judged one by one and written as sets; a set that the database refuses is halved until the culprit stands alone, so
that one bad item never spoils another. An item is taken whole or not at all. `merge` takes what is there; `replace` also marks
as missing what the source does not name any more, never deletes it, and stops before it marks too many (the brake).

What was applied is remembered (``sync_item``): an item that is repeated, about things that nobody has changed since, is told
from its hash and the versions alone.

Words: *source* the registry, *item*, *batch*, *part* (of a batch that is a job), *lane* (one source's batches, one at a time).
Emits ``sync.finished``.
"""
