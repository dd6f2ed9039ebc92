"""Bodies of requests: read as a whole within a limit, and given on to whoever asks for them again."""

from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive

from services.core.kit.errors import Problem


async def collect(receive: Receive, limit: int, length: int, told: str = "") -> bytes:
    """The body, as far as it is not longer than ``limit``; ``length`` is what it says of itself."""
    if length > limit:
        raise _too_large(limit, told)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem("malformed-request", "The body ended before it was complete.")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit, told)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(limit: int, told: str) -> Problem:
    return Problem("payload-too-large", told or f"The body may have {limit} bytes at most.", headers={"Connection": "close"})


def replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """What gives ``body`` once, as if it came in now."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
