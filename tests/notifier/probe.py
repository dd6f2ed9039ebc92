"""A letter that no other room has to know anything about. Its payload is its context."""

from dataclasses import dataclass
from pathlib import Path

from services.core.kit.db import Session
from services.notifier.letter import Letter, Payload
from services.notifier.reader import Context, Reader

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Context):
    """Some words, and how often the letter was written."""

    words: str


withdrawn: set[str] = set()
relayed: list[str] = []
written: list[str] = []


async def told(_: Session, payload: Payload) -> Probe | None:
    if payload.get("unwritable"):
        raise LookupError(payload["email"])
    if payload["key"] in withdrawn:
        return None
    written.append(payload["key"])
    reader = Reader(payload["name"], payload["email"], payload.get("locale", "en"), payload.get("time_zone", "Asia/Taipei"))
    return Probe(reader=reader, words=payload.get("words", "Words."))


async def still_true(_: Session, payload: Payload) -> bool:
    return payload["key"] not in withdrawn


async def on_relayed(_: Session, payload: Payload) -> None:
    relayed.append(payload["key"])


SAMPLE = Probe(reader=Reader("A", "a@b.example", "en", "UTC"), words="Words.")
PROBE = Letter(told, SAMPLE, still_true=still_true, on_relayed=on_relayed)
