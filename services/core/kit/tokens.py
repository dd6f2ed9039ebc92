"""Secrets that we make ourselves: 256 random bits, kept only as SHA-256, compared in constant time."""

import hashlib
import hmac
import secrets
import zlib

KEY_PREFIX = "cop"
SESSION_PREFIX = "cos"


def new_token() -> str:
    """43 characters of URL-safe base64: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """SHA-256 of a secret: enough for 256 random bits, and cheap enough for every request."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, stored: bytes) -> bool:
    """Constant-time comparison of a presented secret with a stored digest."""
    return hmac.compare_digest(digest(secret), stored)


def sign(key: str, message: bytes) -> bytes:
    """HMAC-SHA-256 under the installation's secret key."""
    return hmac.digest(key.encode(), message, "sha256")


def new_api_key(environment: str) -> tuple[str, str]:
    """A fresh API key and its public key id.

    ``cop_<env>_<keyid>_<43 characters>_<crc>``: the prefix helps secret scanners, the CRC refuses typing errors
    without asking the database.
    """
    key_id = secrets.token_hex(6)
    body = f"{KEY_PREFIX}_{environment}_{key_id}_{new_token()}"
    return f"{body}_{_crc(body)}", key_id


def key_id_of(key: str) -> str | None:
    """The key id inside a well-formed API key; None when it cannot be one of ours."""
    body, _, crc = key.rpartition("_")
    parts = body.split("_", 3)
    if len(parts) != 4 or parts[0] != KEY_PREFIX or not hmac.compare_digest(_crc(body).encode(), crc.encode()):  # noqa: PLR2004
        return None
    return parts[2]


def new_session_token() -> str:
    """A fresh access token of a person's session: ``cos_<43 characters>_<crc>``, told from a key at sight."""
    body = f"{SESSION_PREFIX}_{new_token()}"
    return f"{body}_{_crc(body)}"


def is_session_token(credential: str) -> bool:
    """Whether ``credential`` is a well-formed access token of a session; the database knows whether it is a real one."""
    body, _, crc = credential.rpartition("_")
    return body.startswith(f"{SESSION_PREFIX}_") and hmac.compare_digest(_crc(body).encode(), crc.encode())


def _crc(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
