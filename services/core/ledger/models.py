"""Tables of the ledger: events, tasks, jobs, idempotency records, and the offset of domain time."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Interval, LargeBinary, Text, Uuid, func, text
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
        # each change feed reads its own subjects in the order of commits, however much else happens
        Index(
            "ix_event_membership_feed", "xid", "seq", postgresql_where=text("subject IN ('jurisdiction', 'membership', 'representative')")
        ),
        Index("ix_event_subject", "subject_id", "seq"),
        # what a jurisdiction or a community reads of the audit, and what one actor did, in the order of its list
        Index("ix_event_jurisdiction", "jurisdiction_id", "id"),
        Index("ix_event_community", "community_id", "id"),
        Index("ix_event_actor", "actor_id", "id"),
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
    via: Mapped[str | None]
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


class JobRow(Base):
    """Long work that its starter watches. Its parts run one after another, each as a task of its own (``task_key``: the next).

    Jobs of one ``lane`` run one after another. ``outcome`` is what has come of it so far, ``params`` what it was started with.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status"),
        Index("ix_job_lane", "lane", postgresql_where=text("status IN ('queued', 'running')")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    lane: Mapped[str]
    principal: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="queued")
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int]
    task_key: Mapped[str]
    result_url: Mapped[str]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    params: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    outcome: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True), server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobPart(Base):
    """A part of a job: what is to be done (until the job ends), and what came of it. Both are compressed."""

    __tablename__ = "job_part"

    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    results: Mapped[bytes | None] = mapped_column(LargeBinary)


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


class FeedEpoch(Base):
    """The one row that says since when the positions of change feeds mean what they say; see `ledger.feed.renew_epoch`."""

    __tablename__ = "feed_epoch"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    epoch: Mapped[uuid.UUID] = mapped_column(Uuid, server_default=text("gen_random_uuid()"))
    home: Mapped[str]


class Heartbeat(Base):
    """The last sign of life of each worker process, for people and probes."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
