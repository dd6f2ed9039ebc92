"""Tables of calls, practices, their submitted versions and assessments."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Amount, Base, Ids, Json, JsonList, Row, Texts
from services.core.practices.states import CALL, PRACTICE


class Call(Row):
    """An invitation for practices, with its window, its rubric and how its practices are reviewed."""

    __tablename__ = "call"
    __table_args__ = (CheckConstraint(CALL.check_sql(), name="status"),)

    community_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("community.id"), index=True)
    title: Mapped[str]
    status: Mapped[str]
    themes: Mapped[Texts]
    rubric_version: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]
    review_due_at: Mapped[datetime]
    soft_closes_at: Mapped[datetime | None]
    soft_answer_due_at: Mapped[datetime | None]
    soft_review_due_at: Mapped[datetime | None]
    time_zone: Mapped[str]
    reviewers_per_practice: Mapped[int]
    quorum: Mapped[int]
    max_load: Mapped[int]
    max_open_invitations: Mapped[int]
    max_practices_per_jurisdiction: Mapped[int | None]
    blind: Mapped[str]
    assignment: Mapped[str]
    release: Mapped[str]
    thresholds: Mapped[Json]


class Practice(Row):
    """A best practice handed in to a call: the author's working copy and where it stands.

    ``status`` is what the author sees; a decision that is not released yet stands in the reviews room only.
    """

    __tablename__ = "practice"
    __table_args__ = (
        CheckConstraint(PRACTICE.check_sql(), name="status"),
        Index("ix_practice_call_status", "call_id", "status"),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"))
    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id"), index=True)
    status: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    theme: Mapped[str]
    secondary_themes: Mapped[Texts]
    language: Mapped[str]
    translations: Mapped[Json]
    problem: Mapped[str]
    actions: Mapped[str]
    partners: Mapped[JsonList]
    finance: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    indicators: Mapped[JsonList]
    emissions_avoided_t_per_year: Mapped[Decimal | None] = mapped_column(Amount)
    co_benefits: Mapped[Texts]
    sdg_targets: Mapped[Texts]
    obstacles: Mapped[Texts]
    lessons: Mapped[str]
    transfer_conditions: Mapped[str]
    commitment_ids: Mapped[Ids]
    consent_to_publish: Mapped[bool]
    needs_decision: Mapped[bool] = mapped_column(server_default="false")
    submission: Mapped[int] = mapped_column(server_default="0")
    submitted_at: Mapped[datetime | None]


class Evidence(Row):
    """A link or a file behind what a practice says. A file's bytes lie in the storage, under this row's id.

    ``removed_at``: the author took it away after a version that holds it was handed in; with that version it stays.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("kind IN ('link', 'file')", name="kind"),
        CheckConstraint("(kind = 'link') = (url IS NOT NULL) AND (kind = 'file') = (sha256 IS NOT NULL)", name="link_or_file"),
    )

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    url: Mapped[str | None]
    name: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    removed_at: Mapped[datetime | None]


class PracticeVersion(Base):
    """What was handed in the n-th time: frozen for ever."""

    __tablename__ = "practice_version"

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Json]
    is_late: Mapped[bool] = mapped_column(server_default="false")
    submitted_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)


class PracticeSketch(Base):
    """What a version's text in one language is recognised by: the smallest hashes of its shingles, and the keys that find it.

    How both are made: `similarity`.
    """

    __tablename__ = "practice_sketch"
    __table_args__ = (
        ForeignKeyConstraint(["practice_id", "number"], ["practice_version.practice_id", "practice_version.number"]),
        Index("ix_practice_sketch_keys", "keys", postgresql_using="gin"),
    )

    practice_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    keys: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    sketch: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class Assessment(Base):
    """The machine's findings and score of one version under one rubric: written once, never changed.

    ``inputs`` are the circumstances that it was made in; ``job_id`` names the job that made it when that was not the submission.
    """

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("practice_id", "number", "rubric_version"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"))
    number: Mapped[int]
    rubric_version: Mapped[str]
    inputs_hash: Mapped[str]
    findings: Mapped[JsonList]
    band: Mapped[str]
    total: Mapped[Decimal] = mapped_column(Amount)
    criteria: Mapped[JsonList]
    inputs: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    job_id: Mapped[uuid.UUID | None]
    assessed_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
