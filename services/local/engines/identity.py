"""Who a process is: a pid alone is a number that the kernel gives to somebody else later.

An `Identity` adds the time at which the process started and the boot in which it lives, so that a pid that was
written down yesterday is never mistaken for the process that carries the number today.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_HAS_PROC = (PROC / "self" / "stat").exists()
_BOOT_ID = PROC / "sys" / "kernel" / "random" / "boot_id"


@dataclass(frozen=True)
class Identity:
    """One process: its pid, when it started, and the boot in which it did."""

    pid: int
    started: str
    boot: str = ""

    def is_alive(self) -> bool:
        """Whether this very process (not only its number) still runs; a zombie doesn't."""
        return identity_of(self.pid) == self

    def to_json(self) -> dict[str, int | str]:
        """The identity as plain values, for a file."""
        return {"pid": self.pid, "started": self.started, "boot": self.boot}

    @classmethod
    def from_json(cls, value: object) -> Identity | None:
        """The identity that `to_json` wrote, or None when the value isn't one."""
        match value:
            case {"pid": int(pid), "started": str(started), "boot": str(boot)}:
                return cls(pid, started, boot)
            case _:
                return None


def identity_of(pid: int) -> Identity | None:
    """The identity of the process that carries `pid` now, or None when none runs."""
    started = _start_from_proc(pid) if _HAS_PROC else _start_from_ps(pid)
    return None if started is None else Identity(pid, started, _boot_id())


def own_identity() -> Identity:
    """The identity of the calling process."""
    identity = identity_of(os.getpid())
    if identity is None:
        message = "the calling process isn't listed by the system"
        raise ProcessLookupError(message)
    return identity


def working_in(folder: Path, program: str) -> Iterator[Identity]:
    """Every process that runs `program` with `folder` as its working folder.

    Both servers work in their data folder, so this finds them even when no file recorded their pid. Without /proc
    (macOS) nothing is found, and what the engine wrote down has to do.
    """
    if not _HAS_PROC or not folder.exists():
        return
    wanted = folder.stat()
    for entry in PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            # A program that was replaced on disk since is shown with " (deleted)" behind its name.
            running = (entry / "exe").readlink().name.removesuffix(" (deleted)")
            here = (entry / "cwd").stat()
        except OSError:
            continue  # Ended while we looked, or belongs to somebody else: not ours either way.
        if running == program and (here.st_dev, here.st_ino) == (wanted.st_dev, wanted.st_ino):
            identity = identity_of(int(entry.name))
            if identity is not None:
                yield identity


def _start_from_proc(pid: int) -> str | None:
    """Field 22 of /proc/<pid>/stat: clock ticks from boot to the start of the process."""
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets, and may itself contain blanks and brackets.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]


def _start_from_ps(pid: int) -> str | None:
    """The same from `ps`, for systems without /proc."""
    ps = shutil.which("ps")
    if ps is None:
        return None
    answer = subprocess.run([ps, "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
