"""`comphub verify-history`: whether the public history of a commitment is whole, as anybody may ask without trusting the hub."""

import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.core.commitments.chain import Verdict, verify

WHOLE, BROKEN, UNREAD = 0, 1, 2
_LONGEST = 1_000
"""Pages of 200: a hub that answers more for one commitment is not one."""
_TIMEOUT_S = 30

Json = Mapping[str, Any]


class Unreadable(Exception):
    """There is no history where one was looked for; the message says why."""


def run(target: str, head: str | None, key: str | None, *, transport: httpx.BaseTransport | None = None) -> int:
    """Verify the history at ``target`` and tell what came of it; the exit status: 0 unbroken, 1 broken, 2 it could not be read.

    ``target``: the address of a commitment's revisions, a file of what it answered (one page after another), or ``-``. Of an address
    the commitment itself is read too: its newest revisions cannot be left out unnoticed.
    """
    try:
        revisions, version = _fetch(target, key, transport) if target.startswith(("http://", "https://")) else (_read(target), None)
    except Unreadable as why:
        print(f"comphub verify-history: {why}", file=sys.stderr)
        return UNREAD
    verdict = verify(revisions, head)
    faults = list(verdict.faults)
    if version is not None and version != verdict.revisions:
        faults.append(f"the commitment is at version {version}, but its history has {verdict.revisions} revisions")
    _tell(verdict, faults)
    return BROKEN if faults else WHOLE


def _tell(verdict: Verdict, faults: list[str]) -> None:
    counted = f"{verdict.revisions} revision" + ("" if verdict.revisions == 1 else "s")
    if verdict.unsealed:
        counted += f" ({verdict.unsealed} from before the hub sealed them)"
    print(f"{counted}, {'BROKEN' if faults else 'unbroken'}, head {verdict.head or 'none'}")
    for fault in faults:
        print(f"  {fault}")


def _fetch(address: str, key: str | None, transport: httpx.BaseTransport | None) -> tuple[list[Json], int]:
    """All revisions of the commitment at ``address``, and the version that it says it has."""
    headers = {"X-API-Key": key} if key else {}
    try:
        commitment = urlsplit(address)._replace(query="", fragment="").geturl().rstrip("/")
    except ValueError as error:
        raise Unreadable(f"{address} is no address: {error}.") from error
    if not commitment.endswith("/revisions"):
        raise Unreadable(f"{address} is no address of a history: it ends with /revisions.")
    with httpx.Client(headers=headers, timeout=_TIMEOUT_S, transport=transport) as client:
        # The commitment first: what is added meanwhile is then a revision more, never one less, and the commitment knows it afterwards.
        version = _version(_answer(client, commitment.removesuffix("/revisions"), {}))
        revisions = [each for page in _pages(client, commitment) for each in page]
        if len(revisions) > version:
            version = min(len(revisions), _version(_answer(client, commitment.removesuffix("/revisions"), {})))
    return revisions, version


def _version(commitment: Any) -> int:
    if not isinstance(commitment, dict) or not isinstance(commitment.get("version"), int):
        raise Unreadable("the address above /revisions answers no commitment.")
    return int(commitment["version"])


def _pages(client: httpx.Client, address: str) -> Iterator[list[Json]]:
    cursor: dict[str, Any] = {}
    for _ in range(_LONGEST):
        page = _answer(client, address, {"limit": 200} | cursor)
        yield _items(page, address)
        if page.get("next_cursor") is None:
            return
        cursor = {"cursor": page["next_cursor"]}
    raise Unreadable(f"{address} does not end.")


def _answer(client: httpx.Client, address: str, params: dict[str, Any]) -> Any:
    try:
        answer = client.get(address, params=params)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"{address} cannot be reached: {error}.") from error
    if not answer.is_success:
        raise Unreadable(f"{address} answers {answer.status_code} {answer.reason_phrase}.")
    return _parsed(answer.text, address)


def _read(target: str) -> list[Json]:
    """The revisions in a file or, for ``-``, in what comes in; several pages may stand one after another."""
    try:
        text = sys.stdin.read() if target == "-" else Path(target).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{target} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    revisions: list[Json] = []
    decoder, rest = json.JSONDecoder(parse_float=Decimal), text.strip()
    if not rest:
        raise Unreadable(f"{target} is empty.")
    while rest:
        try:
            page, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{target} is no JSON.") from error
        revisions += _items(page, target)
        rest = rest[end:].strip()
    return revisions


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} is no JSON.") from error


def _items(page: Any, name: str) -> list[Json]:
    items = page.get("items") if isinstance(page, dict) else page
    if not isinstance(items, list) or not all(isinstance(each, dict) and "content" in each for each in items):
        raise Unreadable(f"{name} holds no revisions.")
    return items
