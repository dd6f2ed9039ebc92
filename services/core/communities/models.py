"""Tables of communities, memberships, representatives and agreements."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.communities.rules import ENDED, IN_FORCE, KINDS, MEMBERSHIP, REPRESENTATIVE_ROLES
from services.core.kit.columns import Json, Row, Texts


class Community(Row):
    """A Community of Practice: a cohort with a term, a capacity and themes."""

    __tablename__ = "community"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="term"), CheckConstraint("capacity > 0", name="capacity"))

    name: Mapped[str] = mapped_column(index=True)
    names: Mapped[Json]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    capacity: Mapped[int]
    themes: Mapped[Texts]
    secretariat: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    founding_agreement: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    chair_jurisdiction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jurisdiction.id"))
    """follows from the memberships: who takes or leaves the chair writes it, while the community is locked"""


class Membership(Row):
    """A jurisdiction's standing in one community for one term. Who left or was rejected may express its interest anew."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("uq_membership_living", "community_id", "jurisdiction_id", unique=True, postgresql_where=text(f"status NOT IN {ENDED!r}")),
        CheckConstraint(MEMBERSHIP.check_sql(), name="status"),
        CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name="kind"),
        Index("uq_membership_chair", "community_id", unique=True, postgresql_where=text(f"kind = 'chair' AND status IN {IN_FORCE!r}")),
        Index("ix_membership_renewal_of", "renewal_of", postgresql_where=text("renewal_of IS NOT NULL")),
    )

    community_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("community.id"), index=True)
    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id"), index=True)
    kind: Mapped[str]
    status: Mapped[str]
    expression: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    activated_at: Mapped[datetime | None]
    renewal_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("membership.id"))


class Representative(Row):
    """A person who speaks for a member; may be asked to review."""

    __tablename__ = "representative"
    __table_args__ = (
        CheckConstraint(f"role IN ({', '.join(map(repr, REPRESENTATIVE_ROLES))})", name="role"),
        Index("uq_representative", "membership_id", "person_id", "role", unique=True, postgresql_where=text("deleted_at IS NULL")),
    )

    membership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("membership.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    locale: Mapped[str]
    time_zone: Mapped[str]
    languages: Mapped[Texts]
    themes: Mapped[Texts]
    mandate_ends_on: Mapped[date | None]
    reviewer: Mapped[bool]
    max_load: Mapped[int]
    deleted_at: Mapped[datetime | None]


class Agreement(Row):
    """What a member and the secretariat have signed."""

    __tablename__ = "agreement"

    membership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("membership.id"), unique=True)
    signatories: Mapped[list[Any]] = mapped_column(JSONB(none_as_null=True))
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
