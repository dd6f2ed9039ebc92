"""The public history of a commitment as a chain that anybody can verify.

Each revision is sealed: its content is one exact JSON text, and its hash is the SHA-256 of the hash before it (nothing for the
first) followed by that text, as UTF-8, in hexadecimal. Who changes, drops or moves a revision breaks the chain at that place; who
seals all that follows anew ends in another hash than the one that a reader noted. Pure: values in, values out.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

MEMBERS: Final = ("number", "at", "kind", "by", "reason", "moved", "weakened")
"""What a content holds besides the id of its commitment, and what is shown beside it."""
_DIGITS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of a commitment as it is sealed. ``number``: the version that it made; ``at``: RFC 3339 in UTC; ``by``: a kind of actor.

    Who it was is for the audit: a name never stands in a public history that nobody can change any more.
    """

    commitment_id: UUID
    number: int
    at: str
    kind: str
    by: str
    reason: str | None = None
    moved: Sequence[Mapping[str, Any]]
    weakened: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a verification: how many revisions were read, how many of the oldest are not sealed, the last hash, the faults."""

    revisions: int
    unsealed: int
    head: str | None
    faults: tuple[str, ...]


def seal(revision: Revision, previous_hash: str | None = None) -> dict[str, Any]:
    """``{number, content, previous_hash, hash}`` of a revision, ready to be stored; None: it is the first that is sealed."""
    content = {name: getattr(revision, name) for name in ("commitment_id", *MEMBERS)}
    text = orjson.dumps(content, default=_exactly, option=orjson.OPT_SORT_KEYS).decode()
    return {"number": revision.number, "content": text, "previous_hash": previous_hash, "hash": hash_of(text, previous_hash)}


def hash_of(content: str, previous_hash: str | None) -> str:
    """SHA-256 over the hash before and the content, in hexadecimal."""
    return hashlib.sha256(((previous_hash or "") + content).encode("utf-8", "surrogatepass")).hexdigest()


def _exactly(value: Any) -> orjson.Fragment | str:
    if isinstance(value, Decimal):
        return orjson.Fragment(_number(value))
    if isinstance(value, UUID):  # the database driver has a class of its own for them
        return str(value)
    raise TypeError(f"a revision cannot hold {type(value)}")


def canonical(value: Any) -> str:
    """``value`` as JSON in one way only, so that what is shown can be compared with what was sealed, whoever wrote either."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(str(name))}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return _number(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return _number(value)
    return _text(value) if value is None or isinstance(value, str | int) else _text(str(value))


def _text(value: str | int | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: Decimal) -> str:
    if abs(value.adjusted()) > _DIGITS:  # nobody's tonnes, but what is verified may hold anything
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moved(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The members that differ, each with its value before and after; of a new commitment (None before) those that were given."""
    if before is None:
        return [{"field": name, "before": None, "after": after[name]} for name in sorted(after) if after[name] not in (None, [])]
    names = [name for name in sorted(after) if before.get(name) != after[name]]
    return [{"field": name, "before": before.get(name), "after": after[name]} for name in names]


def verify(revisions: Sequence[Mapping[str, Any]], head: str | None = None) -> Verdict:
    """Verify a whole history, oldest first, as it is shown; ``head``: a hash that was noted earlier and must still be in it."""
    unsealed = next((place for place, each in enumerate(revisions) if each.get("content") is not None), len(revisions))
    faults, previous, hashes = [], None, set()
    commitment = None
    for number, each in enumerate(revisions[unsealed:], unsealed + 1):
        wrong = list(_faults(each, number, previous, commitment))
        faults += [f"revision {number}: {fault}" for fault in wrong]
        previous = each.get("hash")
        hashes.add(previous if isinstance(previous, str) else None)
        commitment = commitment or _content(each).get("commitment_id")
    if head is not None and head not in hashes:
        faults.append(f"the hash {head} that was noted earlier is not in the chain any more")
    return Verdict(len(revisions), unsealed, previous, tuple(faults))


def _faults(each: Mapping[str, Any], number: int, previous: str | None, commitment: str | None) -> Iterator[str]:
    text, content = each.get("content"), _content(each)
    if not isinstance(text, str):
        yield "it is not sealed, but one before it is"
        return
    if not isinstance(each.get("hash"), str) or not isinstance(each.get("previous_hash"), str | None):
        yield "its hashes are no texts"
        return
    if each.get("previous_hash") != previous:
        yield "it does not follow the one before it (one is missing, was moved or was changed)"
    if each.get("hash") != hash_of(text, each.get("previous_hash")):
        yield "its content is not what was sealed (its hash is another)"
    if not content:
        yield "its content cannot be read"
        return
    if content.get("number") != number:
        yield f"it is called number {content.get('number')}"
    if commitment is not None and content.get("commitment_id") != commitment:
        yield "it belongs to another commitment"
    try:
        differ = [name for name in MEMBERS if canonical(each.get(name)) != canonical(content.get(name))]
    except RecursionError:
        differ = ["its nesting is too deep to compare"]
    if differ:
        yield f"what is shown is not what was sealed: {', '.join(differ)}"


def _content(each: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        content = json.loads(each.get("content") or "", parse_float=Decimal)
    except (ValueError, TypeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
