"""Reads the stack's mailbox the way its recipients would: plain text, and the one link in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses
from types import TracebackType
from typing import Self

import httpx

from services.local.demonstration.cohort import Json

REVIEW_LINK = re.compile(r"/review/([A-Za-z0-9_\-.~]+)")
VERIFY_LINK = re.compile(r"/verify/([A-Za-z0-9_\-.~]+)")


@dataclass(frozen=True)
class Letter:
    """One letter as it arrived; `text` is on one line, since mail wraps where it likes."""

    id: str
    to: tuple[str, ...]
    subject: str
    text: str
    received_at: str

    @property
    def review_token(self) -> str | None:
        """The token of the review link, if the letter has one."""
        found = REVIEW_LINK.search(self.text)
        return found[1].rstrip(".") if found else None

    @property
    def verify_code(self) -> str | None:
        """The code of the recognition that the letter announces, if it does."""
        found = VERIFY_LINK.search(self.text)
        return found[1].rstrip(".") if found else None

    def speaks_of(self, title: str) -> bool:
        """Whether the title of a practice stands in the letter."""
        return " ".join(title.split()) in f"{self.subject} {self.text}"


def letter_of(item: Json) -> Letter:
    """A message of the mailbox as a `Letter`."""
    to = item.get("to") or ""
    addresses = getaddresses(to if isinstance(to, list) else [to])
    return Letter(
        id=str(item["id"]),
        to=tuple(address.lower() for _, address in addresses if address),
        subject=" ".join(str(item.get("subject") or "").split()),
        text=" ".join(str(item.get("text") or "").split()),
        received_at=str(item.get("received_at") or ""),
    )


class Mailbox:
    """The letters that came in since the play began."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=url.rstrip("/"), timeout=30.0, transport=transport, trust_env=False)
        self._since = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.aclose()

    def forget_before(self, since: datetime) -> None:
        """Leave out what an earlier play brought."""
        self._since = since.strftime("%Y-%m-%dT%H:%M:%SZ")

    async def letters(self) -> list[Letter]:
        """All letters since the beginning, oldest first."""
        response = await self._http.get("/api/messages", params={"since": self._since} if self._since else None)
        response.raise_for_status()
        # A stable sort: letters of one moment stay in the mailbox's own order.
        return sorted((letter_of(item) for item in response.json()["items"]), key=lambda letter: letter.received_at)
