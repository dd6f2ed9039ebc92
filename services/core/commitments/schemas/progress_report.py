"""Public shapes of progress reports."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.core.commitments.schemas.commitment import Boundary
from services.core.commitments.validation import NOTATION_KEYS
from services.core.kit.schema import Code, Day, Flag, Input, Output, Percent, ShortText, Tonnes, Whole, Year, open_enum

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
    reported_percent_achieved: Percent | None = Field(default=None, description="what the city says itself; shown, never taken over")


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
    reported_percent_achieved: float | None
    version: int
    created_at: datetime
    updated_at: datetime


class ProgressReportPage(Output):
    """A page of progress reports."""

    items: list[ProgressReport]
    next_cursor: str | None
