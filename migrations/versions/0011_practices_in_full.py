"""Practices in full: evidence, sketches by which near-duplicates are found, soft deadlines, what an assessment depended on.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SOFT = ("soft_closes_at", "soft_answer_due_at", "soft_review_due_at")
_UNKNOWN_BEFORE = (
    "DELETE FROM assessment WHERE job_id IS NOT NULL",
    "DELETE FROM task WHERE queue = 'rescoring' OR handler IN ('practices.forget_file', 'reviews.follow_extension')",
    "DELETE FROM job WHERE kind = 'rescoring'",
    """
    UPDATE practice SET translations = (SELECT jsonb_object_agg(key, value - 'machine_translated') FROM jsonb_each(translations))
    WHERE jsonb_path_exists(translations, '$.*.machine_translated')
    """,
    """
    UPDATE practice_version SET content = jsonb_set(
        content, '{translations}', (SELECT jsonb_object_agg(key, value - 'machine_translated') FROM jsonb_each(content -> 'translations'))
    ) WHERE jsonb_path_exists(content, '$.translations.*.machine_translated')
    """,
)
"""What the code before cannot do with: scores that would stand for those of the call, work that it has no handler for (a job's parts
go with it), and a member that it refuses in a draft and takes for a text in a version."""


def upgrade() -> None:
    """Forward."""
    for name in _SOFT:
        op.add_column("call", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("call", sa.Column("max_practices_per_jurisdiction", sa.Integer(), nullable=True))
    op.add_column("practice_version", sa.Column("is_late", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("assessment", sa.Column("inputs", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("assessment", sa.Column("job_id", sa.Uuid(), nullable=True))
    op.create_table(
        "evidence",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("kind IN ('link', 'file')", name=op.f("ck_evidence_kind")),
        sa.CheckConstraint(
            "(kind = 'link') = (url IS NOT NULL) AND (kind = 'file') = (sha256 IS NOT NULL)", name=op.f("ck_evidence_link_or_file")
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_evidence_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_practice_id"), "evidence", ["practice_id"])
    op.create_table(
        "practice_sketch",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("sketch", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "number"],
            ["practice_version.practice_id", "practice_version.number"],
            name=op.f("fk_practice_sketch_practice_id"),
        ),
        sa.PrimaryKeyConstraint("practice_id", "number", "locale", name=op.f("pk_practice_sketch")),
    )
    op.create_index("ix_practice_sketch_keys", "practice_sketch", ["keys"], postgresql_using="gin")


def downgrade() -> None:
    """Back, so that the code before can go on. Files stay in the storage."""
    for statement in _UNKNOWN_BEFORE:
        op.execute(statement)
    op.drop_table("practice_sketch")
    op.drop_table("evidence")
    op.drop_column("assessment", "job_id")
    op.drop_column("assessment", "inputs")
    op.drop_column("practice_version", "is_late")
    for name in ("max_practices_per_jurisdiction", *_SOFT):
        op.drop_column("call", name)
