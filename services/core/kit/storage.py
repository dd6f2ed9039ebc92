"""Where files lie: a folder or a bucket behind one set of verbs; each object appears as a whole or not at all.

``EVIDENCE_URL`` names it: ``file:///…`` or ``s3://bucket/prefix`` (with the usual ``AWS_*`` environment). A process hangs its store up
once, at its start. While none is named, or the one that is does not answer, the caller is told 503 and nothing else is affected.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from services.core.kit import clock
from services.core.kit.errors import Problem
from services.core.kit.log import logger
from services.core.kit.settings import MissingSettingError

_SCHEMES = ("file://", "s3://")
_CLIENT: dict[str, Any] = {"connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=20), "allow_http": True}
"""HTTP is spoken only where the environment names an endpoint that begins with http:// (a store beside us, such as MinIO)."""
_RETRIES: dict[str, Any] = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
"""Whoever sends a file waits for the storage; after this long they are told to come back."""
_PIECE = 256 * 1024
_STAGED = re.compile(r".+#[0-9]+")
"""What a local file is called until it is whole and gets its own name (``staged_upload_path`` of object_store, which obstore stands on)."""
_TROUBLE = (BaseError, OSError, ValueError)
"""What obstore raises: its own exceptions, and Python's where there is one for it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is there: its key, and when it was written by the store's clock."""

    key: str
    written_at: datetime


class _Hung:
    store: ObjectStore | None = None


def open_store(url: str) -> ObjectStore | None:
    """The store that ``url`` names; None for an empty one, `MissingSettingError` for one that names no store that we know."""
    if not url:
        return None
    try:
        if url.startswith(_SCHEMES[0]):
            return from_url(url, mkdir=True)
        if url.startswith(_SCHEMES[1]):
            return from_url(url, client_options=_CLIENT, retry_config=_RETRIES)  # type: ignore[call-overload,no-any-return]
    except _TROUBLE as error:
        message = f"EVIDENCE_URL does not name a place for files: {_sentence(error)}"
        raise MissingSettingError(message) from error
    message = "EVIDENCE_URL must be like file:///var/lib/comphub/evidence or s3://bucket/prefix."
    raise MissingSettingError(message)


def hang(store: ObjectStore | None) -> None:
    """Make ``store`` the one that this process uses."""
    _Hung.store = store


async def put(key: str, content: bytes) -> None:
    """Write an object: when this returns it is there as a whole, and stays there when the machine loses its power."""
    with _answering("put", key) as store:
        await obstore.put_async(store, key, content, use_multipart=False)  # one request: none can be left half way
        if (root := _folder(store)) is not None:
            await asyncio.to_thread(_make_durable, root, root / key)


async def open_range(key: str, begin: int, end: int) -> AsyncIterator[bytes]:
    """The bytes from ``begin`` up to (not including) ``end``, in pieces; `Problem` 503, before the first, when they cannot be had."""
    if begin >= end:
        return _nothing()
    with _answering("get", key) as store:
        found = await obstore.get_async(store, key, options={"range": (begin, end)})
    return aiter(found.stream(min_chunk_size=_PIECE))


async def _nothing() -> AsyncIterator[bytes]:
    for piece in (b"",):
        yield piece


async def delete(*keys: str) -> None:
    """Take objects away; those that are not there are no trouble."""
    for key in keys:
        with _answering("delete", key) as store:
            try:
                await obstore.delete_async(store, key)
            except FileNotFoundError:
                logger.info("nothing_to_delete", key=key)


async def listed(prefix: str, *, at_once: int = 500) -> AsyncIterator[list[Stored]]:
    """All objects under ``prefix``, in groups."""
    with _answering("list", prefix) as store:
        async for group in obstore.list(store, prefix, chunk_size=at_once):
            yield [Stored(each["path"], each["last_modified"]) for each in group]


async def sweep_half_written(prefix: str, *, older_than: timedelta) -> int:
    """Take away what killed processes left half written under ``prefix``; how many there were. A bucket keeps nothing of that kind."""
    with _answering("sweep", prefix) as store:
        root = _folder(store)
        return 0 if root is None else await asyncio.to_thread(_take_away_staged, root / prefix, clock.wall() - older_than)


def is_named() -> bool:
    """Whether this process has a store."""
    return _Hung.store is not None


def _folder(store: ObjectStore) -> Path | None:
    """Where a local store keeps its objects; None for a bucket."""
    return Path(store.prefix) if isinstance(store, LocalStore) and store.prefix is not None else None


def _make_durable(root: Path, path: Path) -> None:
    """Have the file's bytes, and its name in each folder up to ``root``, written to the disk (fsync(2): the folders are asked for too)."""
    for each in (path, *(folder for folder in path.parents if folder.is_relative_to(root))):
        opened = os.open(each, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _take_away_staged(folder: Path, before: datetime) -> int:
    """Files in ``folder`` that are staged, and were last written ``before``. An upload that goes on is written to all the time."""
    staged = [path for path in folder.iterdir() if _STAGED.fullmatch(path.name)] if folder.exists() else []
    old = [path for path in staged if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
        logger.info("half_written_taken_away", name=path.name)
    return len(old)


@contextmanager
def _answering(verb: str, key: str) -> Iterator[ObjectStore]:
    """The store; whatever it raises becomes the problem that the caller is told, and a line in the log."""
    if _Hung.store is None:
        raise Problem(
            "unavailable", "This installation has no place for files yet: evidence can be a link.", headers={"Retry-After": "3600"}
        )
    try:
        yield _Hung.store
    except _TROUBLE as error:
        logger.error("storage", verb=verb, key=key, error=_sentence(error))
        raise Problem("unavailable", "The place where files lie does not answer at this moment.", headers={"Retry-After": "10"}) from error


def _sentence(error: BaseException) -> str:
    """The first line of what obstore says; the rest repeats it for its developers."""
    return str(error).partition("\n")[0]
