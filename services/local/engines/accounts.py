"""As whom a server runs when root starts it: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

_USUAL_NAMES = ("nobody", "daemon", "bin")


@dataclass(frozen=True)
class Account:
    """An unprivileged user of this machine."""

    uid: int
    gid: int
    name: str


def server_account(*folders: Path) -> Account | None:
    """Whom PostgreSQL should run as; None: as the caller, who isn't root.

    The owner of the first existing folder, unless that's root, so that data which an ordinary user made (or a folder
    that a container mounts from one) stays theirs; else `nobody`, which needs no `useradd`.
    """
    if os.geteuid() != 0:
        return None
    owners = [folder.stat().st_uid for folder in folders if folder.exists()]
    wishes: list[int | str] = [*owners, *_USUAL_NAMES]
    for wanted in wishes:
        # initdb insists on a user that has a name, hence the look into the list of accounts.
        account = _account(wanted)
        if account is not None and account.uid != 0:
            return account
    return next(Account(entry.pw_uid, entry.pw_gid, entry.pw_name) for entry in pwd.getpwall() if entry.pw_uid != 0)


def _account(wanted: int | str) -> Account | None:
    try:
        entry = pwd.getpwuid(wanted) if isinstance(wanted, int) else pwd.getpwnam(wanted)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
