"""Tables of people, roles, API clients and keys."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.accounts.rules import LINK_PURPOSES, ROLES
from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Base, Ids, Row, Texts


class Person(Row):
    """A human. ``email_key`` is the address in the form that makes two spellings one person."""

    __tablename__ = "person"
    __table_args__ = (Index("uq_person_email_key", "email_key", unique=True, postgresql_where=text("deleted_at IS NULL")),)

    email: Mapped[str]
    email_key: Mapped[str]
    name: Mapped[str]
    locale: Mapped[str]
    time_zone: Mapped[str]
    deleted_at: Mapped[datetime | None]


class RoleGrant(Base):
    """A role that a person holds: everywhere, in one community, or for one jurisdiction.

    The places are tables of higher rooms, so they are named here only: the database sees that they exist.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="role"),
        Index("uq_role_grant", "person_id", "role", "community_id", "jurisdiction_id", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    community_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("community.id"))
    jurisdiction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jurisdiction.id"))


class ApiClient(Row):
    """Another system that calls us. ``jurisdiction_ids`` NULL means all (``*``)."""

    __tablename__ = "api_client"

    client_id: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str]
    scopes: Mapped[Texts]
    jurisdiction_ids: Mapped[Ids | None]
    deleted_at: Mapped[datetime | None]


class ApiKey(Base):
    """One key of a client; two may live at a time, so that a client can rotate."""

    __tablename__ = "api_key"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("api_client.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A link that signs one person in, once. Its secret stands in a letter (or on the terminal) and nowhere else."""

    __tablename__ = "sign_in_link"
    __table_args__ = (CheckConstraint(f"purpose IN ({', '.join(map(repr, LINK_PURPOSES))})", name="purpose"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PersonSession(Base):
    """A person who is signed in, until ``expires_at`` or until it is revoked."""

    __tablename__ = "session"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
