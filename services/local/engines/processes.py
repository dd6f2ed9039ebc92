"""Starting and stopping processes so that none outlives its owner and no stranger is ever signalled."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from services.local.engines.accounts import Account
from services.local.engines.identity import Identity

_LAUNCHER = Path(__file__).with_name("launcher.py")

Output = int | IO[bytes] | None
StopSteps = Sequence[tuple[signal.Signals, float]]


def spawn(
    argv: Sequence[str],
    *,
    cwd: Path,
    farewell: signal.Signals,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    output: Output = None,
    errors: Output = subprocess.STDOUT,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `argv` (its first word an absolute path) so that it gets `farewell` when this process dies.

    Call it from a thread that lives as long as the process, in practice the main thread: the kernel sends the signal
    when the *thread* that started the child ends. On macOS there is no such signal; leftovers are found by identity.
    The child has a session of its own, so that Ctrl-C in a terminal reaches the owner alone, who stops in order.
    """
    drop = (str(account.uid), str(account.gid)) if account else ("-", "-")
    # -I -S: no site packages and no PYTHON* variables, which belong to the child and not to the launcher.
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), str(int(farewell)), *drop]
    return subprocess.Popen(
        [*launcher, *argv],
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )


def stop_child(process: subprocess.Popen[bytes], steps: StopSteps) -> int:
    """Stop a child of this process: each signal in turn, each with its seconds to act; SIGKILL in the end."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
    if process.poll() is None:
        process.kill()
    return process.wait()


def stop(identity: Identity, number: signal.Signals, timeout: float) -> bool:
    """Signal the process with this identity, child or not, and wait until it ended; False if it still runs.

    A process that merely carries the same pid is left alone. PermissionError when it belongs to somebody else.
    """
    if sys.platform != "linux":
        return _stop_by_pid(identity, number, timeout)
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return True
    except OSError:  # An old kernel or a sandbox without pidfd.
        return _stop_by_pid(identity, number, timeout)
    try:
        # The handle is bound to the process that carries the pid now. If its identity is right, then the signal can't
        # reach anybody else, even if the pid is given away in between.
        if not identity.is_alive():
            return True
        signal.pidfd_send_signal(handle, number)
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        return bool(ended.poll(timeout * 1000))
    except ProcessLookupError:
        return True
    finally:
        os.close(handle)


def stop_firmly(identity: Identity, steps: StopSteps) -> None:
    """Stop a process by each signal in turn, then by SIGKILL."""
    for number, seconds in steps:
        if stop(identity, number, seconds):
            return
    stop(identity, signal.SIGKILL, 10.0)


def pauses(seconds: float, *, shortest: float = 0.01, longest: float = 0.2) -> Iterator[float]:
    """Growing pauses between two looks at a condition that nobody announces, until `seconds` have passed."""
    end = time.monotonic() + seconds
    pause = shortest
    while time.monotonic() < end:
        yield pause
        pause = min(longest, pause * 1.5)


def _stop_by_pid(identity: Identity, number: signal.Signals, timeout: float) -> bool:
    if not identity.is_alive():
        return True
    with contextlib.suppress(ProcessLookupError):
        os.kill(identity.pid, number)
    for pause in pauses(timeout):
        if not identity.is_alive():
            return True
        time.sleep(pause)
    return False
