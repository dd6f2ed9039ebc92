"""The life of a membership: renewal, expiry, chair and secretariat.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CHAIRS = """
UPDATE community SET chair_jurisdiction_id = membership.jurisdiction_id, version = community.version + 1
FROM membership
WHERE membership.community_id = community.id AND membership.kind = 'chair' AND membership.status IN ('active', 'suspended')
"""
_TERMS = """
INSERT INTO task (id, queue, handler, dedupe_key, payload, due_at)
SELECT gen_random_uuid(), 'memberships', 'memberships.end_term', 'memberships.end_term:' || id,
       jsonb_build_object('id', id, 'ends_on', ends_on), (ends_on + 1)::timestamp AT TIME ZONE 'UTC'
FROM community
ON CONFLICT (dedupe_key) DO NOTHING
"""


def upgrade() -> None:
    """Forward. Communities that stand already learn who chairs them, and get the task that ends their term."""
    op.add_column("community", sa.Column("secretariat", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("community", sa.Column("chair_jurisdiction_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_community_chair_jurisdiction_id"), "community", "jurisdiction", ["chair_jurisdiction_id"], ["id"])
    op.add_column("membership", sa.Column("renewal_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_membership_renewal_of"), "membership", "membership", ["renewal_of"], ["id"])
    op.create_index(
        "ix_membership_renewal_of", "membership", ["renewal_of"], unique=False, postgresql_where=sa.text("renewal_of IS NOT NULL")
    )
    op.execute(_CHAIRS)
    op.execute(_TERMS)


def downgrade() -> None:
    """Back."""
    op.execute("DELETE FROM task WHERE queue = 'memberships'")
    op.drop_index("ix_membership_renewal_of", table_name="membership", postgresql_where=sa.text("renewal_of IS NOT NULL"))
    op.drop_constraint(op.f("fk_membership_renewal_of"), "membership", type_="foreignkey")
    op.drop_column("membership", "renewal_of")
    op.drop_constraint(op.f("fk_community_chair_jurisdiction_id"), "community", type_="foreignkey")
    op.drop_column("community", "chair_jurisdiction_id")
    op.drop_column("community", "secretariat")
