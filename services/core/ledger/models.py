"""Tables of the ledger: events, tasks, idempotency records, and the offset of domain time."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Interval, LargeBinary, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Base


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: the order in which a change feed may be read."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "xid8"


class EventRow(Base):
    """One thing that happened. Append-only: audit, history, change feeds and webhooks are views of this table."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_feed", "xid", "seq"),
        Index("ix_event_subject", "subject_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    id: Mapped[uuid.UUID] = mapped_column(Uuid, unique=True)
    type: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    jurisdiction_id: Mapped[uuid.UUID | None]
    community_id: Mapped[uuid.UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    actor_label: Mapped[str]
    request_id: Mapped[str | None]
    reason: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    occurred_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)


class TaskRow(Base):
    """One piece of work. The payload holds ids only; the lease belongs to whoever holds its token."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'dead', 'cancelled')", name="state"),
        Index("ix_task_due", "queue", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_task_dead", "dead_at", postgresql_where=text("state = 'dead'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    queue: Mapped[str]
    handler: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(Text, unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    jurisdiction_id: Mapped[uuid.UUID | None]
    traceparent: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int] = mapped_column(server_default="8")
    due_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    lease_token: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]


class IdempotencyRow(Base):
    """The stored answer to a request that carried an ``Idempotency-Key``; written with its effect."""

    __tablename__ = "idempotency"

    principal: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class DomainClock(Base):
    """The one row that moves domain time; only the local stack writes it."""

    __tablename__ = "domain_clock"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    offset: Mapped[timedelta] = mapped_column(Interval, server_default=text("interval '0'"))


class Heartbeat(Base):
    """The last sign of life of each worker process, for people and probes."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
