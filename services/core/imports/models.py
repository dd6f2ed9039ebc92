"""The memory of imports."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Base


class ImportedTarget(Base):
    """Which commitment a target of a registry's account became, by which row (as a hash) of which year's report.

    ``version`` is the commitment's after that: one with another version was changed here since.
    """

    __tablename__ = "imported_target"

    source: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commitment.id"), index=True, unique=True)
    year_reported: Mapped[int]
    row_hash: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
