"""Tables of assignments, requests, links, reviews, decisions, and what is released of them to authors."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Amount, Base, Json, JsonList, Row, Texts
from services.core.reviews.states import REQUEST


class AssignmentRun(Base):
    """One run of the assignment over a call: what went in, how it was solved, what stayed unfilled."""

    __tablename__ = "assignment_run"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    inputs_hash: Mapped[str]
    seed: Mapped[int]
    objective: Mapped[Decimal] = mapped_column(Amount)
    solver: Mapped[str]
    unfilled: Mapped[JsonList]
    run_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)


class ReviewRequest(Row):
    """One person asked to review one practice, and why."""

    __tablename__ = "review_request"
    __table_args__ = (
        CheckConstraint(REQUEST.check_sql(), name="status"),
        UniqueConstraint("practice_id", "round", "person_id"),
        Index("ix_review_request_person", "person_id", postgresql_where=text("status IN ('pending', 'invited', 'accepted')")),
    )

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"))
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment_run.id"))
    round: Mapped[int]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    representative_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("representative.id"))
    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id"))
    status: Mapped[str]
    score: Mapped[Decimal] = mapped_column(Amount)
    parts: Mapped[Json]
    reasons: Mapped[Texts]
    constraints: Mapped[Texts]
    decline_reason: Mapped[str | None]
    answers: Mapped[int] = mapped_column(server_default="0")
    answer_due_at: Mapped[datetime]
    review_due_at: Mapped[datetime]
    time_zone: Mapped[str]
    answered_at: Mapped[datetime | None]


class Alternate(Base):
    """Who would be asked next for a practice, best first; rewritten by each run."""

    __tablename__ = "review_alternate"

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    representative_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("representative.id"), primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment_run.id"))
    rank: Mapped[int]
    score: Mapped[Decimal] = mapped_column(Amount)
    parts: Mapped[Json]
    reasons: Mapped[Texts]
    constraints: Mapped[Texts]


class ReviewLink(Base):
    """The secret of a mailed link, as SHA-256: a capability for one request, minted when the letter is made."""

    __tablename__ = "review_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review_request.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    revoked_at: Mapped[datetime | None]


class ReviewSession(Base):
    """What accepting opens: the right to read and write the review, as SHA-256 of a secret that was shown once."""

    __tablename__ = "review_session"

    session_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review_request.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    expires_at: Mapped[datetime]


class Review(Row):
    """A reviewer's scores and words; final is final."""

    __tablename__ = "review"

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review_request.id"), unique=True)
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), index=True)
    scores: Mapped[JsonList]
    comments_to_author: Mapped[str]
    comments_to_secretariat: Mapped[str]
    recommendation: Mapped[str | None]
    confidence: Mapped[int | None]
    final: Mapped[bool]
    total: Mapped[Decimal | None] = mapped_column(Amount)
    submitted_at: Mapped[datetime | None]


class Decision(Base):
    """What was decided about a practice in one round; seen by its author only once it is released."""

    __tablename__ = "decision"

    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    score: Mapped[Decimal | None] = mapped_column(Amount)
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
    released_at: Mapped[datetime | None]


class ReleasedReview(Base):
    """What an author sees of a review: an id of its own, a label, no identity, and the day of the release."""

    __tablename__ = "released_review"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("practice.id"), index=True)
    round: Mapped[int]
    reviewer_alias: Mapped[str]
    scores: Mapped[JsonList]
    total: Mapped[Decimal] = mapped_column(Amount)
    comments_to_author: Mapped[str]
    recommendation: Mapped[str]
    released_at: Mapped[datetime]
