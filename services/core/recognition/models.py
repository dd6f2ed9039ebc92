"""The table of recognitions."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.columns import Row
from services.core.recognition.rules import LEVELS, RECOGNITION


class Recognition(Row):
    """What a decided practice earned; ``code`` is what anyone can check."""

    __tablename__ = "recognition"
    __table_args__ = (
        CheckConstraint(RECOGNITION.check_sql(), name="status"),
        CheckConstraint(f"level IN ({', '.join(map(repr, LEVELS))})", name="level"),
    )

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), unique=True)
    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id"), index=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    level: Mapped[str]
    theme: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
