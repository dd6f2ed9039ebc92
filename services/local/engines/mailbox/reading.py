"""What a letter says: its headers and its parts in readable form, however it was encoded. Never raises.

The older `compat32` parser on purpose: the newer one raises on some malformed headers, and a mailbox that chokes on a
bad letter hides just the letter that somebody needs to see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from email.utils import getaddresses

_FOLD = re.compile(r"\r?\n(?=[ \t])")


@dataclass(frozen=True)
class Reading:
    """A letter in readable form."""

    sender: str
    subject: str
    text: str | None
    html: str | None
    headers: dict[str, str] = field(default_factory=dict)


def read_letter(raw: bytes) -> Reading:
    """Decode the headers (RFC 2047 or plain UTF-8) and the first text and HTML parts."""
    message = message_from_bytes(raw)
    headers: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in message.items():
        # Names are compared without case, shown as they came; a repeated header keeps all its values.
        shown = names.setdefault(name.casefold(), name)
        decoded = _readable_header(value)
        headers[shown] = f"{headers[shown]}, {decoded}" if shown in headers else decoded
    by_name = {name: headers[shown] for name, shown in names.items()}
    senders = getaddresses([by_name.get("from", "")])
    return Reading(
        sender=senders[0][1] if senders else "",
        subject=by_name.get("subject", ""),
        text=_first_part(message, "text/plain"),
        html=_first_part(message, "text/html"),
        headers=headers,
    )


def _first_part(message: Message, kind: str) -> str | None:
    for part in message.walk():
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return _decode(content, part.get_content_charset() or "utf-8").replace("\r\n", "\n")
    return None


def _readable_header(value: str | Header) -> str:
    unfolded = _FOLD.sub("", value) if isinstance(value, str) else value
    try:
        chunks = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return _clean(str(value))
    return "".join(_decode(chunk, charset or "utf-8") if isinstance(chunk, bytes) else _clean(chunk) for chunk, charset in chunks).strip()


def _decode(content: bytes, charset: str) -> str:
    try:
        return _clean(content.decode(charset))
    except (LookupError, UnicodeError):
        return content.decode("utf-8", "replace")


def _clean(text: str) -> str:
    """Without the lone surrogates by which the parser carries undecoded bytes: JSON can't hold them."""
    return text.encode("utf-8", "surrogateescape" if _only_escapes(text) else "replace").decode("utf-8", "replace")


def _only_escapes(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
