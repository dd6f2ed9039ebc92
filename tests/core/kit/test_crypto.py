"""Sealed bytes open only for their own purpose, their own row and their own installation."""

import pytest

from services.core.kit.crypto import SealBrokenError, seal, unseal

SECRET, LETTER = "a secret of this installation, long enough", b"letter 1"


def test_what_was_sealed_opens_again_and_never_looks_the_same() -> None:
    first, second = (seal(SECRET, "letter", b"the token", about=LETTER) for _ in range(2))
    assert first != second
    assert b"token" not in first
    assert unseal(SECRET, "letter", first, about=LETTER) == unseal(SECRET, "letter", second, about=LETTER) == b"the token"


@pytest.mark.parametrize(
    ("secret", "purpose", "about"),
    [("another secret", "letter", LETTER), (SECRET, "webhook", LETTER), (SECRET, "letter", b"letter 2")],
)
def test_it_opens_nowhere_else(secret: str, purpose: str, about: bytes) -> None:
    sealed = seal(SECRET, "letter", b"the token", about=LETTER)
    with pytest.raises(SealBrokenError):
        unseal(secret, purpose, sealed, about=about)


def test_changed_or_shortened_bytes_do_not_open() -> None:
    sealed = seal(SECRET, "letter", b"the token", about=LETTER)
    for broken in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), bytes([sealed[0] ^ 1]) + sealed[1:], b"", b"short"):
        with pytest.raises(SealBrokenError):
            unseal(SECRET, "letter", broken, about=LETTER)
