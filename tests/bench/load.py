"""Load with a count, on keep-alive connections to loopback; every answer's status is looked at."""

import asyncio
from collections.abc import Callable, Iterator


class UnexpectedAnswer(Exception):
    """A server under load answered something else than it should."""


def get(path: str, **headers: str) -> bytes:
    """A GET request as bytes."""
    return _request("GET", path, headers, b"")


def post(path: str, body: bytes, **headers: str) -> bytes:
    """A POST request of JSON as bytes."""
    return _request("POST", path, {"content_type": "application/json", "content_length": str(len(body))} | headers, body)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def drive(port: int, requests: Callable[[int], bytes], *, number: int, status: int, connections: int = 8) -> None:
    """Send ``number`` requests over ``connections`` and read their answers; all must have ``status``."""
    numbers = iter(range(number))
    await asyncio.gather(*(_one(port, requests, numbers, status) for _ in range(connections)))


async def _one(port: int, requests: Callable[[int], bytes], numbers: Iterator[int], status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    expected = f" {status} ".encode()
    try:
        for number in numbers:
            writer.write(requests(number))
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_length(head))
            if head[8:13] != expected:
                raise UnexpectedAnswer((head + body).decode(errors="replace")[:600])
    finally:
        writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
