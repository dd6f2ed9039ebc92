"""Sending items as batches: in chunks that every gateway takes, patiently, and nothing twice."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from uuid import uuid4

import httpx

from services.local.importing import patience
from services.local.importing.patience import Refused, Sleep
from services.local.importing.target import Target

PATH = "/v1/membership/batches"
MOST_ITEMS = 500
MOST_BYTES = 200 * 1024
"""Below the smallest body limit that a gateway has."""


class Sender:
    """Sends batches to one API. A run has keys of its own, so that an attempt is repeated safely and a second run is asked anew."""

    def __init__(self, target: Target, *, transport: httpx.AsyncBaseTransport | None = None, sleep: Sleep = asyncio.sleep) -> None:
        self._http = patience.client(target, transport)
        self._sleep = sleep
        self._run = uuid4().hex

    async def send(self, head: dict[str, Any], items: Sequence[dict[str, Any]], content: bytes) -> AsyncIterator[list[dict[str, Any]]]:
        """The results of ``items``, chunk by chunk, in their order. ``head``: source, mode and dry_run; ``content``: the whole file."""
        digest = hashlib.sha256(content).hexdigest()[:32]
        async with self._http:
            for number, chunk in enumerate(chunks(items)):
                body = json.dumps({**head, "items": chunk}, ensure_ascii=False, separators=(",", ":")).encode()
                headers = {"Idempotency-Key": f"import-{digest}-{self._run}-{number}", "Content-Type": "application/json"}
                answer = await patience.ask(self._http, "POST", PATH, sleep=self._sleep, content=body, headers=headers)
                results = answer.get("results")
                if not isinstance(results, list) or len(results) != len(chunk):
                    raise Refused("the API answered a batch without one result for each item")
                yield results


def chunks(items: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """``items`` in runs of at most `MOST_ITEMS` and about `MOST_BYTES`."""
    chunk: list[dict[str, Any]] = []
    size = 0
    for item in items:
        length = len(json.dumps(item, ensure_ascii=False).encode())
        if chunk and (len(chunk) == MOST_ITEMS or size + length > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += length
    if chunk:
        yield chunk
