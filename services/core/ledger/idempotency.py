"""One effect per ``Idempotency-Key``: the answer is stored in the transaction of the effect and given again.

A second request with the same key waits for nobody: while the first is running it is told so (409). What is not stored:
a request that failed validation (nothing had begun), and a 5xx (its transaction is gone, so a repeat is safe). Stored answers
are sealed: some hold a secret that was shown once (a new key, a review session).
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from services.core.kit import crypto
from services.core.kit.db import Unit
from services.core.kit.errors import Problem
from services.core.kit.settings import settings
from services.core.ledger.record import keep_answer

KEY_MAX = 255
_PURPOSE = "idempotency"

_LOOK = """
SELECT pg_try_advisory_xact_lock($5) AS ours, i.fingerprint, i.status, i.headers::text AS headers, i.body
FROM (SELECT 1) AS one LEFT JOIN idempotency i ON i.principal = $1 AND i.key = $2 AND i.method = $3 AND i.route = $4
"""


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key in its scope: who sent it, with which method, to which route; and what it was sent with."""

    principal: str
    key: str
    method: str
    route: str
    fingerprint: bytes

    @property
    def scope(self) -> bytes:
        """What makes the key this caller's, on this route."""
        return f"{self.principal}\0{self.key}\0{self.method}\0{self.route}".encode()

    @property
    def lock(self) -> int:
        """The advisory lock that requests with this key share."""
        return int.from_bytes(hashlib.sha256(self.scope).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def parse(header: str) -> str:
    """The key in an ``Idempotency-Key`` header, quoted (as the IETF draft has it) or bare."""
    value = header.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if not value or len(value) > KEY_MAX or not value.isprintable():
        raise Problem("malformed-request", f"Idempotency-Key must have 1 to {KEY_MAX} printable characters.")
    return value


def fingerprint(*parts: bytes) -> bytes:
    """SHA-256 over what makes a request the same request."""
    return hashlib.sha256(b"\0".join(parts)).digest()


async def look(session: Unit, key: Key) -> Answer | None:
    """The stored answer for ``key``, or None when this request is the first; 422 for another body, 409 while in flight."""
    connection = await session.driver()
    row = await connection.fetchrow(_LOOK, key.principal, key.key, key.method, key.route, key.lock)
    if row is None or not row["ours"]:
        raise in_flight()
    if row["fingerprint"] is None:
        return None
    if row["fingerprint"] != key.fingerprint:
        raise Problem("idempotency-key-reused", "The same Idempotency-Key came with another path, query or body.")
    return Answer(row["status"], orjson.loads(row["headers"]), _unseal(key, row["body"]))


def keep(session: Unit, key: Key, status: int, headers: dict[str, Any], body: bytes) -> None:
    """Store the answer to ``key`` with the commit of ``session``."""
    keep_answer(
        session,
        {
            "principal": key.principal,
            "key": key.key,
            "method": key.method,
            "route": key.route,
            "fingerprint": key.fingerprint.hex(),
            "status": status,
            "headers": headers,
            "body": base64.b64encode(crypto.seal(_secret(), _PURPOSE, body, about=key.scope)).decode(),
        },
    )


def _unseal(key: Key, sealed: bytes) -> bytes:
    try:
        return crypto.unseal(_secret(), _PURPOSE, sealed, about=key.scope)
    except crypto.SealBrokenError as error:
        raise Problem("conflict", "The first answer to this key can no longer be read; look for its effect, then use a new key.") from error


def _secret() -> str:
    return settings().secret_key.get_secret_value()


def in_flight() -> Problem:
    """The 409 while another request with the same key is running."""
    return Problem("idempotency-key-in-flight", "The first request with this key is still running.", headers={"Retry-After": "1"})
