"""HTML forms: their fields as the gate wants texts, and a nonce that only a page of ours, loaded a while ago, can carry."""

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from services.api.gate import clean_text
from services.core.kit import clock
from services.core.kit.errors import Problem
from services.core.kit.tokens import sign

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 200
OPEN_FOR_S = 12 * 3600
"""How long a page may lie open before its form is refused: long enough to write a review."""


def fields(request: Request) -> dict[str, str]:
    """The fields of a form, in NFC and without controls; a field that comes twice is refused like a duplicate key."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise Problem("unsupported-media-type", f"Send the form as {MEDIA_TYPE}.")
    body: bytes = request.scope.get("comphub.body", b"")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise Problem("malformed-request", "The form cannot be read.") from error
    given = {clean_text(name, ""): clean_text(value, f"/{name}") for name, value in pairs}
    if len(given) != len(pairs):
        raise Problem("malformed-request", "A field of the form came twice.")
    return given


def nonce(key: str, token: str) -> str:
    """A fresh nonce for one load of the page behind ``token``."""
    head = f"{int(clock.wall().timestamp()) + OPEN_FOR_S}.{secrets.token_urlsafe(9)}"
    return f"{head}.{_tag(key, token, head)}"


def check_nonce(key: str, token: str, form: Mapping[str, str]) -> None:
    """403 unless the form carries a nonce that we gave to a page behind ``token``, not too long ago."""
    head, _, tag = form.get("nonce", "").rpartition(".")
    ends = head.partition(".")[0]
    is_ours = hmac.compare_digest(tag.encode(), _tag(key, token, head).encode())
    if not is_ours or not ends.isdigit() or int(ends) < clock.wall().timestamp():
        raise Problem(
            "forbidden", "This page was open for too long. Nothing was changed: look at it again, and press the button once more."
        )


def _tag(key: str, token: str, head: str) -> str:
    return sign(key, f"form\0{token}\0{head}".encode()).hex()[:32]
