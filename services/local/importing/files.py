"""Reading the file that is to be imported, and writing the report."""

import json
from pathlib import Path
from typing import Any

from services.core.sync import tabular
from services.core.sync.tabular import Table, Unusable

MOST_BYTES = 200 * 1024 * 1024


def read(path: Path, *, kind: str | None, at: str) -> tuple[Table, bytes]:
    """The rows of the file, and its bytes; `Unusable` says why it cannot be read, and what would help."""
    whole = content(path, MOST_BYTES)
    try:
        return tabular.parse(whole, kind=kind, at=at), whole
    except Unusable as why:
        raise Unusable(f"{path} {why}.") from why


def content(path: Path, most: int) -> bytes:
    """The bytes of the file, ``most`` at most."""
    try:
        if path.stat().st_size > most:
            raise Unusable(f"{path} is larger than {most // 1024 // 1024} MiB: split it.")
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error


def write_json(path: Path, report: dict[str, Any]) -> None:
    """Write a report; done once before anything is sent, so that a place where it cannot be is known in time."""
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unusable(f"The report cannot be written to {path}: {error.strerror or error}.") from error
