"""What a child writes: read from a pipe as it comes, cut into lines, passed on."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque

from services.local.supervisor.printer import Printer

_CHUNK = 65_536
_LONGEST_LINE = 65_536
_REMEMBERED = 12


class Output:
    """The pipe of one child. A child that is started again gets a new pipe from the same object."""

    def __init__(self, name: str, printer: Printer) -> None:
        """Say whose lines these are and where they go."""
        self._name = name
        self._printer = printer
        self._reading: int | None = None
        self._writing: int | None = None
        self._rest = b""
        self.last_lines: deque[str] = deque(maxlen=_REMEMBERED)

    def open(self) -> int:
        """Make the pipe and return the end that the child writes to."""
        self.close()
        self.last_lines.clear()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        return self._writing

    def begin(self) -> None:
        """Give the writing end away to the child, which has it now, and listen."""
        if self._writing is not None:
            os.close(self._writing)
            self._writing = None
        if self._reading is not None:
            asyncio.get_running_loop().add_reader(self._reading, self._read)

    def close(self) -> None:
        """Pass on what is still in the pipe, and close it."""
        # Not to the end of the file: a grandchild that lives on would hold that back for ever.
        while self._reading is not None and self._read():
            pass
        self._shut()

    def _read(self) -> bool:
        """Take a chunk; False when nothing (more) is there."""
        if self._reading is None:
            return False
        try:
            chunk = os.read(self._reading, _CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self._shut()
            return False
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._pass_on(line)
        return True

    def _shut(self) -> None:
        if self._rest:
            self._pass_on(self._rest)
            self._rest = b""
        if self._reading is not None:
            with contextlib.suppress(RuntimeError):  # No loop runs any more.
                asyncio.get_running_loop().remove_reader(self._reading)
            os.close(self._reading)
            self._reading = None
        if self._writing is not None:
            os.close(self._writing)
            self._writing = None

    def _pass_on(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r")
        self.last_lines.append(text)
        self._printer.line(self._name, text)
