"""Tables of commitments and their progress reports."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from services.core.kit.clock import DOMAIN_NOW
from services.core.kit.columns import Amount, Base, JsonList, Row, Texts


class Commitment(Row):
    """A target with a base, a year and a scope. ``jurisdiction_id`` and the figures are the city's; findings and progress ours.

    ``version`` counts the city's changes, ``assessments`` ours: the ETag holds both.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("visibility IN ('public', 'members', 'private')", name="visibility"),
        CheckConstraint("interim_of <> id", name="interim"),
        Index("ix_commitment_jurisdiction", "jurisdiction_id", "id"),
    )

    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id"))
    title: Mapped[str]
    target_type: Mapped[str]
    base_year: Mapped[int | None]
    base_year_emissions_t: Mapped[Decimal | None] = mapped_column(Amount)
    reduction_percent: Mapped[Decimal | None] = mapped_column(Amount)
    target_year: Mapped[int]
    year_set: Mapped[int | None]
    target_emissions_t: Mapped[Decimal | None] = mapped_column(Amount)
    target_year_emissions_t: Mapped[Decimal | None] = mapped_column(Amount)
    intensity: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    baseline_scenario: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sector: Mapped[str]
    boundary: Mapped[str | None]
    gases: Mapped[Texts]
    scopes: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    conditional_percent: Mapped[Decimal | None] = mapped_column(Amount)
    uses_credits: Mapped[bool | None]
    net_zero: Mapped[bool | None]
    status_in_law: Mapped[str | None]
    interim_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("commitment.id"), index=True)
    measures: Mapped[JsonList]
    base_year_population: Mapped[int | None] = mapped_column(BigInteger)
    projected_population: Mapped[int | None] = mapped_column(BigInteger)
    reported_target_year_emissions_t: Mapped[Decimal | None] = mapped_column(Amount)
    reported_percent_achieved: Mapped[Decimal | None] = mapped_column(Amount)
    attribution: Mapped[str | None]
    """whose data these are, where the publisher asks to be named"""
    findings: Mapped[JsonList]
    assessed_at: Mapped[datetime | None]
    assessments: Mapped[int] = mapped_column(server_default="0")
    rulebook: Mapped[str | None]
    """the version of the rulebook by which it was assessed"""
    promise: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    progress: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    sufficiency: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    weakened_times: Mapped[int] = mapped_column(server_default="0")
    weakened_at: Mapped[datetime | None]
    visibility: Mapped[str]


class ProgressReport(Row):
    """One inventory reported against a commitment: a value, or a notation key with its explanation."""

    __tablename__ = "progress_report"
    __table_args__ = (UniqueConstraint("commitment_id", "year"),)

    commitment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commitment.id"))
    year: Mapped[int]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    emissions_t: Mapped[Decimal | None] = mapped_column(Amount)
    notation_key: Mapped[str | None]
    explanation: Mapped[str | None]
    population: Mapped[int | None]
    method: Mapped[str | None]
    verified: Mapped[bool | None]
    boundary: Mapped[str | None]
    sectors: Mapped[JsonList]
    gases: Mapped[Texts] = mapped_column(server_default="{}")
    scopes: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    denominator: Mapped[Decimal | None] = mapped_column(Amount)
    """GDP or another denominator of that year, for an intensity that is not per capita"""
    includes_grid_generation: Mapped[bool | None]
    recalculated_base_year_emissions_t: Mapped[Decimal | None] = mapped_column(Amount)
    recalculation_reason: Mapped[str | None]
    reported_percent_achieved: Mapped[Decimal | None] = mapped_column(Amount)


class JurisdictionBand(Base):
    """The band of a jurisdiction's whole disclosure, as the worker last computed it."""

    __tablename__ = "jurisdiction_band"

    jurisdiction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jurisdiction.id"), primary_key=True)
    scheme: Mapped[str]
    band: Mapped[str | None]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    assessed_at: Mapped[datetime] = mapped_column(server_default=DOMAIN_NOW)
