"""The HTTP side: letters as JSON for programs, as pages for people.

It's the standard library's server: the house keeps web frameworks to services/api, and this needs four routes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from services.local.engines.mailbox.pages import CONTENT_SECURITY_POLICY, failure_page, letter_page, list_page
from services.local.engines.mailbox.reading import read_letter
from services.local.engines.mailbox.store import Letter, LetterStore

# A page of another site that has its name point to 127.0.0.1 would otherwise read sign-in links from here.
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_BAD_SINCE = "since: must be an RFC 3339 time with a zone, such as 2026-05-01T12:00:00Z."
_RAW = re.compile(r"/api/messages/([^/]+)/raw")
_PAGE = re.compile(r"/messages/([^/]+)")


@dataclass(frozen=True)
class Answer:
    """What goes back to the client."""

    body: bytes
    kind: str
    status: HTTPStatus = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)


def make_web_server(store: LetterStore, host: str, port: int) -> ThreadingHTTPServer:
    """The server, listening; its caller runs and closes it."""

    class Handler(_Handler):
        letters = store

    ThreadingHTTPServer.daemon_threads = True
    return ThreadingHTTPServer((host, port), Handler)


def answer(store: LetterStore, target: str) -> Answer:
    """The answer to `GET target`."""
    is_api = target.startswith("/api/")
    try:
        url = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        if url.path == "/api/messages":
            return _json({"items": [_item(letter) for letter in _found(store, query)]})
        if url.path == "/":
            return _html(list_page(_found(store, query), query.get("to") or None))
        for pattern, show in ((_RAW, _source), (_PAGE, _letter)):
            match = pattern.fullmatch(url.path)
            letter = store.get(unquote(match[1])) if match else None
            if letter is not None:
                return show(letter)
    except ValueError as error:  # Also an address that can't be taken apart.
        return failure(HTTPStatus.BAD_REQUEST, str(error), as_page=not is_api)
    return failure(HTTPStatus.NOT_FOUND, "There is no such letter or page.", as_page=not is_api)


def failure(status: HTTPStatus, detail: str, *, as_page: bool) -> Answer:
    """A page for people, a problem (RFC 9457) for programs."""
    if as_page:
        return Answer(failure_page(status.phrase, detail).encode(), "text/html; charset=utf-8", status)
    problem = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    return Answer(json.dumps(problem).encode(), "application/problem+json", status)


def _found(store: LetterStore, query: dict[str, str]) -> list[Letter]:
    since = query.get("since")
    return store.find(to=query.get("to", "").strip() or None, since=_moment(since) if since is not None else None)


def _moment(text: str) -> datetime:
    # A plus that the client forgot to encode has come through as a blank.
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # Overflow: the year 1 in a zone ahead of UTC.
        raise ValueError(_BAD_SINCE) from error
    raise ValueError(_BAD_SINCE)


def _item(letter: Letter) -> dict[str, object]:
    reading = read_letter(letter.raw)
    return {
        "id": letter.id,
        "to": ", ".join(letter.recipients),
        "from": reading.sender or letter.sender,
        "subject": reading.subject,
        "received_at": letter.received_at,
        "text": reading.text,
        "html": reading.html,
        "headers": reading.headers,
        "envelope": {"from": letter.sender, "to": list(letter.recipients)},
    }


def _source(letter: Letter) -> Answer:
    # Shown, not downloaded, so a person can look at it; the browser must not take it for anything but a letter.
    return Answer(letter.raw, "message/rfc822", headers={"Content-Disposition": f'inline; filename="{letter.id}.eml"'})


def _letter(letter: Letter) -> Answer:
    return _html(letter_page(letter))


def _json(value: object) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False).encode(), "application/json")


def _html(page: str) -> Answer:
    return Answer(page.encode(), "text/html; charset=utf-8")


class _Handler(BaseHTTPRequestHandler):
    """One connection; kept open between requests."""

    letters: LetterStore
    protocol_version = "HTTP/1.1"
    server_version = "ComPHubMailbox"
    sys_version = ""
    # A connection on which nothing comes is closed, or its thread would stay for ever.
    timeout = 60

    def do_GET(self) -> None:
        """Answer."""
        self._send(self._answer())

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self._send(self._answer())

    def _refuse(self) -> None:
        self.close_connection = True  # The body of the request wasn't read.
        refusal = failure(HTTPStatus.METHOD_NOT_ALLOWED, "The mailbox can only be read.", as_page=False)
        self._send(Answer(refusal.body, refusal.kind, refusal.status, {"Allow": "GET, HEAD", "Connection": "close"}))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815 - the names that the base class calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Stay silent: the log of the stack is for what happens to the stack."""

    def _answer(self) -> Answer:
        name = re.sub(r":\d*$", "", self.headers.get("Host", "localhost")).casefold()
        if name not in _OWN_NAMES:
            return failure(HTTPStatus.FORBIDDEN, "Open the mailbox as localhost or 127.0.0.1.", as_page=False)
        return answer(self.letters, self.path)

    def _send(self, reply: Answer) -> None:
        self.send_response(reply.status)
        headers = {
            "Content-Type": reply.kind,
            "Content-Length": str(len(reply.body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            **reply.headers,
        }
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
