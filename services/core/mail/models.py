"""The table of letters."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Base
from services.core.mail.states import LETTER


class LetterRow(Base):
    """One letter to one person: its bytes are frozen once, and every attempt sends the same."""

    __tablename__ = "letter"
    __table_args__ = (CheckConstraint(LETTER.check_sql("state"), name="state"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    to_addr: Mapped[str]
    envelope_from: Mapped[str]
    subject: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0")
    in_doubt_count: Mapped[int] = mapped_column(server_default="0")
    refused_at: Mapped[datetime | None]
    dot_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    sent_at: Mapped[datetime | None]
