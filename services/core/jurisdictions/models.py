"""Tables of jurisdictions, their other names, and their identifiers elsewhere."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.core.jurisdictions.rules import LEVELS
from services.core.kit.columns import Amount, Base, Json, Row, Texts


class Jurisdiction(Row):
    """A city, town, province or subnational state."""

    __tablename__ = "jurisdiction"
    __table_args__ = (
        CheckConstraint(f"level IN ({', '.join(map(repr, LEVELS))})", name="level"),
        Index(None, "search", postgresql_using="gin"),
    )

    name: Mapped[str] = mapped_column(index=True)
    names: Mapped[Json]
    level: Mapped[str]
    country: Mapped[str]
    subdivision: Mapped[str | None]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jurisdiction.id"), index=True)
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    area_km2: Mapped[Decimal | None] = mapped_column(Amount)
    latitude: Mapped[Decimal | None] = mapped_column(Amount)
    longitude: Mapped[Decimal | None] = mapped_column(Amount)
    time_zone: Mapped[str | None]
    languages: Mapped[Texts]
    website: Mapped[str | None]
    context: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    missing_since: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)


class Alias(Base):
    """Another name or spelling of a jurisdiction, in the order in which they were given."""

    __tablename__ = "jurisdiction_alias"

    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]


class ExternalId(Base):
    """The name of a jurisdiction in another registry; one registry gives a value to one jurisdiction."""

    __tablename__ = "external_id"
    __table_args__ = (UniqueConstraint("source", "value"),)

    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
