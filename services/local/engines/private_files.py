"""Small files that only their owner may read, and that are never seen half written."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, readable by its owner only (0600)."""
    # mkstemp makes the file 0600, so there is no moment at which somebody else could open it.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read_if_there(path: Path) -> str | None:
    """The text of `path`, or None when there is no such file."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None


def password_kept_in(path: Path) -> str:
    """The password stored in `path`; made up and stored at the first call."""
    kept = read_if_there(path)
    if kept:
        return kept.strip()
    password = secrets.token_urlsafe(24)
    write_private(path, password)
    return password
