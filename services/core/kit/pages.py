"""Keyset pages: an opaque, signed cursor that belongs to one caller, one list and one filter."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.core.kit.errors import Problem
from services.core.kit.settings import settings
from services.core.kit.tokens import sign

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_TAG_BYTES = 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page as bytes of JSON items, and the sort keys of its last row when there may be more."""

    items: bytes
    next_cursor: str | None
    total: int | None = None

    def body(self) -> bytes:
        """``{items, next_cursor}`` (and ``total`` when it was asked for)."""
        cursor = b"null" if self.next_cursor is None else orjson.dumps(self.next_cursor)
        total = b"" if self.total is None else b',"total":' + str(self.total).encode()
        return b'{"items":' + self.items + b',"next_cursor":' + cursor + total + b"}"


def scope_of(principal: str, listing: str, filters: Any) -> str:
    """What a cursor is bound to: the caller, the list, and the filter's values."""
    return hashlib.sha256(orjson.dumps([principal, listing, filters], default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def encode_cursor(keys: Sequence[Any], scope: str) -> str:
    """An opaque cursor after the row whose sort keys are ``keys``."""
    payload = orjson.dumps([list(keys), scope], default=str)
    tag = sign(settings().secret_key.get_secret_value(), payload)[:_TAG_BYTES]
    return base64.urlsafe_b64encode(tag + payload).rstrip(b"=").decode()


def decode_cursor(cursor: str, scope: str) -> list[Any]:
    """The sort keys inside ``cursor``; 400 ``invalid-cursor`` for one that is forged or from another list."""
    refusal = Problem("invalid-cursor", "The cursor is damaged, or belongs to another list, filter or caller.")
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise refusal from error
    tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if tag != sign(settings().secret_key.get_secret_value(), payload)[:_TAG_BYTES]:
        raise refusal
    keys, bound = orjson.loads(payload)
    if bound != scope:
        raise refusal
    return list(keys)
