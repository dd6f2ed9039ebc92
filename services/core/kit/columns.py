"""The declarative base, and the columns that every table writes alike."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, MetaData, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.ids import new_id

Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]
Texts = Annotated[list[str], mapped_column(ARRAY(Text))]
Ids = Annotated[list[uuid.UUID], mapped_column(ARRAY(Uuid))]
Amount = Numeric(24, 6)
"""Tonnes, money, shares: exact decimals, shown without trailing zeros."""


class Base(DeclarativeBase):
    """All tables of ComP Hub. Texts are ``text``; closed sets are ``text`` with a CHECK, never a PostgreSQL enum."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012  read off the class by SQLAlchemy


class Row(Base):
    """A row with an id, a version that counts its changes (the ``ETag``), and its times in domain time."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW, onupdate=DOMAIN_NOW)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Every UPDATE names the version that it read: a lost update is an error, not an accident."""
        return {"version_id_col": cls.version}
