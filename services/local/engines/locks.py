"""One owner per data folder."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from services.local.engines.failures import FolderInUse
from services.local.engines.identity import Identity, own_identity


class FolderLock:
    """The lock of a folder; the kernel lets it go when its holder ends, however that happens.

    The file names its holder. It's never deleted: two processes could then each lock a file of that name.
    """

    def __init__(self, folder: Path, purpose: str, *, name: str = "lock") -> None:
        """Make a lock that isn't taken yet; `purpose` is what the holder does, for the message to others."""
        self._path = folder / name
        self._purpose = purpose
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock, or raise FolderInUse with who has it."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise FolderInUse(self._who()) from error
        card = json.dumps({"purpose": self._purpose, **own_identity().to_json()}).encode()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, card, 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the lock go; harmless when it isn't held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_taken(self) -> bool:
        """Whether some other process holds the lock now."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            # Shared: two processes that look at the same time must not take each other for a holder.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def holder(self) -> Identity | None:
        """The living process named in the file. Only while the lock is held by somebody is that its holder."""
        identity = Identity.from_json(self._card())
        return identity if identity is not None and identity.is_alive() else None

    def _card(self) -> dict[str, object]:
        try:
            card = json.loads(self._path.read_bytes())
        except (FileNotFoundError, ValueError):  # Not there, or its holder is just writing it.
            return {}
        return card if isinstance(card, dict) else {}

    def _who(self) -> str:
        card = self._card()
        who = f"{card.get('purpose')}, pid {card.get('pid')}" if card else "another process"
        return f"{self._path.parent} is in use by {who}."
