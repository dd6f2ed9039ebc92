"""Codes by which anyone checks a recognition: 60 random bits in Crockford's base 32, readable over the telephone."""

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 12
GROUP: Final = 4
_MISREAD: Final = str.maketrans("OIL", "011")


def new_code() -> str:
    """A fresh code, such as ``7K3M-Q0TD-9XWA``."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read(typed: str) -> str:
    """A code as people type it (any case, O for 0, I or L for 1, with or without hyphens) in the form in which it is kept."""
    return _grouped("".join(typed.upper().translate(_MISREAD).replace("-", " ").split()))


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
