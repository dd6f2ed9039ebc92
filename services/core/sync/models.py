"""The memory of syncs."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Base


class SyncItem(Base):
    """What a source last said of one thing (as a hash), and the versions of what that made (``stamp``).

    Written only when something changed. No foreign keys: a row whose jurisdiction is gone fits nothing, and is written anew.
    """

    __tablename__ = "sync_item"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    item_hash: Mapped[bytes] = mapped_column(LargeBinary)
    jurisdiction_id: Mapped[uuid.UUID]
    membership_id: Mapped[uuid.UUID | None]
    stamp: Mapped[str]
    applied_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)


class PullRow(Base):
    """A registry that we read ourselves: which reading is planned (``turn``), and how far the one under way (``run_id``) has come."""

    __tablename__ = "pull"

    source: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(server_default="0")
    run_id: Mapped[uuid.UUID | None]
    pages: Mapped[int] = mapped_column(server_default="0")
    rows: Mapped[int] = mapped_column(server_default="0")
    next_url: Mapped[str | None]
    etag: Mapped[str | None]
    mapping_hash: Mapped[str | None]
    job_id: Mapped[uuid.UUID | None]
    said: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)


class PullPage(Base):
    """A page of the reading under way, mapped; gone when its rows are a job's."""

    __tablename__ = "pull_page"

    run_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("pull.source", ondelete="CASCADE"), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
