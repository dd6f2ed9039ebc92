"""Public shapes of commitments."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.core.commitments.rules import NEEDS
from services.core.commitments.schemas.computed import Finding, History, Progress, Promise, Sufficiency
from services.core.kit.schema import Output, absent_when_unknown, open_enum


class Intensity(Output):
    """Emissions per person, per unit of GDP, or per another denominator."""

    unit: Annotated[str, open_enum("per_capita", "per_gdp", "other")]
    base_value: float
    projected_denominator: float


class BaselinePoint(Output):
    """One year of business as usual."""

    year: int
    emissions_t: float


class BaselineScenario(Output):
    """Business as usual: what would be emitted without the measures."""

    target_year_emissions_t: float
    series: list[BaselinePoint]


class Indicator(Output):
    """How a measure is followed up."""

    name: str
    value: float | None
    unit: str | None
    as_of: date | None
    source: str | None


class Measure(Output):
    """What is done to keep the commitment."""

    title: str
    theme: str | None
    instrument: str | None
    status: str | None
    indicators: list[Indicator]


class Commitment(Output):
    """A target, and what is computed from it by the worker (``assessed_at`` is null until it has).

    What was promised: ``promise``. Where they stand: ``progress``. Whether it is enough: ``sufficiency``. Whether it was ever
    weakened: ``history``. What the standards say: ``findings``.

    ``version`` counts the jurisdiction's changes, and is what If-Match looks at; the ETag also changes with each assessment.
    """

    id: UUID
    jurisdiction_id: UUID
    title: str
    target_type: Annotated[str, open_enum(*NEEDS)]
    base_year: int | None
    base_year_emissions_t: float | None
    reduction_percent: float | None
    target_year: int
    year_set: int | None
    target_emissions_t: float | None
    target_year_emissions_t: float | None
    sector: str
    boundary: str | None
    gases: list[str]
    scopes: list[int]
    conditional_percent: float | None
    uses_credits: bool | None
    net_zero: bool | None
    status_in_law: str | None
    interim_of: UUID | None
    measures: list[Measure]
    base_year_population: int | None
    projected_population: int | None
    reported_target_year_emissions_t: float | None
    reported_percent_achieved: float | None
    attribution: str | None = Field(description="whom to name beside these figures, where their publisher asks for it")
    findings: list[Finding]
    assessed_at: datetime | None
    rulebook: str | None = Field(description="the version of the rules by which it was assessed")
    promise: Promise
    progress: Progress
    sufficiency: Sufficiency
    history: History
    visibility: Annotated[str, open_enum("public", "members", "private")]
    version: int
    created_at: datetime
    updated_at: datetime
    intensity: Intensity = absent_when_unknown()
    baseline_scenario: BaselineScenario = absent_when_unknown()


class CommitmentPage(Output):
    """A page of commitments."""

    items: list[Commitment]
    next_cursor: str | None
