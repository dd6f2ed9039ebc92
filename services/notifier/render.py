"""From a letter's context to its bytes: three templates (subject, text, HTML), then one message for one recipient.

Templates are files of ours only. Text is first-class: a template of its own, not stripped HTML. Whatever people wrote
(names, titles, reasons) is data: escaped in HTML, and a single line without controls wherever it meets a header.
"""

import dataclasses
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime as rfc5322_date
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.core.kit.settings import Settings
from services.notifier.reader import Context, Reader

_DOUBLE_SPACE = re.compile(rb" +\r\n(?= =\?)")
SUBJECT_CHARS = 69
"""With its name it fits one line of 78: the standard library folds longer ones with stray spaces."""
NAME_CHARS = 64
TEMPLATES: tuple[Path, ...] = (Path(__file__).parent / "templates",)
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NEEDS_QUOTES = frozenset(' <>"(),:;\\[]')
_SPECIALS = str.maketrans(dict.fromkeys('"\\<>@,;:()[]', " "))


class UnsendableAddressError(ValueError):
    """Plain SMTP has no way to write this address."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words."""

    subject: str
    text: str
    html: str


def render(kind: str, context: Context, settings: Settings) -> Rendered:
    """The letter ``kind`` for ``context.reader``. An unknown name in a template is an error, never an empty place."""
    reader = context.reader
    values: dict[str, Any] = {field.name: getattr(context, field.name) for field in dataclasses.fields(context)}
    values |= {
        "language": reader.language,
        "public_url": settings.public_url.rstrip("/"),
        "contact": parseaddr(settings.mail_reply_to)[1],
        "moment": lambda instant: moment(instant, reader),
    }
    written = {plate: _environment().get_template(f"{kind}/{plate}").render(values) for plate in ("subject.txt", "body.txt", "body.html")}
    return Rendered(_shortened(line(written["subject.txt"]), SUBJECT_CHARS), written["body.txt"], written["body.html"])


def compose(letter: Rendered, reader: Reader, settings: Settings, *, message_id: str, written_at: datetime) -> bytes:
    """The whole message: 7 bit, CRLF, text before HTML, exactly one recipient. `UnsendableAddressError`."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _from(settings.mail_from)
    message["To"] = Address(display_name=display_name(reader.name), addr_spec=address(reader.email))
    message["Reply-To"] = _from(settings.mail_reply_to)
    message["Subject"] = letter.subject
    message["Date"] = rfc5322_date(written_at.astimezone(UTC))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = reader.language  # after the parts: they take Content-* headers with them
    return _without_stray_spaces(message.as_bytes())


def _without_stray_spaces(raw: bytes) -> bytes:
    """The standard library folds after a space *and* begins the next line with one, so that readers would see two."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    return _DOUBLE_SPACE.sub(b"\r\n", head) + gap + body


def moment(instant: datetime, reader: Reader) -> str:
    """An instant as its reader's clock shows it, with the name of the zone, and in UTC."""
    zone = _zone(reader.time_zone)
    local = instant.astimezone(zone)
    locale = _locale(reader)
    told = f"{format_date(local, 'full', locale=locale)}, {format_time(local, 'short', locale=locale)}"
    named = get_timezone_name(local, locale=locale)
    names = named if zone.key == "UTC" or zone.key in named else f"{named}, {zone.key}"
    return f"{told} ({names}; {instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC)".replace("\u202f", " ")


def line(text: str) -> str:
    """``text`` as one line: every control, line break and direction mark becomes a space."""
    return " ".join("".join(" " if unicodedata.category(char) in _CONTROLS else char for char in text).split())


def display_name(name: str) -> str:
    """A name that means nothing to a header: one line, no address in it."""
    return _shortened(" ".join(line(name).translate(_SPECIALS).split()), NAME_CHARS)


def address(email: str) -> str:
    """The address as plain SMTP writes it (IDN as punycode); `UnsendableAddressError` where there is no such form."""
    local, _, domain = email.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise UnsendableAddressError("the domain of the address is no host name") from error
    if not local or not domain or not plain.isascii() or not plain.isprintable() or set(plain) & _NEEDS_QUOTES:
        raise UnsendableAddressError("the address needs more than plain SMTP offers")
    return plain


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["line"] = line
    return made


def _from(written: str) -> Address:
    name, plain = parseaddr(written)
    return Address(display_name=display_name(name), addr_spec=plain)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _locale(reader: Reader) -> Locale:
    """The reader's own form of the letter's language, which decides how dates look (en-GB, en-PH)."""
    own = reader.locale.replace("-", "_")
    try:
        found = Locale.parse(own)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(reader.language)
    return found if found.language == reader.language else Locale.parse(reader.language)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
