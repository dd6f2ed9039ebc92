"""Templates, what every page promises in its headers, and moments as people read them."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}


def moment(value: datetime | str, zone: str) -> str:
    """A moment in the reader's zone, with the zone's name and its distance from UTC."""
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    there = parsed.astimezone(ZoneInfo(zone))
    offset = there.strftime("%z")
    return f"{there:%A}, {there.day} {there:%B %Y}, {there:%H:%M} ({zone}, UTC{offset[:3]}:{offset[3:]})"


def words(code: str) -> str:
    """A code such as ``circular_economy`` as people read it."""
    return code.replace("_", " ").replace("-", " ")


def size(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 1024**2:.1f} MB" if count >= 1024**2 else f"{max(1, round(count / 1024))} kB"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_ENVIRONMENT.filters["moment"] = moment
_ENVIRONMENT.filters["words"] = words
_ENVIRONMENT.filters["size"] = size
_ENVIRONMENT.globals["style"] = _STYLE


def page(template: str, *, status: int = 200, stored: bool = False, **context: Any) -> HTMLResponse:
    """A page; unless ``stored``, nobody on the way may keep it."""
    headers = _HEADERS | ({} if stored else {"Cache-Control": "no-store"})
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(**context), status, headers)


def refusal(status: int, title: str, detail: str) -> HTMLResponse:
    """A refusal that people can read, with the status that a program would get."""
    return page("refused.html", status=status, title=title, detail=detail)
