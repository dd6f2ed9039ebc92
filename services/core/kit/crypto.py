"""Bytes at rest that only this installation can read: AES-256-GCM under keys derived from ``SECRET_KEY``, one for each purpose."""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealBrokenError(Exception):
    """Sealed bytes were changed, belong to something else, or were sealed under another ``SECRET_KEY``."""


def seal(secret: str, purpose: str, plain: bytes, *, about: bytes) -> bytes:
    """``plain``, encrypted for ``purpose`` and bound to ``about`` (the id of what it belongs to)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(secret, purpose).encrypt(nonce, plain, about)


def unseal(secret: str, purpose: str, sealed: bytes, *, about: bytes) -> bytes:
    """What `seal` was given; `SealBrokenError` when it is not whole."""
    try:
        return _cipher(secret, purpose).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError("the sealed bytes cannot be opened: they were changed, or SECRET_KEY was") from error


@lru_cache(maxsize=16)
def _cipher(secret: str, purpose: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"comphub:{purpose}".encode())
    return AESGCM(derived.derive(secret.encode()))
