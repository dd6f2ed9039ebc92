"""Commitments in full: what was promised, whether it is enough, whether it was weakened; inventories with their frame.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_AMOUNT = sa.Numeric(24, 6)
_JSON = postgresql.JSONB(none_as_null=True)


def upgrade() -> None:
    """Forward."""
    op.add_column("commitment", sa.Column("base_year_population", sa.BigInteger(), nullable=True))
    op.add_column("commitment", sa.Column("projected_population", sa.BigInteger(), nullable=True))
    op.add_column("commitment", sa.Column("reported_target_year_emissions_t", _AMOUNT, nullable=True))
    op.add_column("commitment", sa.Column("reported_percent_achieved", _AMOUNT, nullable=True))
    op.add_column("commitment", sa.Column("attribution", sa.Text(), nullable=True))
    op.add_column("commitment", sa.Column("rulebook", sa.Text(), nullable=True))
    op.add_column("commitment", sa.Column("promise", _JSON, nullable=True))
    op.add_column("commitment", sa.Column("sufficiency", _JSON, nullable=True))
    op.add_column("commitment", sa.Column("weakened_times", sa.Integer(), server_default="0", nullable=False))
    op.add_column("commitment", sa.Column("weakened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("progress_report", sa.Column("gases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("progress_report", sa.Column("scopes", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False))
    op.add_column("progress_report", sa.Column("denominator", _AMOUNT, nullable=True))
    op.add_column("progress_report", sa.Column("includes_grid_generation", sa.Boolean(), nullable=True))
    op.add_column("progress_report", sa.Column("recalculated_base_year_emissions_t", _AMOUNT, nullable=True))
    op.add_column("progress_report", sa.Column("recalculation_reason", sa.Text(), nullable=True))
    op.create_table(
        "jurisdiction_band",
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("band", sa.Text(), nullable=True),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_jurisdiction_band_jurisdiction_id")),
        sa.PrimaryKeyConstraint("jurisdiction_id", name=op.f("pk_jurisdiction_band")),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("jurisdiction_band")
    for name in (
        "gases",
        "scopes",
        "denominator",
        "includes_grid_generation",
        "recalculated_base_year_emissions_t",
        "recalculation_reason",
    ):
        op.drop_column("progress_report", name)
    for name in (
        "base_year_population", "projected_population", "reported_target_year_emissions_t", "reported_percent_achieved", "attribution", "rulebook", "promise",
        "sufficiency", "weakened_times", "weakened_at",
    ):  # fmt: skip
        op.drop_column("commitment", name)
