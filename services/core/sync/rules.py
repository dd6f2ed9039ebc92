"""What is true of batches without a database."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

MAX_ITEMS = 50_000
AT_ONCE = 500
"""Up to so many items are answered at once; more become a job."""
PART = 500
"""What one part of a job may weigh, so that it is done well within a task's lease: an item and each representative weigh 1."""
ID_CHARS = 200
MEMBERS = frozenset({"external_id", "if_version", "jurisdiction", "membership", "representatives"})
STATUSES = ("created", "updated", "unchanged", "error")
STANDINGS = ("active", "suspended", "withdrawn")
MODES = ("merge", "replace")


def external_id(item: Any) -> str | None:
    """The item's external id, when it has one that can be told: one line of 1 to 200 characters."""
    value = item.get("external_id") if isinstance(item, dict) else None
    is_told = isinstance(value, str) and value == value.strip() and 0 < len(value) <= ID_CHARS and value.isprintable()
    return value if is_told else None


def repeated(ids: Sequence[str | None]) -> list[int]:
    """The places of ids that occurred before in the batch: the first occurrence counts, the others are errors."""
    seen: set[str] = set()
    again: list[int] = []
    for place, each in enumerate(ids):
        if each is None:
            continue
        if each in seen:
            again.append(place)
        seen.add(each)
    return again


class Sent(NamedTuple):
    """An item as it was sent: its id (when that can be told), its hash (empty: it expects a version), and its JSON.

    ``refused``: why whoever read the source could not read this one.
    """

    external_id: str | None
    hash: bytes
    text: bytes
    refused: str = ""


def sent(item: Any, refused: str = "") -> Sent:
    """``item`` in one normal form, so that it is the same item whatever the order of its members."""
    text = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    expects = isinstance(item, dict) and "if_version" in item
    return Sent(external_id(item), b"" if expects or refused else digest(text), text, refused)


def weight(item: Any) -> int:
    """How much work an item is: itself, and the people whom it names."""
    people = item.get("representatives") if isinstance(item, dict) else None
    return 1 + (len(people) if isinstance(people, list) else 0)


def parts(weights: Sequence[int]) -> list[range]:
    """Items of these ``weights`` in parts that weigh at most `PART`; one that weighs more is a part of its own."""
    found: list[range] = []
    first, carried = 0, 0
    for place, each in enumerate(weights):
        if carried and carried + each > PART:
            found.append(range(first, place))
            first, carried = place, 0
        carried += each
    return [*found, range(first, len(weights))]


def item_hash(item: Mapping[str, Any]) -> bytes:
    """What makes an item the same item: its content without the version that it expects."""
    content = {name: value for name, value in item.items() if name != "if_version"}
    return digest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def digest(text: bytes) -> bytes:
    """Sixteen bytes that stand for ``text``."""
    return hashlib.blake2b(text, digest_size=16).digest()


def packed(first: int, some: Sequence[Sent], repeated: Sequence[int]) -> bytes:
    """A part of a batch to be kept: what is asked of every item, then each item's JSON on a line of its own."""
    told = [(each.external_id, each.hash.hex(), each.refused) for each in some]
    return b"\n".join([orjson.dumps({"first": first, "repeated": repeated, "told": told}), *(each.text for each in some)])


def unpacked(content: bytes) -> tuple[int, list[Sent], list[int]]:
    """What `packed` was given. The items are not parsed: most of them need not be."""
    head, *texts = content.split(b"\n")
    said = orjson.loads(head)
    some = [Sent(name, bytes.fromhex(digits), text, refused) for (name, digits, refused), text in zip(said["told"], texts, strict=True)]
    return said["first"], some, said["repeated"]


def counted(statuses: Sequence[str]) -> dict[str, int]:
    """How many of each status."""
    return {status: statuses.count(status) for status in STATUSES}


def added(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Both counts together."""
    return {name: counts.get(name, 0) + more.get(name, 0) for name in {**counts, **more}}


def share(missing: int, known: int) -> float:
    """The share of what is known that would be marked as missing."""
    return missing / known if known else 0.0
