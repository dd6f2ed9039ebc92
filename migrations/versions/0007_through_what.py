"""Events say through what their actor acted; the change feed has an epoch.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HOME = """
    (SELECT system_identifier FROM pg_control_system()) || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || 'feed_epoch'::regclass::oid
"""
"""Where this table lives: a dump that is restored elsewhere, or in its place, finds another home."""


def upgrade() -> None:
    """Forward."""
    op.add_column("event", sa.Column("via", sa.Text(), nullable=True))
    op.create_index(
        "ix_event_membership_feed",
        "event",
        ["xid", "seq"],
        unique=False,
        postgresql_where=sa.text("subject IN ('jurisdiction', 'membership', 'representative')"),
    )
    op.create_index("ix_event_jurisdiction", "event", ["jurisdiction_id", "id"], unique=False)
    op.create_index("ix_event_community", "event", ["community_id", "id"], unique=False)
    op.create_index("ix_event_actor", "event", ["actor_id", "id"], unique=False)
    op.drop_index("ix_event_feed", table_name="event")
    op.create_table(
        "feed_epoch",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("epoch", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.CheckConstraint("singleton", name=op.f("ck_feed_epoch_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_feed_epoch")),
    )
    op.execute(f"INSERT INTO feed_epoch (home) SELECT {HOME}")


def downgrade() -> None:
    """Back."""
    op.drop_table("feed_epoch")
    op.create_index("ix_event_feed", "event", ["xid", "seq"], unique=False)
    op.drop_index("ix_event_actor", table_name="event")
    op.drop_index("ix_event_community", table_name="event")
    op.drop_index("ix_event_jurisdiction", table_name="event")
    op.drop_index("ix_event_membership_feed", table_name="event")
    op.drop_column("event", "via")
