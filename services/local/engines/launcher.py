"""Run as a program: ties the process to its owner, gives up root where asked, and becomes the real server.

`python -I -S launcher.py OWNER_PID SIGNAL UID GID PROGRAM ARGUMENT…` (UID and GID `-`: stay who you are)

Why a program of its own and not `preexec_fn`: that runs Python between fork and exec, which can deadlock (and on
Python 3.12 warns) when the owner has threads. The pid stays the same through the exec, so whoever started this knows
the server's pid from the start. It costs about 15 ms.
"""

from __future__ import annotations

import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Drop root, ask for the signal at the owner's death, and exec."""
    owner, signal_number, uid, gid, *command = arguments
    if sys.platform == "linux":
        # Imported before root is dropped: Python itself may lie where only root may read (say /root/.pyenv).
        import ctypes  # Only Linux needs it, and it's a third of this program's time

        libc = ctypes.CDLL(None, use_errno=True)
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        # After the change of user, since the kernel forgets this setting when the credentials change.
        if libc.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
        # An owner that died before the line above sends no signal any more.
        if os.getppid() != int(owner):
            sys.exit("the owner ended before the server began")
    os.execv(command[0], command)  # noqa: S606 - there's no shell to want


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f"can't run {sys.argv[5:6]}: {error}")
