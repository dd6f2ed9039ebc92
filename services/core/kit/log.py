"""Structured logs: JSON lines to stdout (or coloured lines for people), without e-mail addresses and tokens."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

_SECRETS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+|\bcop_[a-z]+_[0-9a-f]{12}_[\w-]{43}_[0-9a-f]{8}\b|(?<=/review/)[\w-]{43}")


def _redact(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str) and ("@" in value or "cop_" in value or "/review/" in value):
            entry[key] = _SECRETS.sub("[redacted]", value)
    return entry


def configure(service: str, *, form: str, level: str) -> None:
    """Set up logging of this process once, including what libraries log through the standard module."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    ours, last, loggers = _rendering(form)
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, ours],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=loggers,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _rendering(form: str) -> tuple[structlog.typing.Processor, structlog.typing.Processor, Any]:
    """How our own entries are rendered, how those of libraries are, and what writes ours: bytes where nobody reads along."""
    if form == "json":
        quick = structlog.processors.JSONRenderer(serializer=orjson.dumps)
        return quick, structlog.processors.JSONRenderer(), structlog.BytesLoggerFactory(sys.stdout.buffer)
    console = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    return console, console, structlog.PrintLoggerFactory()


logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
