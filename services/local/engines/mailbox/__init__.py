"""The mailbox of the local stack: takes every letter over real SMTP, delivers none, and shows them to people and tests.

It's a process of its own: `python -m services.local.engines.mailbox --data-dir …`. It writes `mailbox.json` in its data
folder once it listens: `{pid, smtp_port, http_port, smtp_url, mailbox_url}`.

Words: an *envelope* is what SMTP was told (MAIL FROM, RCPT TO); a *letter* is an envelope with the bytes that came in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TypedDict

from services.local.engines.private_files import read_if_there

ADDRESS_FILE = "mailbox.json"


class Address(TypedDict):
    """Where a running mailbox listens."""

    pid: int
    smtp_port: int
    http_port: int
    smtp_url: str
    mailbox_url: str


def read_address(data_dir: Path) -> Address | None:
    """What the mailbox of this data folder wrote last, or None; it's running when its pid is."""
    text = read_if_there(data_dir / ADDRESS_FILE)
    if text is None:
        return None
    address: Address = json.loads(text)
    return address


def mailbox_command(data_dir: Path, *, smtp_port: int = 0, http_port: int = 0) -> list[str]:
    """The command that runs the mailbox of this data folder."""
    ports = ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    return [sys.executable, "-m", __name__, "--data-dir", str(data_dir), *ports]


def mailbox_is_ready(data_dir: Path, pid: int) -> bool:
    """Whether the mailbox that runs as `pid` listens."""
    address = read_address(data_dir)
    return address is not None and address["pid"] == pid
