"""A short private folder for a unix socket.

The path of a socket must stay below 107 bytes (104 on macOS), while a data folder may lie as deep as it likes. So the
socket lies in a folder of its own under /tmp, which only its owner may enter (0700), and the data folder remembers it.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

from services.local.engines.accounts import Account
from services.local.engines.failures import EngineFailed
from services.local.engines.private_files import read_if_there, write_private

_POINTER = "socket-folder.json"
_PREFIX = "comphub-"
_LONGEST_PARENT = 60


def socket_folder(data_dir: Path, account: Account | None) -> Path:
    """The socket folder of this data folder: the one from last time when it's still good, else a new one."""
    owner = account.uid if account else os.geteuid()
    pointer = data_dir / _POINTER
    known = _known(pointer, _fingerprint(data_dir))
    if known is not None and _is_private(known, owner):
        return known
    # A random name that mkdtemp makes anew: nobody can have laid something there for us to find.
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_parent()))
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    write_private(pointer, json.dumps({"path": str(folder), "of": _fingerprint(data_dir)}))
    return folder


def remove_socket_folder(folder: Path | None) -> None:
    """Remove the socket folder when its server has ended; harmless when there's none."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftover_socket_folder(data_dir: Path) -> None:
    """Remove the socket folder of a server whose owner couldn't do it any more; nothing may run in it."""
    folder = _known(data_dir / _POINTER, _fingerprint(data_dir))
    # The pointer is only a file: it mustn't lead root to remove anything else.
    if folder is not None and folder.name.startswith(_PREFIX) and str(folder.parent) in _parents():
        owners = {os.geteuid(), data_dir.stat().st_uid, *(path.stat().st_uid for path in data_dir.iterdir())}
        if any(_is_private(folder, owner) for owner in owners):
            shutil.rmtree(folder, ignore_errors=True)


def _known(pointer: Path, fingerprint: str) -> Path | None:
    try:
        card = json.loads(read_if_there(pointer) or "{}")
    except ValueError:
        return None
    # A copied data folder carries the pointer of the original along, but isn't the same folder.
    return Path(card["path"]) if card.get("of") == fingerprint else None


def _fingerprint(data_dir: Path) -> str:
    facts = data_dir.stat()
    return f"{facts.st_dev}:{facts.st_ino}"


def _is_private(folder: Path, owner: int) -> bool:
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == owner and stat.S_IMODE(facts.st_mode) == stat.S_IRWXU


def _short_parent() -> str:
    for parent in _parents():
        if len(parent) <= _LONGEST_PARENT and os.access(parent, os.W_OK | os.X_OK):
            return parent
    message = "No short folder for a socket: neither /tmp nor /var/tmp can be written."
    raise EngineFailed(message)


def _parents() -> tuple[str, ...]:
    return ("/tmp", tempfile.gettempdir(), "/var/tmp")  # noqa: S108 - mkdtemp makes a private folder below
