"""Where letters go out: ``SMTP_URL`` read into its parts.

``smtp://host`` (port 25; 587 with a user), ``smtps://host`` (port 465, TLS from the first byte), each with an optional
``user:password@`` (percent-encoded) and port. ``?starttls=required`` insists on TLS, ``offered`` takes it when the relay
offers it, ``never`` does without; a URL with a password insists unless it says otherwise.
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from services.core.kit.settings import MissingSettingError

Tls = Literal["from_start", "required", "offered", "never"]
_STARTTLS: dict[str, Tls] = {"required": "required", "offered": "offered", "never": "never"}
_PORTS: dict[str, int] = {"smtp": 25, "smtps": 465}
_SUBMISSION_PORT = 587


class SmtpUrlError(MissingSettingError):
    """``SMTP_URL`` cannot be read, which is as good as missing; the sentence says why, without the password."""


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """A mail relay, how to log in to it, and how its line is protected."""

    host: str
    port: int
    tls: Tls
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def parse(url: str) -> RelayAddress:
    """The relay that ``url`` names; `SmtpUrlError` when it names none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SmtpUrlError("SMTP_URL has a host or port that cannot be read.") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SmtpUrlError("SMTP_URL must look like smtp://host:587?starttls=required or smtps://host:465.")
    if parts.path not in {"", "/"} or parts.fragment:
        raise SmtpUrlError("SMTP_URL has no path: write smtp://host:port.")
    username = unquote(parts.username) if parts.username else None
    tls = _tls(parts.scheme, parts.query, with_login=username is not None)
    usual = _SUBMISSION_PORT if parts.scheme == "smtp" and username else _PORTS[parts.scheme]
    return RelayAddress(parts.hostname, port or usual, tls, username, unquote(parts.password) if parts.password else None)


def _tls(scheme: str, query: str, *, with_login: bool) -> Tls:
    options = dict(parse_qsl(query, keep_blank_values=True))
    wanted = options.pop("starttls", None)
    if options:
        raise SmtpUrlError(f"SMTP_URL knows no option {min(options)}, only starttls.")
    if wanted is not None and wanted not in _STARTTLS:
        raise SmtpUrlError(f"starttls in SMTP_URL is one of {', '.join(_STARTTLS)}.")
    if scheme == "smtps":
        if wanted is not None:
            raise SmtpUrlError("SMTP_URL with smtps:// has TLS from the start; starttls belongs to smtp://.")
        return "from_start"
    return _STARTTLS[wanted] if wanted else "required" if with_login else "offered"
