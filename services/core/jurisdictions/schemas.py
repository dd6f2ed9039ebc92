"""Public shapes of jurisdictions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AnyHttpUrl, Field, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from services.core.accounts.schemas import TimeZone
from services.core.jurisdictions import rules
from services.core.jurisdictions.names import search_query
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
MAX_ALIASES = 40


def _findable(value: str) -> str:
    if search_query(value) is None:
        raise ValueError("must hold a letter or a digit")
    return value


SearchText = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_findable)]
"""What people type to find a jurisdiction."""


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _wrong(code: str, finding: str) -> PydanticCustomError:
    """A finding with a code of its own; its text is no template, whatever braces it quotes."""
    return PydanticCustomError(code, "{finding}", {"finding": finding})


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

    @field_validator("value")
    @classmethod
    def _fits_its_scheme(cls, value: str, info: ValidationInfo) -> str:
        if finding := rules.external_id_finding(info.data.get("source", ""), value):
            raise _wrong("identifier_format", finding)
        return value


class JurisdictionFields(Input):
    """What is known of a jurisdiction."""

    name: Line
    names: dict[Locale, Line] = Field(default_factory=dict, max_length=40, description="the name by BCP 47 language tag")
    aliases: Annotated[list[Line], AfterValidator(_once)] = Field(
        default_factory=list, max_length=MAX_ALIASES, description="other names and spellings by which it is found"
    )
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
    external_ids: list[ExternalIdIn] = Field(default_factory=list, max_length=20, description="at most one of each source")

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, country: str) -> str:
        if finding := rules.country_finding(country):
            raise _wrong("unknown_country", finding)
        return country

    @field_validator("subdivision")
    @classmethod
    def _lies_in_the_country(cls, subdivision: str | None, info: ValidationInfo) -> str | None:
        """Without the country (it is wrong itself, or a patch leaves it as it is) nothing can be said here."""
        country = info.data.get("country")
        if subdivision is not None and country is not None and (finding := rules.subdivision_finding(subdivision, country)):
            raise _wrong("unknown_subdivision", finding)
        return subdivision

    @field_validator("external_ids")
    @classmethod
    def _name_one_place(cls, entries: list[ExternalIdIn], info: ValidationInfo) -> list[ExternalIdIn]:
        country = info.data.get("country")
        seen: set[str] = set()
        wrong: list[InitErrorDetails] = []
        for index, entry in enumerate(entries):
            if entry.source in seen:
                twice = _wrong("source_twice", "One registry names a jurisdiction only once.")
                wrong.append({"type": twice, "loc": (index, "source"), "input": entry.source})
            seen.add(entry.source)
            if country is not None and (finding := rules.elsewhere_finding(entry.source, entry.value, country)):
                wrong.append({"type": _wrong("identifier_elsewhere", finding), "loc": (index, "value"), "input": entry.value})
        if wrong:  # pydantic adds where it stands to each of them
            raise ValidationError.from_exception_data("external_ids", wrong)
        return entries


class JurisdictionCreate(JurisdictionFields):
    """A jurisdiction to create, or its whole new state (PUT)."""


class LocationPatch(LocationIn, Partial):
    """What should change of the place."""


class ContextPatch(ContextIn, Partial):
    """What should change of the context."""


class JurisdictionPatch(JurisdictionFields, Partial):
    """What should change (RFC 7396): absent members stay, null clears where null is allowed, and takes a name away."""

    names: dict[Locale, Line | None] = Field(default_factory=dict, max_length=40)  # type: ignore[assignment]  # null takes one away
    location: LocationPatch | None = None
    context: ContextPatch | None = None


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
    aliases: list[str]
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
    missing_since: datetime | None = Field(description="since when the registry that named it no longer lists it")
    version: int
    created_at: datetime
    updated_at: datetime


class JurisdictionPage(Output):
    """A page of jurisdictions."""

    items: list[Jurisdiction]
    next_cursor: str | None
