"""The first schema: every table of the house, and domain time.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name."""
        return "xid8"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "domain_clock",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("offset", sa.Interval(), server_default=sa.text("interval '0'"), nullable=False),
        sa.CheckConstraint("singleton", name=op.f("ck_domain_clock_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_domain_clock")),
    )
    op.execute("INSERT INTO domain_clock DEFAULT VALUES")
    op.execute(
        "CREATE FUNCTION domain_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE "
        'AS $$SELECT now() + (SELECT "offset" FROM domain_clock)$$'
    )
    op.create_table(
        "api_client",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("jurisdiction_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_client_client_id")),
    )
    op.create_table(
        "community",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("founding_agreement", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_community_capacity")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_community_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
    )
    op.create_index(op.f("ix_community_name"), "community", ["name"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("data", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
    )
    op.create_index("ix_event_feed", "event", ["xid", "seq"], unique=False)
    op.create_index("ix_event_subject", "event", ["subject_id", "seq"], unique=False)
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", "method", "route", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "jurisdiction",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("area_km2", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("context", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("level IN ('city', 'town', 'province', 'state', 'county', 'metropolitan')", name=op.f("ck_jurisdiction_level")),
        sa.ForeignKeyConstraint(["parent_id"], ["jurisdiction.id"], name=op.f("fk_jurisdiction_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdiction")),
    )
    op.create_index(op.f("ix_jurisdiction_name"), "jurisdiction", ["name"], unique=False)
    op.create_index(op.f("ix_jurisdiction_parent_id"), "jurisdiction", ["parent_id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_addr", sa.Text(), nullable=False),
        sa.Column("envelope_from", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_doubt_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dot_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'transmitting', 'sent', 'in_doubt', 'needs_human', 'cancelled', 'dead')", name=op.f("ck_letter_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_letter_dedupe_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
    )
    op.create_table(
        "person",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index("uq_person_email_key", "person", ["email_key"], unique=True, postgresql_where=sa.text("deleted_at IS NULL"))
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), server_default="8", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'dead', 'cancelled')", name=op.f("ck_task_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_task_dedupe_key")),
    )
    op.create_index("ix_task_dead", "task", ["dead_at"], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index("ix_task_due", "task", ["queue", "due_at"], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_key_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_client_id"), "api_key", ["client_id"], unique=False)
    op.create_table(
        "call",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rubric_version", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("reviewers_per_practice", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("max_load", sa.Integer(), nullable=False),
        sa.Column("max_open_invitations", sa.Integer(), nullable=False),
        sa.Column("blind", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed', 'reviewing', 'decided', 'archived')", name=op.f("ck_call_status")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_call_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index(op.f("ix_call_community_id"), "call", ["community_id"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("base_year", sa.Integer(), nullable=True),
        sa.Column("base_year_emissions_t", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("reduction_percent", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("year_set", sa.Integer(), nullable=True),
        sa.Column("target_emissions_t", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("target_year_emissions_t", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("intensity", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("baseline_scenario", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("boundary", sa.Text(), nullable=True),
        sa.Column("gases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("conditional_percent", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("uses_credits", sa.Boolean(), nullable=True),
        sa.Column("net_zero", sa.Boolean(), nullable=True),
        sa.Column("status_in_law", sa.Text(), nullable=True),
        sa.Column("interim_of", sa.Uuid(), nullable=True),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assessments", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'members', 'private')", name=op.f("ck_commitment_visibility")),
        sa.CheckConstraint("interim_of <> id", name=op.f("ck_commitment_interim")),
        sa.ForeignKeyConstraint(["interim_of"], ["commitment.id"], name=op.f("fk_commitment_interim_of")),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_commitment_jurisdiction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_interim_of"), "commitment", ["interim_of"], unique=False)
    op.create_index("ix_commitment_jurisdiction", "commitment", ["jurisdiction_id", "id"], unique=False)
    op.create_table(
        "external_id",
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_external_id_jurisdiction_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("jurisdiction_id", "source", name=op.f("pk_external_id")),
        sa.UniqueConstraint("source", "value", name=op.f("uq_external_id_source_value")),
    )
    op.create_table(
        "membership",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expression", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("kind IN ('chair', 'member', 'observer')", name=op.f("ck_membership_kind")),
        sa.CheckConstraint(
            "status IN ('draft', 'expressed_interest', 'under_review', 'returned', 'invited', 'agreement_sent', 'signed', 'active', 'suspended', 'rejected', 'withdrawn', 'expired')",
            name=op.f("ck_membership_status"),
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_membership_community_id")),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_membership_jurisdiction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_community_id"), "membership", ["community_id"], unique=False)
    op.create_index(op.f("ix_membership_jurisdiction_id"), "membership", ["jurisdiction_id"], unique=False)
    op.create_index(
        "uq_membership_chair",
        "membership",
        ["community_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'chair' AND status IN ('active', 'suspended')"),
    )
    op.create_index(
        "uq_membership_living",
        "membership",
        ["community_id", "jurisdiction_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('rejected', 'withdrawn', 'expired')"),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "role IN ('admin', 'secretariat', 'chair', 'jurisdiction_admin', 'jurisdiction_member', 'reviewer')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_index(
        "uq_role_grant",
        "role_grant",
        ["person_id", "role", "community_id", "jurisdiction_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "agreement",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("signatories", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_agreement_membership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("membership_id", name=op.f("uq_agreement_membership_id")),
    )
    op.create_table(
        "assignment_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("solver", sa.Text(), nullable=False),
        sa.Column("unfilled", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_assignment_run_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_run")),
    )
    op.create_index(op.f("ix_assignment_run_call_id"), "assignment_run", ["call_id"], unique=False)
    op.create_table(
        "practice",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("secondary_themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("translations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("partners", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("finance", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("indicators", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("emissions_avoided_t_per_year", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("co_benefits", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("sdg_targets", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("obstacles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("lessons", sa.Text(), nullable=False),
        sa.Column("transfer_conditions", sa.Text(), nullable=False),
        sa.Column("commitment_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("consent_to_publish", sa.Boolean(), nullable=False),
        sa.Column("needs_decision", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("submission", sa.Integer(), server_default="0", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'assessed', 'in_review', 'revise', 'recognised', 'commended', 'declined', 'withdrawn')",
            name=op.f("ck_practice_status"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_practice_call_id")),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_practice_jurisdiction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
    )
    op.create_index("ix_practice_call_status", "practice", ["call_id", "status"], unique=False)
    op.create_index(op.f("ix_practice_jurisdiction_id"), "practice", ["jurisdiction_id"], unique=False)
    op.create_table(
        "progress_report",
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("emissions_t", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("notation_key", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("boundary", sa.Text(), nullable=True),
        sa.Column("sectors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reported_percent_achieved", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_progress_report_commitment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_report")),
        sa.UniqueConstraint("commitment_id", "year", name=op.f("uq_progress_report_commitment_id_year")),
    )
    op.create_table(
        "representative",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("mandate_ends_on", sa.Date(), nullable=True),
        sa.Column("reviewer", sa.Boolean(), nullable=False),
        sa.Column("max_load", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("role IN ('political', 'technical', 'communications')", name=op.f("ck_representative_role")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_representative_membership_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_representative_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative")),
    )
    op.create_index(op.f("ix_representative_membership_id"), "representative", ["membership_id"], unique=False)
    op.create_index(op.f("ix_representative_person_id"), "representative", ["person_id"], unique=False)
    op.create_index(
        "uq_representative",
        "representative",
        ["membership_id", "person_id", "role"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rubric_version", sa.Text(), nullable=False),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("criteria", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_assessment_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("practice_id", "number", "rubric_version", name=op.f("uq_assessment_practice_id_number_rubric_version")),
    )
    op.create_table(
        "decision",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_decision_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "round", name=op.f("pk_decision")),
    )
    op.create_table(
        "practice_version",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_practice_version_practice_id")),
        sa.PrimaryKeyConstraint("practice_id", "number", name=op.f("pk_practice_version")),
    )
    op.create_table(
        "recognition",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint("level IN ('recognised', 'commended')", name=op.f("ck_recognition_level")),
        sa.CheckConstraint("status IN ('granted', 'revoked')", name=op.f("ck_recognition_status")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_recognition_call_id")),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_recognition_jurisdiction_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_recognition_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition")),
        sa.UniqueConstraint("code", name=op.f("uq_recognition_code")),
        sa.UniqueConstraint("practice_id", name=op.f("uq_recognition_practice_id")),
    )
    op.create_index(op.f("ix_recognition_call_id"), "recognition", ["call_id"], unique=False)
    op.create_index(op.f("ix_recognition_jurisdiction_id"), "recognition", ["jurisdiction_id"], unique=False)
    op.create_table(
        "released_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reviewer_alias", sa.Text(), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("comments_to_author", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_released_review_practice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_review")),
    )
    op.create_index(op.f("ix_released_review_practice_id"), "released_review", ["practice_id"], unique=False)
    op.create_table(
        "review_alternate",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("representative_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("constraints", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_review_alternate_practice_id")),
        sa.ForeignKeyConstraint(["representative_id"], ["representative.id"], name=op.f("fk_review_alternate_representative_id")),
        sa.ForeignKeyConstraint(["run_id"], ["assignment_run.id"], name=op.f("fk_review_alternate_run_id")),
        sa.PrimaryKeyConstraint("practice_id", "representative_id", name=op.f("pk_review_alternate")),
    )
    op.create_table(
        "review_request",
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("representative_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("constraints", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'invited', 'accepted', 'submitted', 'declined', 'replaced', 'expired', 'cancelled')",
            name=op.f("ck_review_request_status"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_review_request_call_id")),
        sa.ForeignKeyConstraint(["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_review_request_jurisdiction_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_request_person_id")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_review_request_practice_id")),
        sa.ForeignKeyConstraint(["representative_id"], ["representative.id"], name=op.f("fk_review_request_representative_id")),
        sa.ForeignKeyConstraint(["run_id"], ["assignment_run.id"], name=op.f("fk_review_request_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_request")),
        sa.UniqueConstraint("practice_id", "round", "person_id", name=op.f("uq_review_request_practice_id_round_person_id")),
    )
    op.create_index(op.f("ix_review_request_call_id"), "review_request", ["call_id"], unique=False)
    op.create_index(
        "ix_review_request_person",
        "review_request",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'invited', 'accepted')"),
    )
    op.create_table(
        "review",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("comments_to_author", sa.Text(), nullable=False),
        sa.Column("comments_to_secretariat", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_review_practice_id")),
        sa.ForeignKeyConstraint(["request_id"], ["review_request.id"], name=op.f("fk_review_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("request_id", name=op.f("uq_review_request_id")),
    )
    op.create_index(op.f("ix_review_practice_id"), "review", ["practice_id"], unique=False)
    op.create_table(
        "review_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["review_request.id"], name=op.f("fk_review_link_request_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_review_link")),
    )
    op.create_index(op.f("ix_review_link_request_id"), "review_link", ["request_id"], unique=False)
    op.create_table(
        "review_session",
        sa.Column("session_hash", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("domain_now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["review_request.id"], name=op.f("fk_review_session_request_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_review_session")),
    )
    op.create_index(op.f("ix_review_session_request_id"), "review_session", ["request_id"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_index(op.f("ix_review_session_request_id"), table_name="review_session")
    op.drop_table("review_session")
    op.drop_index(op.f("ix_review_link_request_id"), table_name="review_link")
    op.drop_table("review_link")
    op.drop_index(op.f("ix_review_practice_id"), table_name="review")
    op.drop_table("review")
    op.drop_index(
        "ix_review_request_person", table_name="review_request", postgresql_where=sa.text("status IN ('pending', 'invited', 'accepted')")
    )
    op.drop_index(op.f("ix_review_request_call_id"), table_name="review_request")
    op.drop_table("review_request")
    op.drop_table("review_alternate")
    op.drop_index(op.f("ix_released_review_practice_id"), table_name="released_review")
    op.drop_table("released_review")
    op.drop_index(op.f("ix_recognition_jurisdiction_id"), table_name="recognition")
    op.drop_index(op.f("ix_recognition_call_id"), table_name="recognition")
    op.drop_table("recognition")
    op.drop_table("practice_version")
    op.drop_table("decision")
    op.drop_table("assessment")
    op.drop_index("uq_representative", table_name="representative", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_index(op.f("ix_representative_person_id"), table_name="representative")
    op.drop_index(op.f("ix_representative_membership_id"), table_name="representative")
    op.drop_table("representative")
    op.drop_table("progress_report")
    op.drop_index(op.f("ix_practice_jurisdiction_id"), table_name="practice")
    op.drop_index("ix_practice_call_status", table_name="practice")
    op.drop_table("practice")
    op.drop_index(op.f("ix_assignment_run_call_id"), table_name="assignment_run")
    op.drop_table("assignment_run")
    op.drop_table("agreement")
    op.drop_index("uq_role_grant", table_name="role_grant", postgresql_nulls_not_distinct=True)
    op.drop_index(op.f("ix_role_grant_person_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(
        "uq_membership_living", table_name="membership", postgresql_where=sa.text("status NOT IN ('rejected', 'withdrawn', 'expired')")
    )
    op.drop_index(
        "uq_membership_chair", table_name="membership", postgresql_where=sa.text("kind = 'chair' AND status IN ('active', 'suspended')")
    )
    op.drop_index(op.f("ix_membership_jurisdiction_id"), table_name="membership")
    op.drop_index(op.f("ix_membership_community_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("external_id")
    op.drop_index("ix_commitment_jurisdiction", table_name="commitment")
    op.drop_index(op.f("ix_commitment_interim_of"), table_name="commitment")
    op.drop_table("commitment")
    op.drop_index(op.f("ix_call_community_id"), table_name="call")
    op.drop_table("call")
    op.drop_index(op.f("ix_api_key_client_id"), table_name="api_key")
    op.drop_table("api_key")
    op.drop_index("ix_task_due", table_name="task", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_task_dead", table_name="task", postgresql_where=sa.text("state = 'dead'"))
    op.drop_table("task")
    op.drop_index("uq_person_email_key", table_name="person", postgresql_where=sa.text("deleted_at IS NULL"))
    op.drop_table("person")
    op.drop_table("letter")
    op.drop_index(op.f("ix_jurisdiction_parent_id"), table_name="jurisdiction")
    op.drop_index(op.f("ix_jurisdiction_name"), table_name="jurisdiction")
    op.drop_table("jurisdiction")
    op.drop_index(op.f("ix_idempotency_created_at"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("heartbeat")
    op.drop_index("ix_event_subject", table_name="event")
    op.drop_index("ix_event_feed", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_community_name"), table_name="community")
    op.drop_table("community")
    op.drop_table("api_client")
    op.execute("DROP FUNCTION domain_now()")
    op.drop_table("domain_clock")
