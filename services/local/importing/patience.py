"""Asking an API patiently: what passes is waited for, what does not is said in words."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from services.core.sync.tabular import Unusable
from services.local.importing.target import Target

_ATTEMPTS = 8
_ATTEMPTS_TO_CONNECT = 5
"""Long enough for a gateway that starts anew, and no longer: usually nobody is there."""
_LONGEST_WAIT_S = 60.0
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_TRY_AGAIN = frozenset({408, 425, 429, 502, 503, 504})
_DONE = frozenset({200, 202})

Sleep = Callable[[float], Awaitable[None]]


class Refused(Exception):
    """The API does not take what we send, or cannot be reached; the message says why."""


def client(target: Target, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """A client of ``target``; `Unusable` when its address or key cannot be used."""
    try:
        # trust_env=False: a proxy set for the outside world must not carry calls to this machine.
        return httpx.AsyncClient(
            base_url=target.api_url.rstrip("/"),
            headers={"X-API-Key": target.key, "Accept": "application/json"},
            timeout=_TIMEOUT,
            transport=transport,
            trust_env=target.api_url.startswith("https://"),
        )
    except (httpx.InvalidURL, UnicodeEncodeError, ValueError) as error:
        raise Unusable(f"The address or the key cannot be used: {error}") from error


async def ask(http: httpx.AsyncClient, method: str, path: str, *, sleep: Sleep = asyncio.sleep, **request: Any) -> dict[str, Any]:
    """The JSON object that the API answers; `Refused` when it does not. A POST needs an ``Idempotency-Key``: it may be sent again."""
    told = ""
    for attempt in range(_ATTEMPTS):
        try:
            response = await http.request(method, path, **request)
        except httpx.TransportError as error:
            told, wait = f"the API cannot be reached: {str(error) or type(error).__name__}", float(2**attempt)
            if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol) and attempt + 1 >= _ATTEMPTS_TO_CONNECT:
                break
        else:
            if response.status_code in _DONE:
                return _object(response)
            told = _problem(response, path)
            if not _is_passing(response):
                raise Refused(told)
            wait = asked(response, float(2**attempt))
        if attempt + 1 < _ATTEMPTS:
            await sleep(min(wait, _LONGEST_WAIT_S))
    raise Refused(told)


def _is_passing(response: httpx.Response) -> bool:
    """Whether the same request may succeed later. A 409 that says when to come back is one (still running, another batch)."""
    return response.status_code in _TRY_AGAIN or (response.status_code == httpx.codes.CONFLICT and "Retry-After" in response.headers)


def asked(response: httpx.Response, otherwise: float) -> float:
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
        raise Refused(f"{response.url} answered something that is no result: is this the address of a ComP Hub?")
    return answer


def _problem(response: httpx.Response, path: str) -> str:
    try:
        problem = response.json()
        told = f"{problem['code']}: {problem['detail']}"
        fields = "; ".join(f"{each['pointer']}: {each['detail']}" for each in problem.get("errors") or [])
    except (ValueError, KeyError, TypeError):
        return f"the API answered {response.status_code} to {path}"
    return f"the API answered {response.status_code} {told}{f' ({fields})' if fields else ''}"
