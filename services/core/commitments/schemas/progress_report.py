"""Public shapes of progress reports."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.core.commitments.schemas.given import Boundary, Gases, Scopes
from services.core.commitments.validation import NOTATION_KEYS
from services.core.kit.schema import Code, Day, Flag, Input, Output, Percent, Quantity, ShortText, Tonnes, Whole, Year, open_enum

NotationKey = Literal["NO", "IE", "NE", "C"]


class SectorReportIn(Input):
    """One sector of an inventory: emissions, or a notation key."""

    code: Code
    emissions_t: Tonnes | None = None
    notation_key: NotationKey | None = None


class ProgressReportCreate(Input):
    """The inventory of one year: emissions, or a notation key with its explanation."""

    year: Year
    period_start: Day | None = None
    period_end: Day | None = None
    emissions_t: Tonnes | None = None
    notation_key: NotationKey | None = Field(
        default=None, description="NO not occurring, IE included elsewhere, NE not estimated, C confidential"
    )
    explanation: ShortText | None = None
    population: Annotated[Whole, Field(ge=0, le=2_000_000_000)] | None = None
    method: ShortText | None = None
    verified: Flag | None = None
    boundary: Boundary | None = None
    sectors: list[SectorReportIn] = Field(default_factory=list, max_length=100)
    gases: Gases = Field(default_factory=list, max_length=7)
    scopes: Scopes = Field(default_factory=list, max_length=3)
    denominator: Annotated[Quantity, Field(ge=0)] | None = Field(
        default=None, description="GDP or another denominator of that year, for an intensity that is not per capita"
    )
    includes_grid_generation: Flag | None = Field(
        default=None, description="whether emissions of power plants that feed the grid are in the total (counted twice then)"
    )
    recalculated_base_year_emissions_t: Annotated[Tonnes, Field(ge=0)] | None = Field(
        default=None, description="the base year's emissions by the methods and boundary of this inventory, t CO2e"
    )
    recalculation_reason: ShortText | None = None
    reported_percent_achieved: Percent | None = Field(default=None, description="what the city says itself; shown, never taken over")


class ProgressReportReplace(ProgressReportCreate):
    """A report as it should be: its whole new state. The year stays."""

    reason: ShortText | None = Field(default=None, description="why it is corrected; kept in the history")


class SectorReport(Output):
    """One sector of an inventory: emissions, or a notation key."""

    code: str
    emissions_t: float | None
    notation_key: Annotated[str, open_enum(*NOTATION_KEYS)] | None


class ProgressReport(Output):
    """The inventory of one year."""

    id: UUID
    commitment_id: UUID
    year: int
    period_start: date | None
    period_end: date | None
    emissions_t: float | None
    notation_key: Annotated[str, open_enum(*NOTATION_KEYS)] | None
    explanation: str | None
    population: int | None
    method: str | None
    verified: bool | None
    boundary: str | None
    sectors: list[SectorReport]
    gases: list[str]
    scopes: list[int]
    denominator: float | None
    includes_grid_generation: bool | None
    recalculated_base_year_emissions_t: float | None
    recalculation_reason: str | None
    reported_percent_achieved: float | None
    version: int
    created_at: datetime
    updated_at: datetime


class ProgressReportPage(Output):
    """A page of progress reports."""

    items: list[ProgressReport]
    next_cursor: str | None
