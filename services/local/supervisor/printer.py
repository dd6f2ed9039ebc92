"""What the person at the terminal sees: a line per event, with the time and the name of who says it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
_GREY = 90
_BOLD = 1
_RED = 31
_OWN_NAME = "comphub"


class Printer:
    """Writes lines to a stream; in colour only on a terminal, and never when NO_COLOR is set."""

    def __init__(self, stream: TextIO, env: Mapping[str, str] = os.environ) -> None:
        """Look at the stream and the environment once."""
        self._stream = stream
        # https://no-color.org: any value but the empty one counts.
        self._in_colour = stream.isatty() and not env.get("NO_COLOR") and env.get("TERM") != "dumb"
        self._colours: dict[str, int] = {}
        self._width = len(_OWN_NAME)
        self._is_gone = False

    def line(self, name: str, text: str) -> None:
        """Pass on a line that a child wrote."""
        self._write(name, self._colour_of(name), text)

    def progress(self, text: str) -> None:
        """Say how the stack is getting on."""
        self._write(_OWN_NAME, _BOLD, text)

    def trouble(self, text: str) -> None:
        """Say that something went wrong."""
        self._write(_OWN_NAME, _RED, text)

    def _write(self, name: str, colour: int, text: str) -> None:
        if self._is_gone:
            return
        self._width = max(self._width, len(name))
        time = datetime.now(UTC).astimezone().strftime("%H:%M:%S")
        label = self._paint(colour, name.ljust(self._width))
        try:
            self._stream.write(f"{self._paint(_GREY, time)} {label} {text}\n")
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            # Whoever read our output has left (`comphub up | head`): the stack keeps running, in silence.
            self._is_gone = True

    def _paint(self, colour: int, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._in_colour else text

    def _colour_of(self, name: str) -> int:
        # The instances of a service (gateway-1, gateway-2) share its colour.
        service = name.rpartition("-")[0] or name
        return self._colours.setdefault(service, _COLOURS[len(self._colours) % len(_COLOURS)])
