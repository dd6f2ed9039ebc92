"""Public shapes of jurisdictions."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AnyHttpUrl, Field, StringConstraints, model_validator

from services.core.jurisdictions import rules
from services.core.kit.schema import (
    Code,
    Flag,
    Input,
    Language,
    Line,
    Locale,
    Output,
    Partial,
    Quantity,
    Whole,
    Year,
    absent_when_unknown,
    open_enum,
)

Level = Literal["city", "town", "province", "state", "county", "metropolitan"]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Subdivision = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]


def _zone(value: str) -> str:
    if finding := rules.zone_finding(value):
        raise ValueError(finding)
    return value


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]


class LocationIn(Input):
    """A point in WGS 84, degrees."""

    latitude: Annotated[Quantity, Field(ge=-90, le=90)]
    longitude: Annotated[Quantity, Field(ge=-180, le=180)]


class ContextIn(Input):
    """What makes jurisdictions comparable. Everything may be unknown."""

    gdp_per_capita: Annotated[Quantity, Field(ge=0)] | None = Field(default=None, description="USD per head and year")
    industry_share: Annotated[Quantity, Field(ge=0, le=1)] | None = Field(default=None, description="industry's share of value added")
    emissions_per_capita: Quantity | None = Field(default=None, description="t CO2e per head and year")
    climate_zone: Code | None = Field(default=None, description="Köppen-Geiger class, such as Cfa")
    coastal: Flag | None = None


class ExternalIdIn(Input):
    """An identifier in another registry, such as ``unlocode`` TW KHH."""

    source: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,31}$")]
    value: Line


class JurisdictionFields(Input):
    """What is known of a jurisdiction."""

    name: Line
    names: dict[Locale, Line] = Field(default_factory=dict, max_length=40, description="the name by BCP 47 language tag")
    level: Level
    country: Country = Field(description="ISO 3166-1 alpha-2")
    subdivision: Subdivision | None = Field(default=None, description="ISO 3166-2")
    parent_id: UUID | None = None
    population: Annotated[Whole, Field(ge=0, le=2_000_000_000)] | None = None
    population_year: Year | None = None
    area_km2: Annotated[Quantity, Field(ge=0)] | None = None
    location: LocationIn | None = None
    time_zone: TimeZone | None = Field(default=None, description="IANA time zone")
    languages: list[Language] = Field(default_factory=list, max_length=20)
    website: Annotated[AnyHttpUrl, Field()] | None = None
    context: ContextIn | None = None
    external_ids: list[ExternalIdIn] = Field(default_factory=list, max_length=20)


class JurisdictionCreate(JurisdictionFields):
    """A jurisdiction to create, or its whole new state (PUT)."""

    @model_validator(mode="after")
    def _codes_fit(self) -> Self:
        findings = [rules.country_finding(self.country)]
        if self.subdivision is not None:
            findings.append(rules.subdivision_finding(self.subdivision, self.country))
        findings += [rules.external_id_finding(entry.source, entry.value, self.country) for entry in self.external_ids]
        if len({entry.source for entry in self.external_ids}) < len(self.external_ids):
            findings.append("One registry may name a jurisdiction only once.")
        if wrong := [finding for finding in findings if finding]:
            raise ValueError(" ".join(wrong))
        return self


class JurisdictionPatch(JurisdictionFields, Partial):
    """What should change (RFC 7396): absent members stay, null clears where null is allowed."""


class Location(Output):
    """A point in WGS 84, degrees."""

    latitude: float
    longitude: float


class Context(Output):
    """What makes jurisdictions comparable; null is unknown."""

    gdp_per_capita: float | None
    industry_share: float | None
    emissions_per_capita: float | None
    climate_zone: str | None
    coastal: bool | None


class ExternalId(Output):
    """An identifier in another registry."""

    source: str
    value: str


class Jurisdiction(Output):
    """A city, town, province or subnational state. ``location`` and ``context`` are absent when unknown."""

    id: UUID
    name: str
    names: dict[str, str]
    level: Annotated[str, open_enum(*rules.LEVELS)]
    country: str
    subdivision: str | None
    parent_id: UUID | None
    population: int | None
    population_year: int | None
    area_km2: float | None
    location: Location = absent_when_unknown()
    time_zone: str | None
    languages: list[str]
    website: str | None
    context: Context = absent_when_unknown()
    external_ids: list[ExternalId]
    version: int
    created_at: datetime
    updated_at: datetime


class JurisdictionPage(Output):
    """A page of jurisdictions."""

    items: list[Jurisdiction]
    next_cursor: str | None
