"""Jurisdictions are found by any of their names, and marked when their registry no longer lists them.

The search terms of the rows that exist are made by the running code, not by a frozen copy: terms that were written
another way than they are asked for find nothing. Whoever changes how terms are made rebuilds the column in a new migration.

Revision: 0003, after 0002
"""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from services.core.jurisdictions.names import search_vector

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SET = 1000
_READ = (
    sa.text("""
        SELECT j.id, j.name, j.names, (
            SELECT coalesce(jsonb_object_agg(e.source, e.value), '{}') FROM external_id e WHERE e.jurisdiction_id = j.id
        ) AS external_ids
        FROM jurisdiction j WHERE j.id > :after ORDER BY j.id LIMIT :set
    """)
    .bindparams(sa.bindparam("after", type_=sa.Uuid()), sa.bindparam("set", type_=sa.Integer()))
    .columns(
        sa.column("id", sa.Uuid()),
        sa.column("name", sa.Text()),
        sa.column("names", postgresql.JSONB()),
        sa.column("external_ids", postgresql.JSONB()),
    )
)
_WRITE = sa.text("UPDATE jurisdiction SET search = :search WHERE id = :id").bindparams(
    sa.bindparam("search", type_=postgresql.TSVECTOR()), sa.bindparam("id", type_=sa.Uuid())
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "jurisdiction_alias",
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_jurisdiction_alias_jurisdiction_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("jurisdiction_id", "position", name=op.f("pk_jurisdiction_alias")),
    )
    op.add_column("jurisdiction", sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jurisdiction", sa.Column("search", postgresql.TSVECTOR(), server_default="", nullable=False))
    _fill()
    op.create_index(op.f("ix_jurisdiction_search"), "jurisdiction", ["search"], unique=False, postgresql_using="gin")


def _fill() -> None:
    """The terms of the rows that exist, in sets; their versions stay, since what they show stays."""
    connection = op.get_bind()
    after = uuid.UUID(int=0)
    while rows := connection.execute(_READ, {"after": after, "set": _SET}).all():
        found = [{"id": row.id, "search": search_vector((row.name, *row.names.values()), row.external_ids)} for row in rows]
        connection.execute(_WRITE, found)
        after = rows[-1].id


def downgrade() -> None:
    """Back."""
    op.drop_index(op.f("ix_jurisdiction_search"), table_name="jurisdiction", postgresql_using="gin")
    op.drop_column("jurisdiction", "search")
    op.drop_column("jurisdiction", "missing_since")
    op.drop_table("jurisdiction_alias")
