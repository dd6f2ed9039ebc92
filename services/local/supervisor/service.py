"""What a service is: the command, and when it counts as ready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Ready = Callable[[int], bool | Awaitable[bool]]
"""Asked again and again with the pid of the child until it says True."""


class ServiceFailed(Exception):
    """A service ended while it was being started, or never became ready; the message has its last lines."""


@dataclass(frozen=True)
class Service:
    """A command to run `count` times side by side.

    `argv` may be a function of the instance's number (1…count). `env` is the whole environment (None: the caller's).
    `pass_fds` are file descriptors to inherit, such as one listening socket that all instances share.
    """

    name: str
    argv: Sequence[str] | Callable[[int], Sequence[str]]
    env: Mapping[str, str] | None = None
    ready: Ready | None = None
    count: int = 1
    cwd: Path | None = None
    pass_fds: tuple[int, ...] = ()
    ready_timeout: float = 60.0

    def command(self, number: int) -> list[str]:
        """The command of the instance with this number."""
        return list(self.argv(number) if callable(self.argv) else self.argv)

    def instance_name(self, number: int) -> str:
        """What the log calls this instance."""
        return self.name if self.count == 1 else f"{self.name}-{number}"
