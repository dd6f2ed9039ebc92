"""Where letters are kept: one SQLite file, so that a letter that was accepted is still there after a crash."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    sender TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS letter_received_at ON letter (received_at);
CREATE TABLE IF NOT EXISTS recipient (
    letter INTEGER NOT NULL REFERENCES letter (id),
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (letter, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recipient_folded ON recipient (folded, letter);
"""
_LONGEST_ID = 18


@dataclass(frozen=True)
class Letter:
    """One accepted letter: its envelope, its bytes, and when it came (UTC)."""

    id: str
    received_at: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class LetterStore:
    """The kept letters. Its methods may be called from any thread."""

    def __init__(self, data_dir: Path) -> None:
        """Open the store of this folder, and make it if it isn't there."""
        data_dir.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(data_dir / "letters.sqlite", check_same_thread=False)
        # With WAL and NORMAL a committed letter survives the death of this process, which is what local work needs;
        # a flush to disk per letter would only slow bursts down.
        self._connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLES}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def add(self, sender: str, recipients: Sequence[str], raw: bytes) -> str:
        """Keep a letter and return its id; it's on file when this returns."""
        # The machine's clock on purpose, not the domain's: `comphub clock` must not reorder what has arrived.
        received_at = _as_stored(datetime.now(UTC))
        with self._lock, self._connection:
            row = self._connection.execute("INSERT INTO letter (received_at, sender, raw) VALUES (?, ?, ?)", (received_at, sender, raw))
            self._connection.executemany(
                "INSERT INTO recipient (letter, position, address, folded) VALUES (?, ?, ?, ?)",
                [(row.lastrowid, place, address, address.casefold()) for place, address in enumerate(recipients)],
            )
            return str(row.lastrowid)

    def find(self, *, to: str | None = None, since: datetime | None = None) -> list[Letter]:
        """The letters to this address (in any case), received at `since` or later; the newest last."""
        conditions, values = ["TRUE"], []
        if to is not None:
            conditions.append("id IN (SELECT letter FROM recipient WHERE folded = ?)")
            values.append(to.casefold())
        if since is not None:
            conditions.append("received_at >= ?")
            values.append(_as_stored(since))
        where = " AND ".join(conditions)
        return self._select(f"SELECT id, received_at, sender, raw FROM letter WHERE {where} ORDER BY id", values)  # noqa: S608 - only fixed text

    def get(self, letter_id: str) -> Letter | None:
        """The letter with this id, or None."""
        # Ids are numbers inside; anything else, also one too big for SQLite, is simply not there.
        if not (letter_id.isascii() and letter_id.isdecimal() and len(letter_id) <= _LONGEST_ID):
            return None
        found = self._select("SELECT id, received_at, sender, raw FROM letter WHERE id = ?", [int(letter_id)])
        return found[0] if found else None

    def _select(self, statement: str, values: Sequence[str | int]) -> list[Letter]:
        with self._lock:
            rows = self._connection.execute(statement, values).fetchall()
            return [Letter(str(number), received_at, sender, self._recipients(number), raw) for number, received_at, sender, raw in rows]

    def _recipients(self, number: int) -> tuple[str, ...]:
        rows = self._connection.execute("SELECT address FROM recipient WHERE letter = ? ORDER BY position", (number,))
        return tuple(address for (address,) in rows)


def _as_stored(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds always, so that the order of the texts is the order of the times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
