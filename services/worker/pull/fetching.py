"""One page of a registry: fetched within limits, never from another host, and the way to the next one."""

from collections.abc import Mapping as Members
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import httpx

from services.core.kit import clock
from services.core.sync import cells
from services.core.sync.mapping import Next
from services.core.sync.row import pointed, stands
from services.core.sync.tabular import Table

MOST_BYTES = 32 * 1024 * 1024
_MOST_REDIRECTS = 5
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_LONGEST_WAIT_S = 3600.0
_LATER = frozenset({408, 425, 429, 502, 503, 504})
_PORTS = {"http": 80, "https": 443}
_AGENT = "ComP-Hub-pull/1"


class Unreadable(Exception):
    """The page cannot be had, and trying again does not help; the message says why."""


class TryLater(Exception):
    """The registry is busy or away: the same page after ``wait_s``, or (None) when the ledger thinks best."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Page:
    """What came: the bytes, where they came from, the next page by the Link header, and the tag of this state."""

    content: bytes
    url: str
    link: str | None
    etag: str | None


async def fetch(url: str, *, headers: Members[str, str], etag: str | None = None) -> Page | None:
    """The page at ``url``; None when it is still as it was under ``etag``. `Unreadable` and `TryLater` say what went wrong."""
    sent = {"Accept-Encoding": "gzip", "User-Agent": _AGENT, **headers, **({"If-None-Match": etag} if etag else {})}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as client:
            for _ in range(_MOST_REDIRECTS):
                async with client.stream("GET", url, headers=sent) as response:
                    if not response.has_redirect_location:
                        return await _page(response)
                    url = on_same_host(url, response.headers["Location"])
    except httpx.TransportError as error:
        raise TryLater(f"{type(error).__name__}: {error}") from error
    except (httpx.InvalidURL, httpx.DecodingError, UnicodeError) as error:
        raise Unreadable(str(error)) from error
    raise Unreadable(f"more than {_MOST_REDIRECTS} redirections")


async def _page(response: httpx.Response) -> Page | None:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return None
    if response.status_code in _LATER:
        raise TryLater(f"it answered {response.status_code}", _asked(response.headers.get("Retry-After", "")))
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise TryLater(f"it answered {response.status_code}")
    if response.status_code != httpx.codes.OK:
        raise Unreadable(f"it answered {response.status_code}")
    content = bytearray()
    async for some in response.aiter_bytes():
        content += some
        if len(content) > MOST_BYTES:
            raise Unreadable(f"a page is larger than {MOST_BYTES // 1024 // 1024} MiB")
    link = response.links.get("next", {}).get("url")
    return Page(bytes(content), str(response.url), link, response.headers.get("ETag"))


def first_url(url: str, way: Next) -> str:
    """The URL of the first page."""
    return _with(url, way.parameter, str(way.first)) if way.by == "page" else url


def next_url(base: str, page: Page, way: Next, table: Table, number: int) -> str | None:
    """The URL of the page after page ``number`` (from 0), or None when that was the last; `Unreadable` when it leads astray."""
    if way.by == "none":
        return None
    if way.by == "page":
        return _with(base, way.parameter, str(way.first + number + 1)) if table.rows else None
    told = page.link if way.by == "link" else _told(table, way.at)
    if not told:
        return None
    found = _with(base, way.parameter, told) if way.by == "cursor" else on_same_host(page.url, told)
    if found == page.url:
        raise Unreadable("a page leads to itself")
    return found


def on_same_host(url: str, to: str) -> str:
    """Where ``to`` leads from ``url``; `Unreadable` when that is another host, port or an unsafer way (from https to http)."""
    try:
        here, there = httpx.URL(url), httpx.URL(urljoin(url, to))
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreadable(f"it leads to something that is no address: {cells.shown(to)}") from error
    is_safer = here.scheme == "http" and there.scheme == "https" and there.port is None
    if there.host != here.host or not (is_safer or (there.scheme == here.scheme and _port(there) == _port(here))):
        raise Unreadable(f"it leads to another host: {there.scheme}://{there.host}")
    return str(there)


def _told(table: Table, at: str) -> str:
    value = pointed(table.document, at)
    try:
        return cells.text(value) if stands(value) else ""
    except cells.Unreadable as unreadable:
        raise Unreadable(f"what stands at {at} {unreadable}") from unreadable


def _with(url: str, parameter: str, value: str) -> str:
    try:
        return str(httpx.URL(url).copy_set_param(parameter, value))
    except httpx.InvalidURL as error:
        raise Unreadable(f"{cells.shown(url)} is no address") from error


def _port(url: httpx.URL) -> int | None:
    return url.port or _PORTS.get(url.scheme)


def _asked(told: str) -> float | None:
    """The seconds that Retry-After asks for."""
    told = told.strip()
    if told.isascii() and told.isdigit():
        return min(float(told[:6]), _LONGEST_WAIT_S)
    try:
        seconds = (parsedate_to_datetime(told).astimezone(UTC) - clock.wall()).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 1.0), _LONGEST_WAIT_S)
