"""Reading the file that is to be imported."""

from pathlib import Path

from services.core.sync import tabular
from services.core.sync.tabular import Table, Unusable

MOST_BYTES = 200 * 1024 * 1024


def read(path: Path, *, kind: str | None, at: str) -> tuple[Table, bytes]:
    """The rows of the file, and its bytes; `Unusable` says why it cannot be read, and what would help."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unusable(f"{path} is larger than {MOST_BYTES // 1024 // 1024} MiB: split it.")
        content = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return tabular.parse(content, kind=kind, at=at), content
    except Unusable as why:
        raise Unusable(f"{path} {why}.") from why
