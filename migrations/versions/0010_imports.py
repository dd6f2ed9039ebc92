"""What was imported: which row of which edition became which commitment.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "imported_target",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("year_reported", sa.Integer(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_imported_target_commitment_id")),
        sa.PrimaryKeyConstraint("source", "account", "key", name=op.f("pk_imported_target")),
    )
    op.create_index(op.f("ix_imported_target_commitment_id"), "imported_target", ["commitment_id"], unique=True)


def downgrade() -> None:
    """Back."""
    op.execute("DELETE FROM task WHERE queue = 'imports'")
    op.drop_index(op.f("ix_imported_target_commitment_id"), table_name="imported_target")
    op.drop_table("imported_target")
