"""`comphub verify-history`: whether the public history of a commitment is whole, as anybody may ask without trusting the hub."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
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
_SHOWN = 5
_MOST_BYTES = 64 * 1024 * 1024
"""Of one answer: a page ends at about a megabyte of contents."""

Json = Mapping[str, Any]


class Unreadable(Exception):
    """There is no history where one was looked for; the message says why."""


def run(targets: Sequence[str], head: str | None, key: str | None, *, transport: httpx.BaseTransport | None = None) -> int:
    """Verify the history at ``targets`` and tell what came of it; the exit status: 0 unbroken, 1 broken, 2 it could not be read.

    They are the address of a commitment's revisions, or files of what it answered (page after page), or ``-``. Of an address the
    commitment itself is read too: its newest revisions cannot be left out unnoticed.
    """
    try:
        is_address = len(targets) == 1 and targets[0].startswith(("http://", "https://"))
        revisions, version = _fetch(targets[0], key, transport) if is_address else (_read(targets), None)
    except Unreadable as why:
        print(f"comphub verify-history: {why}", file=sys.stderr)
        return UNREAD
    verdict = verify(revisions, head)
    if verdict.unsealed == verdict.revisions:
        print(f"comphub verify-history: {verdict.revisions} revisions, none of them sealed: there is nothing to verify.", file=sys.stderr)
        return UNREAD
    faults = list(verdict.faults)
    if version is not None and version != verdict.revisions:
        faults.append(f"the commitment is at version {version}, but its history has {verdict.revisions} revisions")
    _tell(verdict, faults)
    if version is None:
        print("  Whether it is complete was not asked: it must have as many revisions as the commitment's `version` says.")
    return BROKEN if faults else WHOLE


def _tell(verdict: Verdict, faults: list[str]) -> None:
    counted = f"{verdict.revisions} revision" + ("" if verdict.revisions == 1 else "s")
    if verdict.unsealed:
        counted += f" ({verdict.unsealed} from before the hub sealed them)"
    print(_harmless(f"{counted}, {'BROKEN' if faults else 'unbroken'}, head {verdict.head or 'none'}"))
    for fault in faults[:_SHOWN]:
        print(_harmless(f"  {fault}"))
    if len(faults) > _SHOWN:
        print(f"  … and {len(faults) - _SHOWN} more that follow from it")


def _harmless(text: str) -> str:
    """``text`` with what could move the cursor of a terminal written out: it comes from a server that is not trusted."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


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
        if not isinstance(page, dict) or page.get("next_cursor") is None:
            return
        cursor = {"cursor": page["next_cursor"]}
    raise Unreadable(f"{address} does not end.")


def _answer(client: httpx.Client, address: str, params: dict[str, Any]) -> Any:
    content = bytearray()
    try:
        with client.stream("GET", address, params=params) as answer:
            if not answer.is_success:
                raise Unreadable(f"{address} answers {answer.status_code} {answer.reason_phrase}.")
            for part in answer.iter_bytes():
                content += part
                if len(content) > _MOST_BYTES:
                    raise Unreadable(f"{address} answers more than {_MOST_BYTES // 1024 // 1024} MiB.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"{address} cannot be reached: {error}.") from error
    return _parsed(bytes(content), address)


def _read(targets: Sequence[str]) -> list[Json]:
    """The revisions in files or, for ``-``, in what comes in: pages, each followed by the next one."""
    pages = [(page, target) for target in targets for page in _pages_in(target)]
    for page, target in pages[:-1]:
        if isinstance(page, dict) and page.get("next_cursor") is None:
            raise Unreadable(f"{target} is the last page, but another one follows.")
    last, target = pages[-1]
    if isinstance(last, dict) and last.get("next_cursor") is not None:
        raise Unreadable(f"{target} is not the last page: fetch the next one with its next_cursor.")
    revisions = [each for page, target in pages for each in _items(page, target)]
    if not revisions:
        raise Unreadable(f"{target} holds no revisions.")
    return revisions


def _pages_in(target: str) -> Iterator[Any]:
    try:
        text = sys.stdin.read() if target == "-" else Path(target).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{target} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    decoder, rest = json.JSONDecoder(parse_float=Decimal), text.strip()
    if not rest:
        raise Unreadable(f"{target} is empty.")
    while rest:
        try:
            page, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{target} is no JSON.") from error
        yield page
        rest = rest[end:].strip()


def _parsed(text: bytes, name: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} is no JSON.") from error


def _items(page: Any, name: str) -> list[Json]:
    items = page.get("items") if isinstance(page, dict) else page
    if not isinstance(items, list) or not all(isinstance(each, dict) and "content" in each for each in items):
        raise Unreadable(f"{name} holds no revisions.")
    return items
