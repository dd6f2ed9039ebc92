"""The answer to who asks for a picture: drawn once in the one thread that draws, and kept as long as others are not asked for more."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response

from services.api.pictures.drawing import drawn
from services.core.kit.errors import Problem

SVG_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The picture; `Content-Language` names its language.",
        "content": {"image/svg+xml": {"schema": {"type": "string", "description": "a whole SVG document"}}},
    }
}
"""How the document declares it."""
_MEDIA_TYPE: Final = "image/svg+xml; charset=utf-8"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_MOST_KEPT: Final = 16_000_000
"""Bytes of all pictures that are kept, of which most have about 11 kB."""
_LARGEST_KEPT: Final = 1_000_000
"""Bytes of a picture that is kept; a larger one would push out too many others."""
_MOST_WAITING: Final = 64
"""Pictures that may wait for the thread, about two seconds of drawing."""

Facts = Hashable
"""All that a picture says: a frozen dataclass whose fields are what is drawn."""
Draw = Callable[[Any, str], bytes]
"""Draws facts of one kind in a language."""
_kept: OrderedDict[str, bytes] = OrderedDict()
"""By their ETags: the facts of a picture may be larger than itself."""
_coming: dict[str, asyncio.Future[bytes]] = {}
_THREAD: Final = ThreadPoolExecutor(1, thread_name_prefix="pictures")


async def answer(request: Request, facts: Facts, language: str, draw: Draw = drawn) -> Response:
    """The picture of ``facts`` in ``language``; 304 without drawing when the caller has it."""
    tag = etag(facts, language)
    headers = {"ETag": tag, "Content-Language": language, "Content-Security-Policy": _POLICY}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(await picture(tag, facts, language, draw), 200, headers, media_type=_MEDIA_TYPE)


def etag(facts: Facts, language: str) -> str:
    """It changes with the facts, the language, and the code that draws."""
    return f'"{hashlib.sha256(f"{facts!r}{language}{_code()}".encode()).hexdigest()[:24]}"'


async def picture(tag: str, facts: Facts, language: str, draw: Draw = drawn) -> bytes:
    """The picture whose ETag is ``tag``, from memory if it is there. 503 when too many wait to be drawn."""
    if tag in _kept:
        _kept.move_to_end(tag)
        return _kept[tag]
    if tag not in _coming:
        if len(_coming) >= _MOST_WAITING:
            raise Problem("unavailable", "Too many pictures are being drawn at this moment.")
        _coming[tag] = asyncio.get_running_loop().run_in_executor(_THREAD, draw, facts, language)
        _coming[tag].add_done_callback(lambda done: _arrived(tag, done))
    return await asyncio.shield(_coming[tag])


def _arrived(tag: str, done: asyncio.Future[bytes]) -> None:
    del _coming[tag]
    if not done.cancelled() and done.exception() is None and len(done.result()) <= _LARGEST_KEPT:
        _kept[tag] = done.result()
        while sum(map(len, _kept.values())) > _MOST_KEPT:
            _kept.popitem(last=False)


@cache
def _code() -> str:
    """A fingerprint of what draws: another release may draw the same facts otherwise."""
    own = sorted(each for each in Path(__file__).parent.iterdir() if each.suffix in {".py", ".toml"})
    parts = [version("matplotlib").encode(), version("babel").encode(), *(each.read_bytes() for each in own)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
