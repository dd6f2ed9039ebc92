"""Ports on loopback that stay the same from one start to the next, so that addresses people noted keep working."""

from __future__ import annotations

import socket
from pathlib import Path

from services.local.engines.private_files import read_if_there, write_private

LOOPBACK = "127.0.0.1"


def kept_port(path: Path, wanted: int) -> int:
    """`wanted`, or for 0 the port noted in `path` if it's free, else any free one; noted for next time."""
    if wanted:
        return wanted
    noted = (read_if_there(path) or "").strip()
    port = int(noted) if noted.isdecimal() and is_free(int(noted)) else _any_free_port()
    write_private(path, str(port))
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are still in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
