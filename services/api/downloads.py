"""A kept file as an answer: always to be saved, never to be shown in the browser, and from where a broken connection left off."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from services.core.kit import storage
from services.core.kit.errors import Problem
from services.core.practices import filenames
from services.core.practices.queries import KeptFile

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_POLICY = "default-src 'none'; sandbox"
_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_BYTES = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file, with the media type that it was found to be.", **_BYTES},
    206: {"description": "The bytes that `Range` asked for.", **_BYTES},
    416: {"description": "The file has no such bytes.", **_PROBLEM},
}
"""What a route that answers a file can answer, for the OpenAPI document."""
TAKES_RANGE: dict[str, Any] = {
    "parameters": [
        {
            "name": "Range",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "One range of bytes, `bytes=1000-`; several at once give the whole file.",
        },
        {
            "name": "If-Range",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "The ETag of what is there already: of another file, the whole is given.",
        },
    ]
}
"""The headers that such a route takes, likewise."""


async def attachment(request: Request, file: KeptFile) -> Response:
    """The file: 200, 206 for one range of bytes, 304 for who has it, 416 `Problem`; 503 when the storage does not answer."""
    tag = f'"{file.sha256}"'
    headers = {"ETag": tag, "Content-Security-Policy": _POLICY, "Accept-Ranges": "bytes"}
    if tag in request.headers.get("if-none-match", "").replace("W/", ""):
        return Response(status_code=304, headers=headers)
    begin, end = _wanted(request.headers, tag, file.size)
    is_part = (begin, end) != (0, file.size)
    if is_part:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{file.size}"
    headers |= {"Content-Length": str(end - begin), "Content-Disposition": _disposition(file.name)}
    pieces = await storage.open_range(file.key, begin, end)
    return StreamingResponse(pieces, 206 if is_part else 200, headers, media_type=file.media_type)


def _wanted(headers: Mapping[str, str], tag: str, size: int) -> tuple[int, int]:
    """The first byte and the one after the last; all of them when no single range of this very file is asked for."""
    asked = _ONE_RANGE.fullmatch(headers.get("range", "").strip())
    if asked is None or headers.get("if-range", tag) != tag or asked[0] == "bytes=-":
        return 0, size
    if not asked[1]:
        begin, end = max(0, size - int(asked[2])), size
    else:
        begin, end = int(asked[1]), min(size, int(asked[2]) + 1 if asked[2] else size)
    if begin >= end:
        raise Problem("range-not-satisfiable", f"The file has {size} bytes.", headers={"Content-Range": f"bytes */{size}"})
    return begin, end


def _disposition(name: str) -> str:
    """RFC 6266: the name for all readers, and one in ASCII for old ones."""
    return f"attachment; filename=\"{filenames.plain(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
