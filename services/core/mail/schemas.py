"""What the mail room gives and takes: a letter to freeze, a letter to send."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Step = Literal["send", "wait", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A finished letter before it is frozen. ``raw`` is the whole message (RFC 5322, CRLF, 7 bit), with its Message-ID."""

    id: UUID
    dedupe_key: str
    kind: str
    to_addr: str
    envelope_from: str
    subject: str
    message_id: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A letter as its task finds it. ``step``: send it, wait ``wait_s`` seconds first, or nothing: it is ``closed``.

    ``in_doubt``: an earlier copy may have been accepted. ``doubted_now``: just now its sender was found to be gone.
    """

    id: UUID
    kind: str
    step: Step
    state: str
    to_addr: str
    envelope_from: str
    raw: bytes
    wait_s: float = 0
    in_doubt: bool = False
    doubted_now: bool = False
