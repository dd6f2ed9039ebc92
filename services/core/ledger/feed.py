"""Change feeds: the events of some subjects, in the only order that loses none.

The number that an event gets (``seq``) is not the order in which events become visible: a slow transaction commits a smaller
number later. So a feed is ordered by ``(xid, seq)`` and shows only what every running transaction has come after
(``xid < pg_snapshot_xmin``). A long transaction therefore delays a feed, and loses nothing.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import BigInteger, ColumnElement, Date, Integer, Text, case, cast, func, literal_column, select, true, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.selectable import Select

from services.core.kit import settings
from services.core.kit.actor import Actor
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.errors import Problem
from services.core.kit.pages import MAX_LIMIT
from services.core.kit.statements import Connection, Statement, json_items, param
from services.core.ledger.models import EventRow, FeedEpoch, Xid8

KEPT_DAYS = 90
"""How long a cursor may be followed from: tombstones are there at least as long."""
SCAN = 10_000
"""How many events that a caller may not see are passed over before an empty page moves its cursor past them."""

Known = Callable[[Any], ColumnElement[bool]]
"""Columns of events -> whether the caller may know of one."""
Tell = Callable[[Any], Select[Any]]
"""A subquery of events -> the selection of what the caller is told of each, as ``body``."""

_COLUMNS = ("xid", "seq", "subject", "subject_id", "jurisdiction_id", "community_id", "occurred_at")
_XMIN: ColumnElement[int] = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=Xid8())


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a feed: after ``(xid, seq)``, in this epoch, given on this day to someone whose rights had this ``reach``."""

    epoch: UUID
    xid: int
    seq: int
    day: date
    reach: str


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of a feed as bytes of JSON items, and where to go on: there is always a cursor."""

    items: bytes
    next_cursor: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened since."""
        return self.items == b"[]"

    def body(self) -> bytes:
        """``{items, next_cursor}``."""
        return b'{"items":' + self.items + b',"next_cursor":' + orjson.dumps(self.next_cursor) + b"}"


class Feed:
    """One feed: its name, the subjects whose events it shows, and the lists that a consumer reads who must begin anew."""

    def __init__(self, name: str, *subjects: str, resync: Sequence[str]) -> None:
        self.name = name
        self.resync = tuple(resync)
        # Constants, not parameters: so the planner sees that the feed's own index fits.
        self._is_mine = EventRow.subject.in_([literal_column(f"'{subject}'", Text) for subject in subjects])
        end = select(_place(EventRow)).where(self._is_mine, EventRow.xid < _XMIN)
        self._head = Statement(end.order_by(EventRow.xid.desc(), EventRow.seq.desc()).limit(1))

    async def head(self, connection: Connection) -> str:
        """Where the feed ends now: another text once it goes on."""
        return str(await self._head.value(connection))

    def _next(self, *columns: Any) -> Select[Any]:
        after = tuple_(cast(param("xid", Text), Xid8), param("seq", BigInteger))
        return (
            select(*columns)
            .where(self._is_mine, tuple_(EventRow.xid, EventRow.seq) > after, EventRow.xid < _XMIN)
            .order_by(EventRow.xid, EventRow.seq)
        )

    def statement(self, known: Known, tell: Tell) -> Statement:
        """The statement of one page.

        ``known`` says of an event whether the caller may know of it; ``tell`` selects, from the last event of each subject
        on the page, the JSON text ``body`` of what the caller is told, as of now and in the same snapshot.
        """
        # Limits that the planner sees, so that its plan is one for few rows, whatever the caller's own limit is.
        near = self._next(*(getattr(EventRow, name) for name in _COLUMNS)).limit(_constant(SCAN)).subquery("near")
        most = select(near).where(known(near.c)).order_by(near.c.xid, near.c.seq).limit(_constant(MAX_LIMIT)).subquery("most")
        scanned = select(most).order_by(most.c.xid, most.c.seq).limit(param("limit", Integer)).cte("scanned")
        subject = (scanned.c.subject, scanned.c.subject_id)
        latest = (
            select(scanned).ext(distinct_on(*subject)).order_by(*subject, scanned.c.xid.desc(), scanned.c.seq.desc()).subquery("latest")
        )
        told = tell(latest).add_columns(latest.c.xid, latest.c.seq).subquery("told")
        passed_over = self._next(_place(EventRow)).offset(_constant(SCAN - 1)).limit(_constant(1)).scalar_subquery()
        is_empty = ~select(scanned.c.seq).exists()
        now = select(
            FeedEpoch.epoch,
            cast(func.timezone("UTC", DOMAIN_NOW), Date).label("today"),
            cast(_XMIN, Text).label("floor"),
            cast(func.pg_snapshot_xmax(func.pg_current_snapshot()), Text).label("ceiling"),
            case((is_empty, passed_over)).label("passed_over"),
        ).subquery("now")
        page = select(now, cast(told.c.xid, Text).label("xid"), told.c.seq, told.c.body)
        return Statement(page.select_from(now.outerjoin(told, true())).order_by(told.c.xid, told.c.seq))

    async def page(
        self, connection: Connection, actor: Actor, statement: Statement, *, cursor: str | None, limit: int, sees: Mapping[str, Any]
    ) -> Changes:
        """What happened after ``cursor`` (None: from the beginning), ``limit`` events at most, as ``sees`` lets ``actor`` see it.

        400 ``invalid-cursor`` for one that is damaged or another caller's; 410 ``cursor-expired`` when it cannot be followed.
        """
        bound, reach = f"{self.name}\n{actor.principal}".encode(), _reach(sees)
        given = _open(cursor, bound) if cursor is not None else None
        xid, seq = (given.xid, given.seq) if given else (0, 0)
        while True:
            rows = await statement.all(connection, xid=str(xid), seq=seq, limit=limit, **sees)
            first, last = rows[0], rows[-1]
            if given is not None and not _holds(given, first, reach):
                raise self._expired(_seal(Cursor(first["epoch"], int(first["floor"]), 0, first["today"], reach), bound))
            if last["body"] is not None:
                xid, seq = int(last["xid"]), last["seq"]
            elif first["passed_over"] is not None:
                xid, seq = map(int, first["passed_over"].split(":"))
                continue
            told = [] if last["body"] is None else rows
            return Changes(json_items(told), _seal(Cursor(first["epoch"], xid, seq, first["today"], reach), bound))

    def _expired(self, as_of: str) -> Problem:
        return Problem(
            "cursor-expired",
            f"A cursor is followed for {KEPT_DAYS} days, while the rights of its caller and the database stay the same. "
            "Keep `as_of`, read the lists that `resync` names, drop what they do not show, and go on with `as_of` as the cursor.",
            extra={"as_of": as_of, "resync": list(self.resync)},
        )


def _constant(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer)


def _place(event: Any) -> ColumnElement[str]:
    return func.concat(cast(event.xid, Text), ":", event.seq)


def _holds(cursor: Cursor, now: asyncpg.Record, reach: str) -> bool:
    """Whether what ``cursor`` was given for still holds; one from the future belongs to a database that was set back."""
    is_fresh = (now["today"] - cursor.day).days <= KEPT_DAYS
    return is_fresh and cursor.epoch == now["epoch"] and cursor.xid <= int(now["ceiling"]) and cursor.reach == reach


def _reach(sees: Mapping[str, Any]) -> str:
    """A short name of what a caller sees: who sees more or less than before must read what that is about anew."""
    plain = {name: sorted(map(str, value)) if isinstance(value, list) else value for name, value in sees.items()}
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def _seal(cursor: Cursor, bound: bytes) -> str:
    """An opaque cursor: the same place gives the same text (so an unchanged page keeps its ETag), and its numbers are hidden.

    They count everything that happens, also what this caller may not know of.
    """
    plain = orjson.dumps([cursor.epoch.hex, cursor.xid, cursor.seq, cursor.day.toordinal(), cursor.reach])
    return (
        base64.urlsafe_b64encode(_cipher(settings.settings().secret_key.get_secret_value()).encrypt(plain, [bound])).rstrip(b"=").decode()
    )


def _open(cursor: str, bound: bytes) -> Cursor:
    cipher = _cipher(settings.settings().secret_key.get_secret_value())
    try:
        plain = cipher.decrypt(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), [bound])
    except (InvalidTag, ValueError) as error:
        raise Problem("invalid-cursor", "The cursor is damaged, or belongs to another feed or caller.") from error
    epoch, xid, seq, day, reach = orjson.loads(plain)
    return Cursor(UUID(epoch), xid, seq, date.fromordinal(day), reach)


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(HKDF(algorithm=SHA256(), length=64, salt=None, info=b"comphub:feed-cursor").derive(secret.encode()))


_HOME = """
    (SELECT system_identifier FROM pg_control_system()) || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || 'feed_epoch'::regclass::oid
"""
"""Where the tables live. A dump that is restored elsewhere, or in the place of what it was taken from, finds another home."""


async def renew_epoch(connection: Connection) -> bool:
    """After a restore: begin a new epoch, and give events whose transaction is still to come here a place that is past.

    Transaction ids belong to one server. After a restore, old events may lie in the future (and would be shown to nobody for
    a long time), and cursors name places that mean something else now: they are answered with 410. Asked by every migration,
    as the owner of the tables; whether there was something to renew.
    """
    async with connection.transaction():
        home = await connection.fetchval(f"SELECT {_HOME}")
        known = await connection.fetchval("SELECT home FROM feed_epoch FOR UPDATE")
        if home == known:
            return False
        await connection.execute("UPDATE event SET xid = pg_current_xact_id() WHERE xid > pg_current_xact_id()")
        await connection.execute("UPDATE feed_epoch SET epoch = gen_random_uuid(), home = $1", home)
    return True
