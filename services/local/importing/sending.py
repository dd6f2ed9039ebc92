"""Sending items as batches: in chunks that every gateway takes, patiently, and nothing twice."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx

from services.core.sync.tabular import Unusable
from services.local.importing.target import Target

PATH = "/v1/membership/batches"
MOST_ITEMS = 500
MOST_BYTES = 200 * 1024
"""Below the smallest body limit that a gateway has."""

_ATTEMPTS = 8
_ATTEMPTS_TO_CONNECT = 5
"""Long enough for a gateway that starts anew, and no longer: usually nobody is there."""
_LONGEST_WAIT_S = 60.0
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_TRY_AGAIN = frozenset({408, 425, 429, 502, 503, 504})
_OK = 200

Sleep = Callable[[float], Awaitable[None]]


class Refused(Exception):
    """The API does not take batches from us, or cannot be reached; the message says why."""


class Sender:
    """Sends batches to one API. A run has keys of its own, so that an attempt is repeated safely and a second run is asked anew."""

    def __init__(self, target: Target, *, transport: httpx.AsyncBaseTransport | None = None, sleep: Sleep = asyncio.sleep) -> None:
        try:
            # trust_env=False: a proxy set for the outside world must not carry calls to this machine.
            self._http = httpx.AsyncClient(
                base_url=target.api_url.rstrip("/"),
                headers={"X-API-Key": target.key, "Accept": "application/json", "Content-Type": "application/json"},
                timeout=_TIMEOUT,
                transport=transport,
                trust_env=target.api_url.startswith("https://"),
            )
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError) as error:
            raise Unusable(f"The address or the key cannot be used: {error}") from error
        self._sleep = sleep
        self._run = uuid4().hex

    async def send(self, head: dict[str, Any], items: Sequence[dict[str, Any]], content: bytes) -> AsyncIterator[list[dict[str, Any]]]:
        """The results of ``items``, chunk by chunk, in their order. ``head``: source, mode and dry_run; ``content``: the whole file."""
        digest = hashlib.sha256(content).hexdigest()[:32]
        async with self._http:
            for number, chunk in enumerate(chunks(items)):
                body = json.dumps({**head, "items": chunk}, ensure_ascii=False, separators=(",", ":")).encode()
                answer = await self._post(body, f"import-{digest}-{self._run}-{number}")
                results = answer.get("results")
                if not isinstance(results, list) or len(results) != len(chunk):
                    raise Refused("the API answered a batch without one result for each item")
                yield results

    async def _post(self, body: bytes, key: str) -> dict[str, Any]:
        told = ""
        for attempt in range(_ATTEMPTS):
            try:
                response = await self._http.post(PATH, content=body, headers={"Idempotency-Key": key})
            except httpx.TransportError as error:
                told, wait = f"the API cannot be reached: {str(error) or type(error).__name__}", float(2**attempt)
                if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol) and attempt + 1 >= _ATTEMPTS_TO_CONNECT:
                    break
            else:
                if response.status_code == _OK:
                    return _object(response)
                told = _problem(response)
                if not _is_passing(response):
                    raise Refused(told)
                wait = _asked(response, float(2**attempt))
            if attempt + 1 < _ATTEMPTS:
                await self._sleep(min(wait, _LONGEST_WAIT_S))
        raise Refused(told)


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


def _is_passing(response: httpx.Response) -> bool:
    """Whether the same request may succeed later. A 409 that says when to come back is one (still running, another batch)."""
    return response.status_code in _TRY_AGAIN or (response.status_code == httpx.codes.CONFLICT and "Retry-After" in response.headers)


def _asked(response: httpx.Response, otherwise: float) -> float:
    """The seconds that Retry-After asks for, as a number or as a date."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:6])
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return otherwise


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Refused(f"{response.url} answered something that is not a batch's result: is this the address of a ComP Hub?")
    return answer


def _problem(response: httpx.Response) -> str:
    try:
        problem = response.json()
        told = f"{problem['code']}: {problem['detail']}"
        fields = "; ".join(f"{each['pointer']}: {each['detail']}" for each in problem.get("errors") or [])
    except (ValueError, KeyError, TypeError):
        return f"the API answered {response.status_code} to {PATH}"
    return f"the API answered {response.status_code} {told}{f' ({fields})' if fields else ''}"
